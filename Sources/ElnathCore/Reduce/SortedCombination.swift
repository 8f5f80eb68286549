/// Combination of pixels whose values are sorted first: what every method but the mean needs, and the noise clip for
/// the pixels that it cannot settle at a glance.
extension CombinationKernel {
  private static var tile: Int { CombinationBand.tile }

  // Rows of `CombinationTile.rows`.
  private static var median: Int { 0 }
  private static var weight: Int { tile }
  private static var sum: Int { 2 * tile }
  private static var constant: Int { 3 * tile }
  private static var linear: Int { 4 * tile }
  private static var kept: Int { 5 * tile }
  private static var lower: Int { 6 * tile }
  private static var upper: Int { 7 * tile }

  /// Combines `lanes` pixels of a tile into `tile.places`; returns how many values were left out.
  func settle(_ values: UnsafePointer<Float>, lanes: Int, tile: CombinationTile, _ output: Output) -> Int {
    let count = terms.count
    let row = tile.rows
    if rule.method.sorts {
      for i in 0..<(count * Self.tile) { tile.sorted[i] = values[i].isNaN ? .infinity : values[i] }
      network.sort(tile.sorted, width: Self.tile)
    }
    var givenAll = 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { column in
      for lane in 0..<lanes {
        var given = 0
        if rule.method.sorts {
          given = count
          while given > 0 && tile.sorted[(given - 1) * Self.tile + lane] == .infinity { given -= 1 }
          for k in 0..<given { column[k] = tile.sorted[k * Self.tile + lane] }
        } else {
          for k in 0..<count where !values[k * Self.tile + lane].isNaN {
            column[given] = values[k * Self.tile + lane]
            given += 1
          }
        }
        givenAll += given
        // How many there were stands in for how many are kept until those are counted.
        row[Self.kept + lane] = Float(given)
        let bounds = bounds(UnsafeMutableBufferPointer(rebasing: column[..<given]))
        row[Self.median + lane] = bounds.centre
        row[Self.lower + lane] = bounds.lower
        row[Self.upper + lane] = bounds.upper
      }
    }
    if rule.method == .median {
      for lane in 0..<lanes { writeMedian(row, lane, tile, output) }
      return 0
    }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.tile) { given in
      for lane in 0..<lanes { given[lane] = Int32(row[Self.kept + lane]) }
      for i in lanes..<Self.tile { row[i] = 0 }
      keep(values, row)
      for lane in 0..<lanes { write(lane, given: Int(given[lane]), row, tile, output, total: &givenAll) }
    }
    return givenAll
  }

  /// The middle of a column of sorted values (unsorted for the mean), and between what its values are kept.
  private func bounds(
    _ column: UnsafeMutableBufferPointer<Float>
  ) -> (centre: Float, lower: Float, upper: Float) {
    guard !column.isEmpty else { return (.nan, .nan, .nan) }
    switch rule.method {
    case .mean:
      var sum = 0.0
      for value in column { sum += Double(value) }
      return (Float(sum / Double(column.count)), -.infinity, .infinity)
    case .noise, .median:
      return (ValueClip.median(UnsafeBufferPointer(column)), -.infinity, .infinity)
    case .sigma, .winsorised, .mad:
      return ValueClip(rule)(UnsafeBufferPointer(column))
    }
  }

  /// Sums over the values that are kept.
  @inline(never)
  private func keep(_ values: UnsafePointer<Float>, _ row: UnsafeMutablePointer<Float>) {
    let (tile, median, weight, sum) = (Self.tile, Self.median, Self.weight, Self.sum)
    let (constant, linear, kept, lower, upper) = (Self.constant, Self.linear, Self.kept, Self.lower, Self.upper)
    for i in weight..<(6 * tile) { row[i] = 0 }
    let limit2 = rule.method == .noise ? Float(rule.limit * rule.limit) : .infinity
    for (k, term) in terms.enumerated() {
      let frame = values + k * tile
      for i in 0..<tile {
        let value = frame[i]
        let d = value - row[median + i]
        let window = limit2 * (term.window + term.linear * max(row[median + i], 0))
        // Not a number compares false.
        let near: Float = d * d <= window ? 1 : 0
        let inside: Float = value >= row[lower + i] && value <= row[upper + i] ? 1 : 0
        let isKept = near * inside
        let w = isKept * term.weight
        row[weight + i] += w
        row[sum + i] += isKept > 0 ? w * d : 0
        row[constant + i] += w * term.weight * term.constant
        row[linear + i] += w * term.weight * term.linear
        row[kept + i] += isKept
      }
    }
  }

  private func write(
    _ lane: Int, given: Int, _ row: UnsafeMutablePointer<Float>, _ tile: CombinationTile, _ output: Output,
    total rejected: inout Int
  ) {
    let place = Int(tile.places[lane])
    guard given > 0 else {
      output.writeMissing(at: place)
      return
    }
    let kept = row[Self.kept + lane]
    guard kept > 0 else {
      // An even count whose middle values lie too far apart. What should not be there, a cosmic ray or a star, adds
      // light, so the lower one is believed.
      let value = tile.sorted[(given - 1) / 2 * Self.tile + lane]
      output.write(value, variance: variance(of: value), at: place)
      if rule.isUnstable(given: given, kept: 1) { output.mask[place].insert(.bad) }
      rejected -= 1
      return
    }
    let weight = row[Self.weight + lane]
    let mean = row[Self.median + lane] + row[Self.sum + lane] / weight
    let sigma2 = variance(
      of: mean, constant: row[Self.constant + lane] / (weight * weight),
      linear: row[Self.linear + lane] / (weight * weight))
    output.write(mean, variance: excess(given: given) * sigma2, at: place)
    if rule.isUnstable(given: given, kept: Int(kept)) { output.mask[place].insert(.bad) }
    rejected -= Int(kept)
  }

  /// Of one value of a frame as noisy as the noisiest.
  private func variance(of value: Float) -> Float {
    terms.reduce(0) { max($0, variance(of: value, constant: $1.constant, linear: $1.linear)) }
  }

  /// The density of a median's frames at its place is what counts (David & Nagaraja 2003, Order Statistics, 5.5):
  /// frames of different noise enter by the mean of 1/sigma.
  private func writeMedian(
    _ row: UnsafeMutablePointer<Float>, _ lane: Int, _ tile: CombinationTile, _ output: Output
  ) {
    let place = Int(tile.places[lane])
    let given = Int(row[Self.kept + lane])
    guard given > 0 else {
      output.writeMissing(at: place)
      return
    }
    let median = row[Self.median + lane]
    var inverse: Float = 0
    // Of their mean, so that its own noise decides how near to the typical value it is.
    for term in terms {
      let n = Float(given)
      inverse += 1 / (n * variance(of: median, constant: term.constant / n, linear: term.linear / n)).squareRoot()
    }
    let sigma = Float(terms.count) / inverse
    // The median of an odd number of rounded values is their rounded median; of an even number the mean of two.
    let rounding = step * step / (given % 2 == 1 ? 12 : 24)
    output.write(median, variance: excess(given: given) * sigma * sigma / Float(given) + rounding, at: place)
  }
}
