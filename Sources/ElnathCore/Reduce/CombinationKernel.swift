/// The arithmetic of a combination for frames whose noise is known: what `MasterCombination` does to one band.
///
/// Every pixel is settled by itself, so the result depends neither on the bands nor on what else is in them.
public struct CombinationKernel: Sendable {
  let rule: MasterCombination
  /// What most pixels hold.
  let typical: Float
  let step: Float
  let terms: [Term]
  /// True where all frames have one noise and one weight.
  let isUniform: Bool
  let network: SortingNetwork
  /// Sums over all frames: of the weights, and of the parts of the variance by their squares.
  let sums: (weight: Float, constant: Float, linear: Float)
  /// The least of any frame.
  let leastWindow: Float
  let leastLinear: Float
  private let efficiency: CombinationEfficiency

  /// What is known of the values of one frame: their variance is constant + linear * value; the window in which they
  /// are kept is that of `window` + linear * value.
  struct Term: Sendable, Equatable {
    var constant: Float
    var linear: Float
    var window: Float
    var weight: Float
  }

  /// - Parameters:
  ///   - weights: of the frames in the mean; nil for equal ones.
  ///   - typical: what most pixels hold, from which the photon noise of those that do not clearly differ is computed: a
  ///     master's own values are so noisy where there is little light that their noise would be too large above it and
  ///     too small below. NaN for no such value.
  ///   - step: of the values of all frames, where they lie on one grid, as whole ADU do; else 0. Only a median keeps it.
  public init(
    _ rule: MasterCombination, noise: [MasterCombination.Noise], weights: [Double]? = nil, typical: Double = .nan,
    step: Double = 0
  ) {
    precondition(!noise.isEmpty && (weights == nil || weights?.count == noise.count), "every frame has its noise")
    // Relative to the heaviest, so that their squares stay within single precision.
    let heaviest = weights?.max() ?? 1
    precondition(heaviest > 0, "weights are positive")
    let terms = noise.enumerated().map { k, noise in
      Term(
        constant: Float(noise.constant), linear: Float(noise.linear), window: Float(noise.constant + noise.spread),
        weight: Float((weights?[k] ?? 1) / heaviest))
    }
    self.init(
      rule, terms: terms, typical: Float(typical), step: Float(step),
      efficiency: CombinationEfficiency(rule, frames: noise.count))
  }

  /// The kernel of `count` frames of one noise, without knowing what its clipping does to the error.
  init(_ rule: MasterCombination, unitNoiseOf count: Int) {
    let term = Term(constant: 1, linear: 0, window: 1, weight: 1)
    self.init(
      rule, terms: Array(repeating: term, count: count), typical: 0, step: 0, efficiency: CombinationEfficiency())
  }

  private init(_ rule: MasterCombination, terms: [Term], typical: Float, step: Float, efficiency: CombinationEfficiency)
  {
    self.rule = rule
    self.typical = typical
    self.step = step
    self.terms = terms
    self.efficiency = efficiency
    isUniform = terms.allSatisfy { $0 == terms[0] }
    network = SortingNetwork(count: terms.count)
    sums = terms.reduce(into: (0, 0, 0)) { sums, term in
      sums.0 += term.weight
      sums.1 += term.weight * term.weight * term.constant
      sums.2 += term.weight * term.weight * term.linear
    }
    leastWindow = terms.reduce(.infinity) { min($0, $1.window) }
    leastLinear = terms.reduce(.infinity) { min($0, $1.linear) }
  }

  /// Combines the first `count` pixels of a band; returns how many values were left out.
  func combine(
    _ band: CombinationBand, count: Int, image: UnsafeMutableBufferPointer<Float>,
    variance: UnsafeMutableBufferPointer<Float>, mask: UnsafeMutableBufferPointer<PixelMask>
  ) -> Int {
    precondition(band.frames == terms.count && count <= band.pixels, "the band is that of the frames")
    precondition(image.count >= count && variance.count >= count && mask.count >= count, "no room for the pixels")
    let output = Output(image: image, variance: variance, mask: mask)
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: CombinationTile.floats(terms.count)) { memory in
      var tile = CombinationTile(memory, frames: terms.count)
      var rejected = 0
      for index in 0..<((count + CombinationBand.tile - 1) / CombinationBand.tile) {
        let first = index * CombinationBand.tile
        let lanes = min(CombinationBand.tile, count - first)
        let values = band.values(tile: index)
        if rule.method == .noise {
          // What could only be settled by sorting is collected, so that the network always has full rows.
          rejected += quick(values, lanes: lanes, from: first, tile: &tile, output)
        } else {
          for lane in 0..<lanes { tile.places[lane] = Int32(first + lane) }
          rejected += settle(values, lanes: lanes, tile: tile, output)
        }
      }
      return rejected + settlePending(&tile, output)
    }
  }

  struct Output {
    let image: UnsafeMutableBufferPointer<Float>
    let variance: UnsafeMutableBufferPointer<Float>
    let mask: UnsafeMutableBufferPointer<PixelMask>

    @inline(__always)
    func write(_ value: Float, variance sigma2: Float, at place: Int) {
      image[place] = value
      variance[place] = sigma2
      mask[place] = []
    }

    @inline(__always)
    func writeMissing(at place: Int) {
      image[place] = .nan
      variance[place] = .nan
      mask[place] = .noData
    }
  }

  /// By how much the variance of what this method makes of `given` good values exceeds that of the mean of those kept.
  func excess(given: Int) -> Float { efficiency.factor(given: given) }

  /// Variance constant + linear * light of a value. What the light is: the typical value where this one lies within its
  /// noise of it, the value itself far from it, and in between a share that grows with the distance squared.
  @inline(__always)
  func variance(of value: Float, constant: Float, linear: Float) -> Float {
    guard linear > 0 else { return constant }
    let atTypical = constant + linear * max(typical, 0)
    let d = value - typical
    let light = typical + d * (d * d / (d * d + 9 * atTypical))
    return constant + linear * max(typical.isNaN ? value : light, 0)
  }

  /// The same of a row of values, times `excess`.
  func writeVariances(
    of values: UnsafeMutableBufferPointer<Float>, constant: Float, linear: Float, excess: Float,
    into variances: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(values.count == variances.count, "one variance for each value")
    if linear > 0, !typical.isNaN {
      // The case of all masters, without a branch in the loop.
      let typical = typical
      let atTypical = 9 * (constant + linear * max(typical, 0))
      for i in 0..<values.count {
        let d = values[i] - typical
        let light = typical + d * (d * d / (d * d + atTypical))
        variances[i] = excess * (constant + linear * max(light, 0))
      }
    } else {
      for i in 0..<values.count {
        variances[i] = excess * variance(of: values[i], constant: constant, linear: linear)
      }
    }
  }

  /// Settles what waits in `tile`.
  func settlePending(_ tile: inout CombinationTile, _ output: Output) -> Int {
    guard tile.pending > 0 else { return 0 }
    let lanes = tile.pending
    tile.pending = 0
    return settle(UnsafePointer(tile.gathered), lanes: lanes, tile: tile, output)
  }
}

/// Memory for the work on one tile.
struct CombinationTile {
  /// The values in ascending order, frame after frame as rows.
  let sorted: UnsafeMutablePointer<Float>
  /// Pixels that wait to be settled, in the layout of a tile.
  let gathered: UnsafeMutablePointer<Float>
  /// Rows of one number for each lane, in one piece: the compiler sees that they do not overlap.
  let rows: UnsafeMutablePointer<Float>
  /// The same for the first look at a tile, in the course of which others may be settled.
  let quickRows: UnsafeMutablePointer<Float>
  /// Where the pixels of `gathered`, or of the tile that is settled, belong.
  let places: UnsafeMutablePointer<Int32>
  var pending = 0

  static let rowCount = 8

  static func floats(_ frames: Int) -> Int { CombinationBand.tile * (2 * frames + 2 * rowCount + 1) }

  init(_ memory: UnsafeMutableBufferPointer<Float>, frames: Int) {
    let tile = CombinationBand.tile
    let base = memory.baseAddress!
    base.initialize(repeating: 0, count: Self.floats(frames))
    sorted = base
    gathered = base + tile * frames
    rows = base + 2 * tile * frames
    quickRows = rows + tile * Self.rowCount
    let last = UnsafeMutableRawPointer(base + tile * (2 * frames + 2 * Self.rowCount))
    places = last.bindMemory(to: Int32.self, capacity: tile)
  }
}
