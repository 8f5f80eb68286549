/// Combines the values of each pixel in any number of frames, as real numbers with gaps.
///
/// Every pixel is settled by itself (with its neighbours in the median image where the rule is `noise`), so the result
/// depends neither on the bands nor on what else is in them.
public struct StackKernel: Sendable {
  /// What is known of a frame.
  public struct Frame: Sendable, Equatable {
    /// In the weighted mean; positive.
    public var weight: Double
    /// Variance of a value: constant + linear * value. Nil where the scatter of the values has to tell.
    public var noise: MasterCombination.Noise?

    public init(weight: Double = 1, noise: MasterCombination.Noise? = nil) {
      self.weight = weight
      self.noise = noise
    }
  }

  let rule: StackRule
  private let clip: StackClip
  private let network: SortingNetwork
  private let errors: MedianErrors
  private let weights: [Double]
  /// Of each frame; empty where not all are known.
  private let noise: [MasterCombination.Noise]

  /// - Precondition: every frame has its noise where the rule is `noise`.
  public init(_ rule: StackRule, frames: [Frame]) {
    precondition(!frames.isEmpty && frames.allSatisfy { $0.weight > 0 }, "a stack has frames of positive weight")
    self.rule = rule
    clip = StackClip(rule: rule)
    network = SortingNetwork(count: frames.count)
    errors = MedianErrors(frames: rule.combination == .median ? frames.count : 0)
    weights = frames.map { rule.combination == .weighted ? $0.weight : 1 }
    let known = frames.compactMap(\.noise)
    noise = known.count == frames.count ? known : []
    precondition(rule.rejection != .noise || !noise.isEmpty, "a rule about noise needs the noise of the frames")
  }

  /// Rows that a band needs below and above those that are combined.
  public var margin: Int { rule.rejection == .noise ? 1 : 0 }

  /// Combines whole rows of an image into `planes`.
  ///
  /// - Parameters:
  ///   - bandFirst: the row of the image with which the band begins.
  ///   - bandRows: how many rows it has: `rows` and the margin, as far as the image reaches.
  ///   - dilution: in the layout of `band`, by how much the variance of each value is smaller than its noise says
  ///     (sum of squared weights of a resampled pixel); nil for pixels that are as they were read.
  public func combine(
    _ band: CombinationBand, dilution: CombinationBand? = nil, rows: Range<Int>, bandFirst: Int, bandRows: Int,
    into planes: StackPlanes
  ) {
    let width = planes.width
    precondition(band.frames == weights.count && bandRows * width <= band.pixels, "the band is that of the frames")
    precondition(rows.lowerBound >= bandFirst && rows.upperBound <= bandFirst + bandRows, "rows outside the band")
    let tile = CombinationBand.tile
    let count = weights.count
    let pixels = bandRows * width
    let wanted = ((rows.lowerBound - bandFirst) * width)..<((rows.upperBound - bandFirst) * width)
    let shift = bandFirst * width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * (tile + 1) + pixels) { memory in
      memory.initialize(repeating: .nan)
      let sorted = memory.baseAddress!
      let column = sorted + count * tile
      let medians = column + count
      func forEachPixel(in range: Range<Int>, _ body: (_ place: Int, _ values: PixelValues, _ given: Int) -> Void) {
        for index in (range.lowerBound / tile)..<((range.upperBound + tile - 1) / tile) {
          let values = band.values(tile: index)
          if rule.sorts {
            for i in 0..<(count * tile) { sorted[i] = values[i].isNaN ? .infinity : values[i] }
            network.sort(sorted, width: tile)
          }
          for lane in 0..<tile where range.contains(index * tile + lane) {
            var given = 0
            if rule.sorts {
              given = count
              while given > 0 && sorted[(given - 1) * tile + lane] == .infinity { given -= 1 }
              for k in 0..<given { column[k] = sorted[k * tile + lane] }
            } else {
              for k in 0..<count where !values[k * tile + lane].isNaN {
                column[given] = values[k * tile + lane]
                given += 1
              }
            }
            body(
              index * tile + lane,
              PixelValues(values: values + lane, dilution: dilution.map { $0.values(tile: index) + lane }), given)
          }
        }
      }
      if rule.rejection == .noise {
        forEachPixel(in: 0..<pixels) { place, _, given in
          if given > 0 { medians[place] = Float(Self.median(column, given)) }
        }
      }
      forEachPixel(in: wanted) { place, values, given in
        guard given > 0 else { return }
        let result: Result
        if rule.rejection == .noise {
          let slope = slope(medians, at: place, width: width, rows: bandRows)
          result = judged(values, UnsafeMutableBufferPointer(start: column, count: given), slope: slope)
        } else {
          let sorted = SortedReals(base: column)
          let kept = clip(sorted, count: given)
          let centre = rule.combination == .median ? kept.origin + StackClip.median(sorted, kept) : kept.mean
          let isAll = kept.count == given
          result = finished(
            values, kept, centre, from: isAll ? -.infinity : column[kept.low],
            to: isAll ? .infinity : column[kept.high - 1])
        }
        let target = shift + place
        planes.image[target] = result.value
        planes.variance[target] = result.variance
        planes.coverage[target] = UInt16(clamping: given)
        planes.rejected[target] = UInt16(clamping: given - result.kept)
      }
    }
  }

  /// The values of one pixel in all frames, a tile's width apart.
  private struct PixelValues {
    let values: UnsafePointer<Float>
    let dilution: UnsafePointer<Float>?

    func variance(_ k: Int, of value: Double, _ noise: MasterCombination.Noise) -> Double {
      let own = noise.constant + noise.linear * max(value, 0)
      guard let dilution else { return own }
      return own * Double(dilution[k * CombinationBand.tile])
    }
  }

  private struct Result {
    var value: Float
    var variance: Float
    var kept: Int
  }

  private static func median(_ sorted: UnsafePointer<Float>, _ count: Int) -> Double {
    let middle = count / 2
    if count % 2 == 1 { return Double(sorted[middle]) }
    return (Double(sorted[middle - 1]) + Double(sorted[middle])) / 2
  }

  /// Largest difference to the neighbours that have a value; 0 without any.
  private func slope(_ medians: UnsafePointer<Float>, at place: Int, width: Int, rows: Int) -> Double {
    let (x, y) = (place % width, place / width)
    var largest: Float = 0
    for j in max(0, y - 1)...min(rows - 1, y + 1) {
      for i in max(0, x - 1)...min(width - 1, x + 1) {
        let difference = abs(medians[j * width + i] - medians[place])
        if difference > largest { largest = difference }
      }
    }
    return Double(largest)
  }

  /// By the noise model: each value has its own limits, so those kept are gathered anew, in order.
  private func judged(
    _ values: PixelValues, _ column: UnsafeMutableBufferPointer<Float>, slope: Double
  ) -> Result {
    let given = column.count
    let median = Self.median(UnsafePointer(column.baseAddress!), given)
    let seeing = rule.seeing * slope * rule.seeing * slope
    return withUnsafeTemporaryAllocation(of: Bool.self, capacity: noise.count) { isKept in
      var kept = 0
      for k in noise.indices {
        let d = Double(values.values[k * CombinationBand.tile]) - median
        let limit = d < 0 ? rule.low : rule.high
        let noise = noise[k]
        // Not a number compares false.
        isKept[k] =
          d * d <= limit * limit * (values.variance(k, of: median, noise) + noise.spread + seeing)
        if isKept[k] { kept += 1 }
      }
      if kept == 0 {
        // An even count whose middle values lie too far apart: what should not be there adds light.
        let lower = column[(given - 1) / 2]
        var all = KeptValues(high: 1, origin: Double(lower))
        all.low = 0
        return finished(values, all, Double(lower), from: lower, to: lower)
      }
      if kept < given {
        var place = 0
        for k in noise.indices where isKept[k] {
          column[place] = values.values[k * CombinationBand.tile]
          place += 1
        }
        var ordered = UnsafeMutableBufferPointer(rebasing: column[..<kept])
        ordered.sort()
      }
      let sorted = SortedReals(base: UnsafePointer(column.baseAddress!))
      var sums = KeptValues(high: kept, origin: Double(column[kept / 2]))
      sums.add(sorted, 0..<kept)
      let centre = rule.combination == .median ? sums.origin + StackClip.median(sorted, sums) : sums.mean
      return finished(values, sums, centre, from: -.infinity, to: .infinity, only: UnsafeBufferPointer(isKept))
    }
  }

  /// - Parameters:
  ///   - centre: median or plain mean of the values kept.
  ///   - lower, upper: the least and the largest of them.
  private func finished(
    _ values: PixelValues, _ kept: KeptValues, _ centre: Double, from lower: Float, to upper: Float,
    only isKept: UnsafeBufferPointer<Bool>? = nil
  ) -> Result {
    let isWeighted = rule.combination == .weighted
    guard isWeighted || !noise.isEmpty else {
      return Result(value: Float(centre), variance: errors.variance(kept), kept: kept.count)
    }
    var (weight, sum, squares, variance, inverse) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for k in weights.indices {
      let value = values.values[k * CombinationBand.tile]
      guard value >= lower, value <= upper, isKept?[k] ?? true else { continue }
      let w = weights[k]
      weight += w
      sum += w * (Double(value) - centre)
      squares += w * w
      if !noise.isEmpty {
        let own = values.variance(k, of: centre, noise[k])
        variance += w * w * own
        inverse += 1 / own.squareRoot()
      }
    }
    let value = isWeighted ? centre + sum / weight : centre
    let n = Double(kept.count)
    if noise.isEmpty {
      let scatter = n > 1 ? kept.spread / (n * (n - 1)) : .nan
      return Result(value: Float(value), variance: Float(scatter * squares / (weight * weight)), kept: kept.count)
    }
    // The density of the frames at the median is what counts: frames of different noise enter by the mean of 1/sigma
    // (David & Nagaraja 2003, Order Statistics, 5.5).
    let error =
      rule.combination == .median ? errors.factor(kept.count) * n / (inverse * inverse) : variance / (weight * weight)
    return Result(value: Float(value), variance: Float(error), kept: kept.count)
  }
}
