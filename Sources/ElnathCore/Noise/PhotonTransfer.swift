/// Gain and read noise of an amplifier from pairs of flats and pairs of biases (Janesick 2001, Scientific
/// Charge-Coupled Devices, ch. 2), for flats whose levels need not agree.
///
/// F1 and F2 are two flats without bias, with means m1 and m2; q = m1/m2. What the response of the pixels does to F1 - q F2
/// cancels, so that its variance is that of the photons, m1/g + q^2 m2/g (each mean over g, in ADU^2), and of the
/// readouts, (1 + q^2) R^2, with R^2 = var(B1 - B2)/2 of two biases:
///
/// g = (m1 + q^2 m2) / (var(F1 - q F2) - (1 + q^2) var(B1 - B2)/2)
///
/// All of it within boxes, each with its own q, so that neither gradients nor fields or colours that changed between the
/// flats count as noise. The mean of F without bias, taken off both flats, adds (1 - q)^2 R^2/n for n biases, which is
/// counted too. What averages over boxes and pairs is 1/g: its estimate is unbiased in each box, unlike g.
public struct PhotonTransfer: Sendable {
  /// Digitisation step of the pixels, ADU.
  let step: Double
  /// The mean of the biases; nil without any.
  private let zero: (sample: AmplifierSample, frames: Int)?
  /// Variance of one readout in each box, ADU^2.
  private let readVariance: [Double]
  /// R^2 from pairs of biases, ADU^2; unknown for fewer than two.
  let readNoiseSquared: MeasuredValue

  /// - Parameters:
  ///   - biases: of one amplifier. An odd last one only serves the mean.
  ///   - overscanNoise: scatter of the overscan, ADU, for cameras whose biases are fewer than two; NaN where unknown.
  ///   - step: see `DigitisationStep`.
  public init(boxes: SampleBoxes?, biases: [AmplifierSample], overscanNoise: Double = .nan, step: Double) {
    self.step = step
    zero = AmplifierSample.mean(of: biases).map { ($0, biases.count) }
    // Four standard deviations, since little but hits of particles is wrong in a bias, and the few steps over which a
    // low read noise is spread make a narrow window inexact.
    var scatter = BoxScatter(limit: 4, step: step)
    let looks = stride(from: 0, to: biases.count - 1, by: 2).map { k in
      Self.differences(biases[k], biases[k + 1], &scatter).map { $0 / 2 }
    }
    readNoiseSquared = BoxMean.of(looks, weights: looks.map { _ in 1 })
    let common = readNoiseSquared.isKnown ? readNoiseSquared.value : overscanNoise * overscanNoise
    readVariance = (boxes?.boxes ?? []).indices.map { box in
      let known = looks.map { $0[box] }.filter(\.isFinite)
      let mean = known.isEmpty ? .nan : known.reduce(0, +) / Double(known.count)
      // A box with a defect, far off the others, takes the mean of all.
      let value = abs(mean - common) < common ? mean : common
      // A flat is rounded to whole steps however little a bias shows of it.
      return max(value, step * step / 12)
    }
  }

  /// Read noise as two biases show it, rounding to whole ADU included, ADU.
  public var readNoise: MeasuredValue { readNoiseSquared.squareRoot }

  /// A frame without the zero level that the biases tell.
  func withoutZero(_ sample: AmplifierSample) -> AmplifierSample { zero.map { sample.minus($0.sample) } ?? sample }

  /// What one pair of flats tells. Nil where the read noise is unknown or too few pixels are left.
  public func pair(_ first: AmplifierSample, _ second: AmplifierSample) -> PhotonTransferPair? {
    let boxes = first.boxes.boxes
    let (a, b) = (withoutZero(first).values, withoutZero(second).values)
    // Sky flats have stars: a narrower window than that of biases, and around what it leaves out six pixels of the frame,
    // which is how far the wings of a star reach beyond where they stand out.
    var scatter = BoxScatter(limit: 3.5, growth: 3)
    var flats = FlatBox(largest: boxes.map(\.count).max() ?? 0)
    var inverseGain = [Double](repeating: .nan, count: boxes.count)
    var ratios = inverseGain
    var levels = inverseGain
    var shots: [Double] = []
    var precision: [Double] = []
    for (index, box) in boxes.enumerated() {
      guard readVariance[index].isFinite, let seen = flats(a, b, box, &scatter) else { continue }
      let q = seen.ratio
      let fromZero = zero.map { (1 - q) * (1 - q) / Double($0.frames) } ?? 0
      let shot = seen.variance - (1 + q * q + fromZero) * readVariance[index]
      inverseGain[index] = shot / seen.signal
      ratios[index] = q
      levels[index] = seen.signal / (1 + q * q)
      shots.append(shot / (1 + q * q))
      precision.append(Double(seen.kept) / 2 * (seen.signal / seen.variance) * (seen.signal / seen.variance))
    }
    guard shots.count >= 16 else { return nil }
    return PhotonTransferPair(
      inverseGain: inverseGain, level: Median.of(levels), shotVariance: Median.of(shots),
      readVariance: Median.of(readVariance), rawLevel: max(first.rawLevel, second.rawLevel), ratio: Median.of(ratios),
      phaseChange: Self.phaseChange(ratios, boxes), unsplitGain: Self.unsplitGain(inverseGain, ratios, levels),
      precision: Median.of(precision) * Double(precision.count))
  }

  /// Variance of the difference of two frames of one level in each box; NaN where it cannot be told.
  private static func differences(
    _ a: AmplifierSample, _ b: AmplifierSample, _ scatter: inout BoxScatter
  ) -> [Double] {
    a.boxes.boxes.map { box in
      var difference = box.range.map { a.values[$0] - b.values[$0] }
      return difference.withUnsafeMutableBufferPointer { scatter($0, columns: box.columns)?.variance } ?? .nan
    }
  }

  /// The gain that windows would tell whose four phases share one q: what then counts as noise is the mean square of
  /// (q - mean q) m2.
  private static func unsplitGain(_ inverseGain: [Double], _ ratios: [Double], _ levels: [Double]) -> Double {
    let windows = stride(from: 0, to: ratios.count, by: 4).map { first -> Double in
      let phases = first..<(first + 4)
      let q = phases.reduce(0) { $0 + ratios[$1] } / 4
      let spread = phases.reduce(0) { $0 + (ratios[$1] - q) * (ratios[$1] - q) } / 4
      // Of the level L = (m1 + q^2 m2)/(1 + q^2), with m1 = q m2, m2 is L (1 + q^2)/(q (1 + q)).
      let level = phases.reduce(0) { $0 + levels[$1] } / 4
      let second = level * (1 + q * q) / (q * (1 + q))
      return phases.reduce(0) { $0 + inverseGain[$1] } / 4 + spread * second * second / (level * (1 + q * q))
    }
    return 1 / Median.of(windows)
  }

  /// How far the ratio of the flats differs between the four phases of the lattice, relative.
  private static func phaseChange(_ ratios: [Double], _ boxes: [SampleBoxes.Box]) -> Double {
    let byPhase = (0..<4).map { phase in
      Median.of(zip(ratios, boxes).filter { $1.phase == phase }.map(\.0))
    }
    guard let least = byPhase.min(), let most = byPhase.max() else { return .nan }
    return (most - least) / most
  }
}

/// What a pair of flats tells of an amplifier.
public struct PhotonTransferPair: Sendable {
  /// 1/g in each box, ADU/e-; NaN where a box tells nothing.
  let inverseGain: [Double]
  /// ADU above zero of one flat (of both, weighted as they enter the variance).
  public var level: Double
  /// Variance of the photons of one flat of that level, ADU^2: level/g.
  public var shotVariance: Double
  /// Variance of one readout, ADU^2.
  public var readVariance: Double
  /// Of the brighter flat, bias included.
  public var rawLevel: Double
  /// q: level of the first over that of the second.
  public var ratio: Double
  /// How much q differs between odd and even rows and columns, relative: alternate fields, or colours.
  public var phaseChange: Double
  /// What g would seem to be if that were taken for noise, e-/ADU.
  public var unsplitGain: Double
  /// Inverse variance of its mean 1/g, as the counts of pixels let expect.
  let precision: Double

  /// What keeps a pair from telling the gain well.
  public enum Doubt: Sendable, Equatable {
    /// Less noise from photons than from reading out, or little of it for the step of the converter.
    case faint
    /// Near saturation, or beyond it.
    case saturated
    /// One flat more than twice as bright as the other: whatever is not linear no longer cancels.
    case unequal
  }

  /// Of raw saturation: from there on pixels spill and converters end.
  public static let highest = 0.9

  public func doubt(saturation: Double, step: Double) -> Doubt? {
    if rawLevel > Self.highest * saturation { return .saturated }
    if !((0.5...2).contains(ratio)) { return .unequal }
    if !(shotVariance > max(readVariance, 4 * step * step)) { return .faint }
    return nil
  }

  /// True from a third of saturation on: charge already in a pixel repels what comes (the brighter-fatter effect), and
  /// responses begin to bend, both of which take variance away.
  public func isHigh(saturation: Double) -> Bool { rawLevel > saturation / 3 }
}

extension PhotonTransferPair {
  /// The gain that several pairs tell, e-/ADU. Pairs with doubts must be left out before; of the others only those below
  /// a third of saturation count if there are any.
  ///
  /// For high pairs the error holds a twentieth of the level in saturations: from the few per cent that sensors are
  /// known to lose at full well (Antilogus et al. 2014, JINST 9, C03048).
  public static func gain(_ pairs: [PhotonTransferPair], saturation: Double) -> MeasuredValue {
    let low = pairs.filter { !$0.isHigh(saturation: saturation) }
    let used = low.isEmpty ? pairs : low
    let inverse = BoxMean.of(used.map(\.inverseGain), weights: used.map(\.precision))
    guard inverse.value > 0 else { return .unknown }
    let gain = 1 / inverse.value
    var relative = inverse.error / inverse.value
    if low.isEmpty {
      let height = used.reduce(0) { max($0, $1.rawLevel) } / saturation
      relative = (relative * relative + 0.05 * height * 0.05 * height).squareRoot()
    }
    return MeasuredValue(gain, error: gain * relative, count: inverse.count)
  }
}

/// One box of a pair of flats.
private struct FlatBox {
  private var difference: [Float]
  private var work: [Float]

  init(largest: Int) {
    difference = [Float](repeating: 0, count: largest)
    work = difference
  }

  struct Result {
    /// q
    var ratio: Double
    /// var(F1 - q F2)
    var variance: Double
    /// m1 + q^2 m2 over the pixels that the variance comes from
    var signal: Double
    var kept: Int
  }

  mutating func callAsFunction(
    _ a: [Float], _ b: [Float], _ box: SampleBoxes.Box, _ scatter: inout BoxScatter
  ) -> Result? {
    let (first, second) = (median(a, box), median(b, box))
    guard first > 0, second > 0 else { return nil }
    let q = first / second
    let result = difference.withUnsafeMutableBufferPointer { difference -> BoxScatter.Result? in
      let whole = UnsafeMutableBufferPointer(rebasing: difference[0..<box.count])
      for i in 0..<box.count { whole[i] = a[box.first + i] - q * b[box.first + i] }
      return scatter(whole, columns: box.columns)
    }
    guard let result else { return nil }
    var sums = (a: 0.0, b: 0.0)
    for i in 0..<box.count where (result.lower...result.upper).contains(Double(difference[i])) {
      sums.a += Double(a[box.first + i])
      sums.b += Double(b[box.first + i])
    }
    let (n, ratio) = (Double(result.kept), Double(q))
    return Result(
      ratio: ratio, variance: result.variance, signal: (sums.a + ratio * ratio * sums.b) / n, kept: result.kept)
  }

  private mutating func median(_ values: [Float], _ box: SampleBoxes.Box) -> Float {
    work.withUnsafeMutableBufferPointer { work in
      var count = 0
      for i in box.range where values[i].isFinite {
        work[count] = values[i]
        count += 1
      }
      return count >= BoxScatter.fewest ? Median.of(work, count: count) : .nan
    }
  }
}
