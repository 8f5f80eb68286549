#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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

    /// Of a frame whose values bring their variances along.
    public static func measured(weight: Double) -> Frame {
      Frame(weight: weight, noise: MasterCombination.Noise(constant: 1, linear: 0))
    }
  }

  let rule: StackRule
  let clip: StackClip
  let network: SortingNetwork?
  let errors: MedianErrors
  /// Relative to the heaviest, so that sums of them stay within single precision; 1 where they do not count.
  let weights: [Double]
  /// Of each frame; empty where not all are known.
  let noise: [MasterCombination.Noise]

  /// From this many values on sorting a column at a time, which takes time in proportion to them, is quicker than a
  /// network over all columns of a tile.
  static let mostForNetwork = 160

  /// - Precondition: every frame has its noise where the rule is `noise`.
  public init(_ rule: StackRule, frames: [Frame]) {
    precondition(!frames.isEmpty && frames.allSatisfy { $0.weight > 0 }, "a stack has frames of positive weight")
    self.rule = rule
    clip = StackClip(rule: rule)
    network = frames.count <= Self.mostForNetwork ? SortingNetwork(count: frames.count) : nil
    errors = MedianErrors(frames: rule.combination == .median ? frames.count : 0)
    let heaviest = frames.reduce(0) { max($0, $1.weight) }
    weights = frames.map { rule.combination == .weighted ? $0.weight / heaviest : 1 }
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
  ///   - variances: in the layout of `band`, of each value in units of that which the noise of its frame says: the sum
  ///     of the squared weights of a resampled pixel, or the variance itself where that noise is 1. Nil for 1.
  public func combine(
    _ band: CombinationBand, variances: CombinationBand? = nil, rows: Range<Int>, bandFirst: Int, bandRows: Int,
    into planes: StackPlanes
  ) {
    let width = planes.width
    precondition(band.frames == weights.count && bandRows * width <= band.pixels, "the band is that of the frames")
    precondition(rows.lowerBound >= bandFirst && rows.upperBound <= bandFirst + bandRows, "rows outside the band")
    let wanted = ((rows.lowerBound - bandFirst) * width)..<((rows.upperBound - bandFirst) * width)
    let work = StackBand(values: band, variances: variances, width: width, rows: bandRows, first: bandFirst * width)
    if rule.rejection == .noise {
      combineByNoise(work, wanted, planes)
    } else if rule.rejection == .none, rule.combination != .median, !noise.isEmpty {
      glance(at: work, wanted, planes) { _ in }
    } else {
      combineSorted(work, wanted, planes)
    }
  }

  /// Rules that look at the values in their order.
  private func combineSorted(_ band: StackBand, _ wanted: Range<Int>, _ planes: StackPlanes) {
    let tile = CombinationBand.tile
    let count = weights.count
    var buckets = BucketSort()
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * (tile + 2)) { memory in
      memory.initialize(repeating: .nan)
      let sorted = memory.baseAddress!
      let column = UnsafeMutableBufferPointer(start: sorted + count * tile, count: count)
      let gathered = UnsafeMutableBufferPointer(start: sorted + count * (tile + 1), count: count)
      for index in band.tiles(of: wanted) {
        let values = band.values.values(tile: index)
        if rule.sorts, let network {
          for i in 0..<(count * tile) { sorted[i] = values[i].isNaN ? .infinity : values[i] }
          network.sort(sorted, width: tile)
        }
        for lane in band.lanes(of: index, in: wanted) {
          let pixel = band.pixel(index * tile + lane)
          var given = 0
          if rule.sorts, network != nil {
            given = count
            while given > 0 && sorted[(given - 1) * tile + lane] == .infinity { given -= 1 }
            for k in 0..<given { column[k] = sorted[k * tile + lane] }
          } else if rule.sorts {
            given = pixel.gather(into: gathered)
            buckets(gathered, count: given, into: column)
          } else {
            given = pixel.gather(into: column)
          }
          guard given > 0 else { continue }
          let values = SortedReals(base: UnsafePointer(column.baseAddress!))
          let kept = clip(values, count: given)
          let centre = rule.combination == .median ? kept.origin + StackClip.median(values, kept) : kept.mean
          let isAll = kept.count == given
          let result = finished(
            pixel, kept, centre, from: isAll ? -.infinity : column[kept.low],
            to: isAll ? .infinity : column[kept.high - 1])
          planes.write(result.value, result.variance, given: given, kept: kept.count, at: band.first + pixel.place)
        }
      }
    }
  }

  struct Result {
    var value: Float
    var variance: Float
  }

  /// - Parameters:
  ///   - centre: median or plain mean of the values kept.
  ///   - lower, upper: the least and the largest of them.
  func finished(
    _ pixel: StackBand.Pixel, _ kept: KeptValues, _ centre: Double, from lower: Float, to upper: Float,
    only isKept: UnsafeBufferPointer<Bool>? = nil
  ) -> Result {
    let isWeighted = rule.combination == .weighted
    guard isWeighted || !noise.isEmpty else {
      return Result(value: Float(centre), variance: errors.variance(kept))
    }
    var (weight, sum, squares, variance, inverse) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for k in weights.indices {
      let value = pixel.value(k)
      guard value >= lower, value <= upper, isKept?[k] ?? true else { continue }
      let w = weights[k]
      weight += w
      sum += w * (Double(value) - centre)
      squares += w * w
      if !noise.isEmpty {
        let own = pixel.variance(k, of: centre, noise[k])
        variance += w * w * own
        inverse += 1 / own.squareRoot()
      }
    }
    let value = isWeighted ? centre + sum / weight : centre
    let n = Double(kept.count)
    if noise.isEmpty {
      let scatter = n > 1 ? kept.spread / (n * (n - 1)) : .nan
      return Result(value: Float(value), variance: Float(scatter * squares / (weight * weight)))
    }
    // The density of the frames at the median is what counts: frames of different noise enter by the mean of 1/sigma
    // (David & Nagaraja 2003, Order Statistics, 5.5).
    let error =
      rule.combination == .median ? errors.factor(kept.count) * n / (inverse * inverse) : variance / (weight * weight)
    return Result(value: Float(value), variance: Float(error))
  }
}

/// A band of rows while it is combined.
struct StackBand {
  let values: CombinationBand
  let variances: CombinationBand?
  let width: Int
  let rows: Int
  /// Index of its first pixel in the planes.
  let first: Int

  static var tile: Int { CombinationBand.tile }

  func tiles(of pixels: Range<Int>) -> Range<Int> {
    (pixels.lowerBound / Self.tile)..<((pixels.upperBound + Self.tile - 1) / Self.tile)
  }

  func lanes(of index: Int, in pixels: Range<Int>) -> Range<Int> {
    let start = index * Self.tile
    return (max(pixels.lowerBound, start) - start)..<(min(pixels.upperBound, start + Self.tile) - start)
  }

  func pixel(_ place: Int) -> Pixel {
    let (index, lane) = (place / Self.tile, place % Self.tile)
    return Pixel(
      place: place, frames: values.frames, values: values.values(tile: index) + lane,
      variances: variances.map { $0.values(tile: index) + lane })
  }

  /// The values of one pixel in all frames, a tile's width apart.
  struct Pixel {
    let place: Int
    let frames: Int
    private let values: UnsafePointer<Float>
    private let variances: UnsafePointer<Float>?

    init(place: Int, frames: Int, values: UnsafePointer<Float>, variances: UnsafePointer<Float>?) {
      self.place = place
      self.frames = frames
      self.values = values
      self.variances = variances
    }

    @inline(__always)
    func value(_ k: Int) -> Float { values[k * StackBand.tile] }

    @inline(__always)
    func variance(_ k: Int, of value: Double, _ noise: MasterCombination.Noise) -> Double {
      let own = noise.constant + noise.linear * max(value, 0)
      guard let variances else { return own }
      return own * Double(variances[k * StackBand.tile])
    }

    /// Writes the values that there are, in the order of the frames; returns how many.
    func gather(into column: UnsafeMutableBufferPointer<Float>) -> Int {
      var given = 0
      for k in 0..<frames {
        let value = value(k)
        column[given] = value
        given += value.isNaN ? 0 : 1
      }
      return given
    }
  }
}
