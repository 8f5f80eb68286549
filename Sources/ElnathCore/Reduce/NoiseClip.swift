/// Clipping by the noise model without sorting: most pixels have no value that could be rejected, and a look at their
/// mean, their largest deviation and how many values lie to either side proves it.
///
/// The median lies within `nearness` of the mean where fewer than half of the values lie beyond that to either side.
/// Then no value within limit * sigma - nearness of the mean can be beyond limit * sigma of the median. Pixels that
/// fail, for there is an outlier or just an unlucky draw, are settled by sorting.
extension CombinationKernel {
  private static var tile: Int { CombinationBand.tile }

  // Rows of `CombinationTile.quickRows`.
  private static var mean: Int { 0 }
  private static var near: Int { tile }
  private static var sum: Int { 2 * tile }
  private static var worst: Int { 3 * tile }
  private static var above: Int { 4 * tile }
  private static var below: Int { 5 * tile }
  /// linear coefficient's factor in the bound on the squared deviation.
  private static var scale: Int { 6 * tile }
  /// 1 for pixels that need no sorting, else 0.
  private static var settled: Int { 7 * tile }

  /// In standard deviations of one value: 4 of the difference between mean and median of normal values, whose variance
  /// is (pi/2 - 1)/N of theirs.
  private static func nearness(_ frames: Int) -> Float { 3 / Float(frames).squareRoot() }

  /// (limit sigma - near)^2 >= shrunk sigma^2 for every sigma not below that of the least noisy frame.
  private var shrunk: Float {
    let (limit, reach) = (Float(rule.limit), Self.nearness(terms.count))
    return reach < limit ? (limit - reach) * (limit - reach) : 0
  }

  /// Writes the pixels of a tile that need no sorting and hands the others on; returns how many values were rejected
  /// among those that were settled meanwhile.
  func quick(
    _ values: UnsafePointer<Float>, lanes: Int, from first: Int, tile: inout CombinationTile, _ output: Output
  ) -> Int {
    let count = terms.count
    let row = tile.quickRows
    Self.average(values, frames: count, row)
    let reach = Self.nearness(count)
    let shrunk = shrunk
    for i in 0..<Self.tile {
      // Of the least noisy frame, so that it holds for all. Never negative, which only `magnitude` tells the compiler:
      // else the loop does not run on vectors.
      let near = reach * (leastWindow + leastLinear * max(row[i], 0)).magnitude.squareRoot()
      row[Self.near + i] = near
      row[Self.scale + i] = shrunk * max(row[i] - near, 0)
    }
    if isUniform {
      Self.look(values, frames: count, row)
    } else {
      look(values, shrunk: shrunk, row)
    }
    let allSettled = settleAtOnce(row, from: first, lanes: lanes, output)
    guard !allSettled else { return 0 }
    var rejected = 0
    for i in 0..<lanes where row[Self.settled + i] == 0 {
      let lane = tile.pending
      for k in 0..<count { tile.gathered[k * Self.tile + lane] = values[k * Self.tile + i] }
      tile.places[lane] = Int32(first + i)
      tile.pending += 1
      if tile.pending == Self.tile { rejected += settlePending(&tile, output) }
    }
    return rejected
  }

  /// Writes the pixels as those are that need no sorting, and which ones are; true where all of them. What it writes for
  /// the others is made good when they are settled.
  private func settleAtOnce(
    _ row: UnsafeMutablePointer<Float>, from first: Int, lanes: Int, _ output: Output
  ) -> Bool {
    let half = Float(terms.count) / 2
    let (scaled, bound) = isUniform ? (terms[0].linear, shrunk * terms[0].window) : (0, 0)
    for i in 0..<Self.tile {
      // Not a number compares false, and so goes the long way.
      let near: Float = row[Self.worst + i] <= bound + scaled * row[Self.scale + i] ? 1 : 0
      let above: Float = row[Self.above + i] < half ? 1 : 0
      let below: Float = row[Self.below + i] < half ? 1 : 0
      row[Self.settled + i] = near * above * below
    }
    // What stands behind the last lane may say so for nothing.
    var missing: UInt32 = 0
    for i in 0..<Self.tile { missing |= row[Self.settled + i].bitPattern ^ Float(1).bitPattern }
    let image = UnsafeMutableBufferPointer(rebasing: output.image[first..<(first + lanes)])
    let variance = UnsafeMutableBufferPointer(rebasing: output.variance[first..<(first + lanes)])
    Self.addMeans(row, weight: sums.weight, to: image)
    let weight2 = sums.weight * sums.weight
    writeVariances(
      of: image, constant: sums.constant / weight2, linear: sums.linear / weight2, excess: excess(given: terms.count),
      into: variance)
    UnsafeMutableBufferPointer(rebasing: output.mask[first..<(first + lanes)]).update(repeating: [])
    return missing == 0
  }

  /// The first mean and what the deviations from it add.
  private static func addMeans(
    _ row: UnsafeMutablePointer<Float>, weight: Float, to image: UnsafeMutableBufferPointer<Float>
  ) {
    for i in 0..<image.count { image[i] = row[i] + row[sum + i] / weight }
  }

  /// A first mean of each lane.
  @inline(never)
  private static func average(_ values: UnsafePointer<Float>, frames: Int, _ row: UnsafeMutablePointer<Float>) {
    for i in 0..<tile { row[i] = values[i] }
    var k = 1
    while k + 1 < frames {
      let (a, b) = (values + k * tile, values + (k + 1) * tile)
      for i in 0..<tile { row[i] += a[i] + b[i] }
      k += 2
    }
    if k < frames {
      let a = values + k * tile
      for i in 0..<tile { row[i] += a[i] }
    }
    let inverse = 1 / Float(frames)
    for i in 0..<tile { row[i] *= inverse }
  }

  @inline(never)
  private static func look(_ values: UnsafePointer<Float>, frames: Int, _ row: UnsafeMutablePointer<Float>) {
    for i in (2 * tile)..<(6 * tile) { row[i] = 0 }
    for k in 0..<frames {
      let frame = values + k * tile
      for i in 0..<tile {
        let d = frame[i] - row[i]
        let near = row[near + i]
        row[sum + i] += d
        // Written like this it is one instruction; not a number compares false.
        row[worst + i] = d * d > row[worst + i] ? d * d : row[worst + i]
        row[above + i] += d > near ? 1 : 0
        row[below + i] += d < -near ? 1 : 0
      }
    }
    // The comparison above drops what is not a number; the sum keeps it.
    for i in 0..<tile { row[worst + i] += row[sum + i] - row[sum + i] }
  }

  /// `worst` is how far the squared deviation exceeds what the frame's own noise allows.
  @inline(never)
  private func look(_ values: UnsafePointer<Float>, shrunk: Float, _ row: UnsafeMutablePointer<Float>) {
    let (tile, sum, worst) = (Self.tile, Self.sum, Self.worst)
    let (above, below, near, scale) = (Self.above, Self.below, Self.near, Self.scale)
    for i in 0..<tile {
      row[sum + i] = 0
      row[worst + i] = -.infinity
      row[above + i] = 0
      row[below + i] = 0
    }
    for (k, term) in terms.enumerated() {
      let frame = values + k * tile
      let constant = shrunk * term.window
      for i in 0..<tile {
        let d = frame[i] - row[i]
        let near = row[near + i]
        row[sum + i] += term.weight * d
        let excess = d * d - (constant + term.linear * row[scale + i])
        row[worst + i] = excess > row[worst + i] ? excess : row[worst + i]
        row[above + i] += d > near ? 1 : 0
        row[below + i] += d < -near ? 1 : 0
      }
    }
    for i in 0..<tile { row[worst + i] += row[sum + i] - row[sum + i] }
  }
}
