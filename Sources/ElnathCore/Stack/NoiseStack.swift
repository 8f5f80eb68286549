#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Combination by the noise model. Most pixels hold nothing that could be left out, which shows without sorting: it is
/// enough to know between which bounds their median lies. Only what that cannot settle is looked at closely, and the
/// slope of the median image, for which nine medians are sought, is asked for only where a value lies further out than
/// its own noise allows. So the time grows with the number of frames and no faster.
extension StackKernel {
  func combineByNoise(_ band: StackBand, _ wanted: Range<Int>, _ planes: StackPlanes) {
    let count = weights.count
    // Medians are worked out where they are asked for, and once.
    let all = band.width * band.rows
    withUnsafeTemporaryAllocation(of: Float.self, capacity: all + count) { memory in
      memory.initialize(repeating: .nan)
      var medians = MedianImage(
        band: band, medians: UnsafeMutableBufferPointer(rebasing: memory[..<all]),
        column: UnsafeMutableBufferPointer(rebasing: memory[all...]))
      let settle = { (place: Int) in judge(band.pixel(place), &medians, band, planes) }
      if rule.combination == .median {
        for place in wanted { settle(place) }
      } else {
        glance(at: band, wanted, planes, otherwise: settle)
      }
    }
  }

  /// By the limits of each value.
  private func judge(
    _ pixel: StackBand.Pixel, _ medians: inout MedianImage, _ band: StackBand, _ planes: StackPlanes
  ) {
    let middle = medians[pixel.place]
    guard !middle.isNaN else { return }
    let median = Double(middle)
    let count = noise.count
    // Asked for where it decides.
    var seeing: Double?
    withUnsafeTemporaryAllocation(of: Bool.self, capacity: count) { isKept in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { column in
        var (given, kept) = (0, 0)
        for k in 0..<count {
          let value = pixel.value(k)
          isKept[k] = false
          guard !value.isNaN else { continue }
          given += 1
          let d = Double(value) - median
          let limit = d < 0 ? rule.low : rule.high
          let own = pixel.variance(k, of: median, noise[k]) + noise[k].spread
          isKept[k] = d * d <= limit * limit * own
          if !isKept[k], rule.seeing > 0 {
            let slope = seeing ?? rule.seeing * medians.slope(at: pixel.place)
            seeing = slope
            isKept[k] = d * d <= limit * limit * (own + slope * slope)
          }
          if isKept[k] {
            column[kept] = value
            kept += 1
          }
        }
        if kept == 0 {
          // An even count whose middle values lie too far apart: what should not be there adds light.
          var lower = -Float.infinity
          for k in 0..<count where Double(pixel.value(k)) <= median { lower = max(lower, pixel.value(k)) }
          for k in 0..<count where pixel.value(k) == lower {
            isKept[k] = true
            column[kept] = lower
            kept += 1
          }
        }
        var values = UnsafeMutableBufferPointer(rebasing: column[..<kept])
        // The order of the frames counts for nothing but a median.
        if rule.combination == .median { values.sort() }
        let ordered = SortedReals(base: UnsafePointer(column.baseAddress!))
        var sums = KeptValues(high: kept, origin: Double(column[kept / 2]))
        sums.add(ordered, 0..<kept)
        let centre = rule.combination == .median ? sums.origin + StackClip.median(ordered, sums) : sums.mean
        let result = finished(
          pixel, sums, centre, from: -.infinity, to: .infinity, only: UnsafeBufferPointer(isKept))
        planes.write(result.value, result.variance, given: given, kept: kept, at: band.first + pixel.place)
      }
    }
  }

  // Rows of one number for each lane.
  private static var origin: Int { 0 }
  private static var given: Int { tile }
  private static var sum: Int { 2 * tile }
  private static var weight: Int { 3 * tile }
  private static var weighted: Int { 4 * tile }
  private static var squares: Int { 5 * tile }
  private static var variance: Int { 6 * tile }
  private static var beyond: Int { 7 * tile }
  /// Values below the least that the median may be, and above the largest.
  private static var below: Int { 8 * tile }
  private static var above: Int { 9 * tile }
  private static var tile: Int { CombinationBand.tile }

  /// Means of all values where none can lie beyond the limits; `otherwise` gets the place of any other pixel.
  func glance(at band: StackBand, _ wanted: Range<Int>, _ planes: StackPlanes, otherwise: (Int) -> Void) {
    let tile = Self.tile
    let ones = band.variances == nil ? [Float](repeating: 1, count: tile) : []
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 10 * tile) { memory in
      ones.withUnsafeBufferPointer { ones in
        let row = memory.baseAddress!
        for index in band.tiles(of: wanted) {
          let values = band.values.values(tile: index)
          add(values, row)
          scatter(values, row)
          if let variances = band.variances {
            judge(values, variances.values(tile: index), stride: tile, row)
          } else {
            judge(values, ones.baseAddress!, stride: 0, row)
          }
          for lane in band.lanes(of: index, in: wanted) where row[Self.given + lane] > 0 {
            let place = index * tile + lane
            let outside = max(row[Self.below + lane], row[Self.above + lane])
            guard row[Self.beyond + lane] == 0, 2 * outside < row[Self.given + lane] || rule.rejection == .none else {
              otherwise(place)
              continue
            }
            let given = Int(row[Self.given + lane])
            let weight = Double(row[Self.weight + lane])
            let value = Double(row[Self.origin + lane]) + Double(row[Self.weighted + lane]) / weight
            let variance = Double(row[Self.variance + lane]) / (weight * weight)
            planes.write(Float(value), Float(variance), given: given, kept: given, at: band.first + place)
          }
        }
      }
    }
  }

  /// Counts and sums, of differences to a value of the pixel itself so that a common level costs no digits.
  @inline(never)
  private func add(_ values: UnsafePointer<Float>, _ row: UnsafeMutablePointer<Float>) {
    let tile = Self.tile
    for i in 0..<tile {
      row[i] = values[i] == values[i] ? values[i] : 0
      row[Self.given + i] = 0
      row[Self.sum + i] = 0
      row[Self.weight + i] = 0
      row[Self.weighted + i] = 0
    }
    for k in weights.indices {
      let frame = values + k * tile
      let w = Float(weights[k])
      for i in 0..<tile {
        // A bit mask, since a conditional would not vectorise; not a number is not equal to itself.
        let keep: UInt32 = frame[i] == frame[i] ? ~0 : 0
        let d = Float(bitPattern: (frame[i] - row[i]).bitPattern & keep)
        let own = Float(bitPattern: w.bitPattern & keep)
        row[Self.given + i] += Float(bitPattern: Float(1).bitPattern & keep)
        row[Self.sum + i] += d
        row[Self.weight + i] += own
        row[Self.weighted + i] += own * d
      }
    }
  }

  /// The median of n normal values lies within 1.25 / sqrt n of their mean, in standard deviations and less 1 / sqrt n
  /// that both have in common: 0.75 / sqrt n. Three times that leaves few pixels to be looked at closely.
  private static let reachOfMedian: Float = 2.3

  /// Squares about the mean; what becomes of them is how far from it the median is taken to lie. No median lies further
  /// from the mean than the standard deviation of the values; nearer bounds are checked by counting.
  @inline(never)
  private func scatter(_ values: UnsafePointer<Float>, _ row: UnsafeMutablePointer<Float>) {
    let tile = Self.tile
    for i in 0..<tile {
      row[Self.squares + i] = 0
      row[Self.variance + i] = 0
      row[Self.beyond + i] = 0
      row[Self.below + i] = 0
      row[Self.above + i] = 0
      row[Self.sum + i] /= max(row[Self.given + i], 1)
    }
    guard rule.rejection == .noise else { return }
    for k in weights.indices {
      let frame = values + k * tile
      for i in 0..<tile {
        let keep: UInt32 = frame[i] == frame[i] ? ~0 : 0
        let d = Float(bitPattern: (frame[i] - row[i] - row[Self.sum + i]).bitPattern & keep)
        row[Self.squares + i] += d * d
      }
    }
    // A thousandth more than the bound, for rounding.
    for i in 0..<tile {
      let n = max(row[Self.given + i], 1)
      row[Self.squares + i] =
        1.001 * min(1, Self.reachOfMedian / n.squareRoot()) * (row[Self.squares + i] / n).squareRoot()
    }
  }

  /// Sums the variances, and finds the lanes where a value may lie beyond its limit.
  @inline(never)
  private func judge(
    _ values: UnsafePointer<Float>, _ variances: UnsafePointer<Float>, stride: Int, _ row: UnsafeMutablePointer<Float>
  ) {
    let tile = Self.tile
    let limit = Float(min(rule.low, rule.high))
    let limit2 = rule.rejection == .noise ? 0.999 * limit * limit : .infinity
    for k in weights.indices {
      let frame = values + k * tile
      let thin = variances + k * stride
      let (constant, linear) = (Float(noise[k].constant), Float(noise[k].linear))
      let spread = Float(noise[k].spread)
      let squaredWeight = Float(weights[k] * weights[k])
      for i in 0..<tile {
        let keep: UInt32 = frame[i] == frame[i] ? ~0 : 0
        let mean = row[i] + row[Self.sum + i]
        let deviation = row[Self.squares + i]
        let d = Float(bitPattern: (frame[i] - mean).bitPattern & keep)
        let reach = abs(d) + deviation
        // The light is at least this much, whatever the median.
        let least = (constant + linear * max(mean - deviation, 0)) * thin[i] + spread
        let own = (constant + linear * max(mean, 0)) * thin[i]
        row[Self.variance + i] += Float(bitPattern: (squaredWeight * own).bitPattern & keep)
        let isBeyond: UInt32 = reach * reach > limit2 * least ? ~0 : 0
        row[Self.beyond + i] += Float(bitPattern: Float(1).bitPattern & isBeyond & keep)
        let isBelow: UInt32 = d < -deviation ? ~0 : 0
        let isAbove: UInt32 = d > deviation ? ~0 : 0
        row[Self.below + i] += Float(bitPattern: Float(1).bitPattern & isBelow & keep)
        row[Self.above + i] += Float(bitPattern: Float(1).bitPattern & isAbove & keep)
      }
    }
  }
}

/// The median image of a band, pixel by pixel as it is asked for.
private struct MedianImage {
  let band: StackBand
  /// NaN where nothing was worked out yet.
  let medians: UnsafeMutableBufferPointer<Float>
  let column: UnsafeMutableBufferPointer<Float>

  /// NaN where there is no value.
  subscript(_ place: Int) -> Float {
    mutating get {
      if !medians[place].isNaN { return medians[place] }
      let given = band.pixel(place).gather(into: column)
      if given > 0 { medians[place] = Median.of(column, count: given) }
      return medians[place]
    }
  }

  /// Largest difference to the neighbours that have a value; 0 without any.
  mutating func slope(at place: Int) -> Double {
    let own = self[place]
    let (x, y) = (place % band.width, place / band.width)
    var largest: Float = 0
    for j in max(0, y - 1)...min(band.rows - 1, y + 1) {
      for i in max(0, x - 1)...min(band.width - 1, x + 1) {
        let difference = abs(self[j * band.width + i] - own)
        if difference > largest { largest = difference }
      }
    }
    return Double(largest)
  }
}
