/// Compares the calibration frames of one group: which of them cannot be trusted, how bright each is, how far they
/// differ beyond their noise, and how large that noise is.
///
/// Frames are compared by the medians of some 256 blocks. Bias and dark frames should have one level and one structure;
/// flat frames any level, and one structure in units of it: a twilight that fades from 50,000 to 5,000 ADU is fine.
public struct CalibrationReview: Sendable {
  /// What the frames under review are of.
  public enum Kind: Sendable {
    case bias, dark, flat
  }

  /// What is known before the frames are compared.
  public struct Expectation: Sendable {
    public var kind: Kind
    /// Of one pixel of each output, ADU; NaN where unknown.
    public var readNoise: [Double]
    /// e-/ADU of each output, after they were made equal; NaN where unknown.
    public var gain: [Double]
    /// Raw ADU.
    public var saturation: Double
    /// True where a bias master or the overscan was subtracted.
    public var isZeroLevelKnown: Bool

    public init(kind: Kind, readNoise: [Double], gain: [Double], saturation: Double, isZeroLevelKnown: Bool) {
      self.kind = kind
      self.readNoise = readNoise
      self.gain = gain
      self.saturation = saturation
      self.isZeroLevelKnown = isZeroLevelKnown
    }
  }

  /// Why each frame is left out; nil for those that are used.
  public private(set) var faults: [CalibrationFault?]
  /// Of each frame, ADU above what was subtracted; NaN for a frame without values.
  public private(set) var levels: [Double]
  /// Of each frame, how far the structure departs from that of all: rms of the blocks, ADU for bias and dark frames,
  /// a fraction for flats.
  public private(set) var structures: [Double]
  /// Scatter between the frames used over what read noise and gain say, of each output; NaN for fewer than two frames
  /// or where nothing is known to compare with.
  public private(set) var noiseRatios: [Double]

  private let expectation: Expectation
  private let sampling: CalibrationSampling
  /// Variance of one pixel of each output, where there are pairs to tell: at 0 and per unit of the value.
  private var noise: [(constant: Double, linear: Double)]

  public init(_ samples: [CalibrationSample], at sampling: CalibrationSampling, expecting expectation: Expectation) {
    self.expectation = expectation
    self.sampling = sampling
    faults = samples.map { Self.ownFault($0, expectation) }
    levels = samples.map { Self.median($0.blocks) }
    structures = samples.map { _ in 0 }
    noiseRatios = expectation.gain.map { _ in .nan }
    noise = []
    // Each frame left out makes the others easier to compare.
    for _ in 0..<4 {
      let used = faults.indices.filter { faults[$0] == nil }
      let template = Self.template(used.map { samples[$0].blocks }, relative: isFlat)
      for k in levels.indices { place(samples[k], template, at: k) }
      measureNoise(used.map { samples[$0] }, levels: used.map { levels[$0] })
      let found = outliers(used)
      if found.isEmpty { break }
      for (k, fault) in found { faults[k] = fault }
    }
  }

  public var used: [Int] { faults.indices.filter { faults[$0] == nil } }

  /// What most pixels of the frames used hold; 1 for flats, which are divided by their level.
  public var typicalValue: Double { isFlat ? 1 : Self.median(used.map { levels[$0] }) }

  private var isFlat: Bool { expectation.kind == .flat }

  // MARK: - One frame alone

  private static func ownFault(_ sample: CalibrationSample, _ expectation: Expectation) -> CalibrationFault? {
    guard !sample.rawLevel.isNaN else { return .noValues }
    // Hot pixels saturate in good darks, bright stars in good flats.
    if sample.saturated > 0.02 { return .saturated(sample.saturated, level: sample.rawLevel) }
    // Near the end of the scale the response is no longer straight.
    if expectation.kind == .flat, sample.rawLevel > 0.95 * expectation.saturation {
      return .saturated(sample.saturated, level: sample.rawLevel)
    }
    let level = median(sample.blocks)
    let noise = max(expectation.readNoise.filter { !$0.isNaN }.max() ?? 0, 1)
    if expectation.kind == .flat, level <= 10 * noise { return .empty(level) }
    if expectation.kind == .dark, expectation.isZeroLevelKnown, level < -max(5 * noise, 10) { return .darker(level) }
    return nil
  }

  // MARK: - Level and structure

  /// The structure that the frames have in common; in units of their level for flats.
  private static func template(_ blocks: [[Double]], relative: Bool) -> [Double] {
    guard let count = blocks.first?.count else { return [] }
    let levels = blocks.map { median($0) }
    let common = (0..<count).map { j in
      median(blocks.indices.map { relative ? blocks[$0][j] / levels[$0] : blocks[$0][j] - levels[$0] })
    }
    let middle = median(common)
    return common.map { relative ? $0 / middle : $0 - middle }
  }

  /// The level of a frame is the median of what its blocks have above the common structure: so a pixel population of
  /// two levels, as two outputs have, cannot make it jump.
  private mutating func place(_ sample: CalibrationSample, _ template: [Double], at k: Int) {
    guard template.count == sample.blocks.count else { return }
    let pairs = zip(sample.blocks, template)
    levels[k] = Self.median(isFlat ? pairs.map { $0 / $1 } : pairs.map { $0 - $1 })
    let rest = pairs.map { isFlat ? $0 / ($1 * levels[k]) - 1 : $0 - $1 - levels[k] }.filter { $0.isFinite }
    structures[k] = rest.isEmpty ? .nan : (rest.reduce(0) { $0 + $1 * $1 } / Double(rest.count)).squareRoot()
  }

  private func outliers(_ used: [Int]) -> [(Int, CalibrationFault)] {
    if used.count == 2, !isFlat { return brighterOfTwo(used) }
    guard used.count >= 3 else { return [] }
    let pixel = max(noise.map(\.constant).max() ?? 0, 1).squareRoot()
    let centre = Self.median(used.map { levels[$0] })
    let scatter = RobustScale.sigma(used.map { levels[$0] }, about: centre)
    // A zero level drifts by a few ADU; a dark current doubles with every 6 degrees or so.
    var levelLimit = max(8 * scatter, 2 * pixel, 5)
    if expectation.kind == .dark, expectation.isZeroLevelKnown { levelLimit = max(levelLimit, 0.6 * abs(centre)) }
    let usual = Self.median(used.map { structures[$0] })
    let structureLimit =
      switch expectation.kind {
      case .flat: max(5 * usual, 0.02)
      case .bias: max(5 * usual, pixel)
      case .dark: max(5 * usual, pixel, expectation.isZeroLevelKnown ? 0.3 * abs(centre) : 0)
      }
    var found: [(Int, CalibrationFault)] = []
    for k in used {
      if !isFlat, !(abs(levels[k] - centre) <= levelLimit) {
        found.append((k, .level(levels[k], others: centre)))
      } else if !(structures[k] <= structureLimit) {
        found.append((k, .structure(structures[k], others: usual, relative: isFlat)))
      }
    }
    // The worst first: it may have spoiled the comparison of the others. More than a third are no odd ones out.
    guard found.count > 1, 3 * found.count > used.count else { return found }
    return found.max { badness($0.1) < badness($1.1) }.map { [$0] } ?? []
  }

  private func badness(_ fault: CalibrationFault) -> Double {
    switch fault {
    case .level(let level, let others): abs(level - others) * 1e6
    case .structure(let rms, _, _): rms.isNaN ? .infinity : rms
    default: .infinity
    }
  }

  /// Of two bias or dark frames that cannot both be right, the brighter saw light.
  private func brighterOfTwo(_ used: [Int]) -> [(Int, CalibrationFault)] {
    let (a, b) = (levels[used[0]], levels[used[1]])
    guard abs(a - b) > max(50, abs(min(a, b)) * (expectation.isZeroLevelKnown ? 1 : 0.05)) else { return [] }
    return a > b ? [(used[0], .level(a, others: b))] : [(used[1], .level(b, others: a))]
  }

  // MARK: - Noise

  /// From differences of frames that follow each other, block by block, so that neither a drift nor a gradient counts.
  private mutating func measureNoise(_ samples: [CalibrationSample], levels: [Double]) {
    noise = expectation.gain.indices.map { output in
      let readNoise = expectation.readNoise[output]
      let gain = expectation.gain[output]
      let constant = readNoise > 0 ? readNoise * readNoise : 0
      return (constant: constant, linear: expectation.kind != .bias && gain > 0 ? 1 / gain : 0)
    }
    guard samples.count >= 2 else { return }
    for output in noise.indices {
      let isKnown = noise[output].constant + noise[output].linear > 0
      let model = isKnown ? noise[output] : (constant: 1, linear: 0)
      let blocks = sampling.outputs.indices.filter { sampling.outputs[$0] == output }
      // Of each block alone, and the median of all: stars widen the scatter of the blocks where they are.
      let scatters = blocks.map { block in
        var pulls: [Float] = []
        for k in 0..<min(samples.count - 1, 8) {
          let (a, b) = (samples[k], samples[k + 1])
          let (scaleA, scaleB) = isFlat ? (levels[k], levels[k + 1]) : (1, 1)
          let middle = (a.blocks[block] / scaleA + b.blocks[block] / scaleB) / 2
          let shift = Float(a.blocks[block] / scaleA - b.blocks[block] / scaleB)
          let variance =
            pixelVariance(model, at: middle * scaleA) / (scaleA * scaleA)
            + pixelVariance(model, at: middle * scaleB) / (scaleB * scaleB)
          guard variance > 0 else { continue }
          let (inverse, factorA, factorB) = (Float(1 / variance.squareRoot()), Float(1 / scaleA), Float(1 / scaleB))
          for place in sampling.places(ofBlock: block) {
            pulls.append((a.values[place] * factorA - b.values[place] * factorB - shift) * inverse)
          }
        }
        return SigmaClip()(pulls).normalSigma
      }
      let measured = Self.median(scatters)
      guard measured.isFinite else { continue }
      if isKnown { noiseRatios[output] = measured }
      // What the frames show holds; whole ADU are never known better than by their rounding.
      let ratio2 = measured * measured
      noise[output] = (max(model.constant * ratio2, 1.0 / 12), model.linear * ratio2)
    }
  }

  private func pixelVariance(_ model: (constant: Double, linear: Double), at value: Double) -> Double {
    model.constant + model.linear * max(value, 0)
  }

  /// Of one pixel of one frame, ADU, for each output: the noise without light. NaN where neither pairs nor the
  /// expectation tell.
  public var readNoise: [Double] { noise.map { $0.constant > 0 ? $0.constant.squareRoot() : .nan } }

  /// The noise of the frames used, for pixels of one output: of flats in units of their level.
  public func noise(ofOutput output: Int) -> [MasterCombination.Noise] {
    let mean = used.reduce(0) { $0 + levels[$1] } / Double(max(used.count, 1))
    let model = noise[output]
    return used.map { k in
      if isFlat {
        return MasterCombination.Noise(
          constant: max(model.constant, 1.0 / 12) / (levels[k] * levels[k]), linear: model.linear / levels[k],
          spread: structures[k] * structures[k])
      }
      let shift = levels[k] - mean
      return MasterCombination.Noise(
        constant: max(model.constant, 1.0 / 12), linear: model.linear,
        spread: structures[k] * structures[k] + shift * shift)
    }
  }

  /// Of the frames used, in their mean: flats by the inverse of their variance; nil for equal ones.
  public var weights: [Double]? {
    guard isFlat, let model = noise.first else { return nil }
    return used.map { k in
      let level = levels[k]
      return level * level / max(max(model.constant, 1.0 / 12) + model.linear * level, .leastNormalMagnitude)
    }
  }

  private static func median(_ values: [Double]) -> Double { Median.of(values.filter { $0.isFinite }) }
}
