#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Combination by the noise model. Most pixels hold nothing that could be left out, which shows without sorting: no
/// median lies further from the mean than the standard deviation of the values. Only what that cannot settle is looked
/// at closely, so the time grows with the number of frames and no faster.
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
      let settle = { (place: Int) in
        judge(band.pixel(place), slope: medians.slope(at: place), median: medians[place], band, planes)
      }
      if rule.combination == .median {
        for place in wanted { settle(place) }
      } else {
        glance(at: band, wanted, planes, otherwise: settle)
      }
    }
  }

  /// By the limits of each value. `median` NaN where there is no value.
  private func judge(
    _ pixel: StackBand.Pixel, slope: Double, median: Float, _ band: StackBand, _ planes: StackPlanes
  ) {
    guard !median.isNaN else { return }
    let median = Double(median)
    let seeing = rule.seeing * slope * rule.seeing * slope
    let count = noise.count
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
          isKept[k] =
            d * d <= limit * limit * (pixel.variance(k, of: median, noise[k]) + noise[k].spread + seeing)
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
  private static var tile: Int { CombinationBand.tile }

  /// Means of all values where none can lie beyond the limits; `otherwise` gets the place of any other pixel.
  func glance(at band: StackBand, _ wanted: Range<Int>, _ planes: StackPlanes, otherwise: (Int) -> Void) {
    let tile = Self.tile
    let ones = band.variances == nil ? [Float](repeating: 1, count: tile) : []
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 8 * tile) { memory in
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
            guard row[Self.beyond + lane] == 0 else {
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

  /// Squares about the mean.
  @inline(never)
  private func scatter(_ values: UnsafePointer<Float>, _ row: UnsafeMutablePointer<Float>) {
    let tile = Self.tile
    for i in 0..<tile {
      row[Self.squares + i] = 0
      row[Self.variance + i] = 0
      row[Self.beyond + i] = 0
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
      row[Self.squares + i] = 1.001 * (row[Self.squares + i] / max(row[Self.given + i], 1)).squareRoot()
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
        let reach = abs(Float(bitPattern: (frame[i] - mean).bitPattern & keep)) + deviation
        // The light is at least this much, whatever the median.
        let least = (constant + linear * max(mean - deviation, 0)) * thin[i] + spread
        let own = (constant + linear * max(mean, 0)) * thin[i]
        row[Self.variance + i] += Float(bitPattern: (squaredWeight * own).bitPattern & keep)
        let isBeyond: UInt32 = reach * reach > limit2 * least ? ~0 : 0
        row[Self.beyond + i] += Float(bitPattern: Float(1).bitPattern & isBeyond & keep)
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
