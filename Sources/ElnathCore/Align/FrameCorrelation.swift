#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finds how a frame lies on the reference frame by the correlation of their images: for frames with little but
/// nebulosity, whose stars tell nothing. Shifts by up to three quarters of the frame, and turns by 180 degrees.
///
/// First on coarse boxes the coefficient of correlation over what both see (Padfield 2012, IEEE Trans. Image Process. 21,
/// 2706), of all shifts at once; its peak must stand out from all others. Then on fine boxes the cross-correlation, whose
/// peak is found between the boxes (Guizar-Sicairos, Thurman & Fienup 2008, Opt. Lett. 33, 156), with its error; the
/// quarters of the image must agree with it.
public struct FrameCorrelation: Sendable {
  private let reference: CorrelationImage
  private let search: CorrelationSearch

  /// Smallest height of the peak in units of the scatter of all shifts, and relative to the next peak.
  static let leastSignificance = 6.0
  static let leastRatio = 1.5

  public init(reference: CorrelationImage) {
    self.reference = reference
    search = CorrelationSearch(reference: reference.coarse)
  }

  public func callAsFunction(_ frame: CorrelationImage) -> CorrelationAnswer {
    let (plain, turned) = (frame.coarse, frame.coarse.turned)
    guard plain.columns == reference.coarse.columns, plain.rows == reference.coarse.rows else {
      return .refused("an image of another size")
    }
    let maps = [search.map(of: plain), search.map(of: turned)]
    guard let peak = CorrelationPeak(maps) else { return .refused("images without structure") }
    guard peak.significance >= Self.leastSignificance, peak.ratio >= Self.leastRatio else {
      return .refused(
        "images correlate by \(peak.significance.fixed(1)) sigma only, \(peak.ratio.fixed(1)) times the next peak")
    }
    let isTurned = peak.map == 1
    let other = isTurned ? frame.fine.turned : frame.fine
    let times = Double(plain.bin) / Double(other.bin)
    guard
      let shift = FineShift(
        reference.fine, other, near: (Double(peak.x) * times, Double(peak.y) * times), reach: 1.5 * times + 2,
        smooth: times)
    else { return .refused("images agree on no exact shift") }
    guard !(shift.scatter > shift.allowed) else {
      return .refused("parts of the image disagree by \((shift.scatter * Double(other.bin)).fixed(1)) px")
    }
    let bin = Double(other.bin)
    var transform = SimilarityTransform(a: 1, b: 0, tx: shift.x * bin, ty: shift.y * bin)
    if isTurned {
      // A box of the turned frame is the one counted from its other end.
      transform = SimilarityTransform(
        a: -1, b: 0, tx: Double(other.columns) * bin - 1 - shift.x * bin,
        ty: Double(other.rows) * bin - 1 - shift.y * bin)
    }
    var found = Registration(
      transform: FrameTransform(transform), method: .correlation, matched: 0, residual: shift.scatter * bin)
    found.centreError = shift.error * bin
    return .proven(found)
  }
}

/// The coefficient of correlation of two images for every shift, over the boxes that both see.
struct CorrelationSearch: Sendable {
  private let reference: CorrelationBoxes
  private let plan: FourierPlan
  private let spectra: Spectra

  /// Of values, of values squared and of what is seen.
  private struct Spectra: Sendable {
    var values: Spectrum
    var squares: Spectrum
    var seen: Spectrum
  }

  /// A shift needs this part of the boxes in common.
  private static let leastOverlap: Float = 0.2

  /// `columns` x `rows` coefficients, wrapped: shifts to the left and down begin at the end. NaN where too little overlaps.
  struct Map {
    var width: Int
    var height: Int
    var values: [Float]
  }

  init(reference: CorrelationBoxes) {
    self.reference = reference
    // Room for every shift without wrapping round.
    plan = FourierPlan(
      width: FourierPlan.quickSize(from: 2 * reference.columns), height: FourierPlan.quickSize(from: 2 * reference.rows)
    )
    spectra = Self.spectra(reference, plan)
  }

  private static func spectra(_ boxes: CorrelationBoxes, _ plan: FourierPlan) -> Spectra {
    func padded(_ values: (Int) -> Float) -> [Float] {
      var result = [Float](repeating: 0, count: plan.width * plan.height)
      for j in 0..<boxes.rows {
        for i in 0..<boxes.columns { result[j * plan.width + i] = values(j * boxes.columns + i) }
      }
      return result
    }
    // In units of their scatter, so that squares stay near 1.
    let squares = boxes.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    let count = max(1, boxes.seen.reduce(0, +))
    let unit = squares > 0 ? Float(1 / (squares / Double(count)).squareRoot()) : 0
    return Spectra(
      values: plan.spectrum(of: padded { boxes.values[$0] * unit }),
      squares: plan.spectrum(of: padded { boxes.values[$0] * unit * boxes.values[$0] * unit }),
      seen: plan.spectrum(of: padded { boxes.seen[$0] }))
  }

  func map(of frame: CorrelationBoxes) -> Map {
    let own = Self.spectra(frame, plan)
    func correlation(_ a: Spectrum, _ b: Spectrum) -> [Float] { plan.image(of: a.timesConjugate(of: b)) }
    let count = correlation(own.seen, spectra.seen)
    let sumFrame = correlation(own.values, spectra.seen)
    let sumReference = correlation(own.seen, spectra.values)
    let squaresFrame = correlation(own.squares, spectra.seen)
    let squaresReference = correlation(own.seen, spectra.squares)
    var values = correlation(own.values, spectra.values)
    let total = min(reference.seen.reduce(0, +), frame.seen.reduce(0, +))
    let least = max(64, Self.leastOverlap * total)
    for i in values.indices {
      let n = count[i]
      let varianceFrame = squaresFrame[i] - sumFrame[i] * sumFrame[i] / n
      let varianceReference = squaresReference[i] - sumReference[i] * sumReference[i] / n
      // Where one of both is empty rounding is all there is.
      guard n >= least, varianceFrame > 1e-3 * n, varianceReference > 1e-3 * n else {
        values[i] = .nan
        continue
      }
      values[i] =
        (values[i] - sumFrame[i] * sumReference[i] / n) / (varianceFrame * varianceReference).squareRoot()
    }
    return Map(width: plan.width, height: plan.height, values: values)
  }
}

/// The highest peak of some maps and how much it stands out, in Fisher's z = artanh r, whose scatter does not depend on r.
struct CorrelationPeak {
  /// Which map, and the shift of its peak, in boxes.
  let map: Int
  let x: Int
  let y: Int
  /// Height in units of the scatter of all shifts, and relative to the next peak.
  let significance: Double
  let ratio: Double

  init?(_ maps: [CorrelationSearch.Map]) {
    var best: (map: Int, index: Int, value: Float)?
    var sample: [Double] = []
    for (k, map) in maps.enumerated() {
      for (i, value) in map.values.enumerated() where !value.isNaN {
        if value > best?.value ?? 0 { best = (k, i, value) }
        if i % 7 == 0 { sample.append(Self.z(value)) }
      }
    }
    guard let best, sample.count > 100 else { return nil }
    let map = maps[best.map]
    let near = Self.surroundings(of: best.index, in: map)
    var next: Float = 0
    for (k, other) in maps.enumerated() {
      for (i, value) in other.values.enumerated() where value > next && !(k == best.map && near[i]) { next = value }
    }
    let height = Self.z(best.value)
    let scatter = RobustScale.sigma(sample)
    self.map = best.map
    x = Self.unwrapped(best.index % map.width, map.width)
    y = Self.unwrapped(best.index / map.width, map.height)
    significance = scatter > 0 ? height / scatter : 0
    ratio = next > 0 ? height / Self.z(next) : .infinity
  }

  private static func z(_ r: Float) -> Double { atanh(Double(min(max(r, -0.99999), 0.99999))) }

  private static func unwrapped(_ place: Int, _ size: Int) -> Int { 2 * place > size ? place - size : place }

  /// What hangs together with the peak above half its height, and two boxes more on every side.
  private static func surroundings(of peak: Int, in map: CorrelationSearch.Map) -> [Bool] {
    let half = map.values[peak] / 2
    var near = [Bool](repeating: false, count: map.values.count)
    var open = [peak]
    near[peak] = true
    while let place = open.popLast() {
      let (x, y) = (place % map.width, place / map.width)
      for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
        let i = (y + dy + map.height) % map.height * map.width + (x + dx + map.width) % map.width
        if !near[i] && map.values[i] > half {
          near[i] = true
          open.append(i)
        }
      }
    }
    let core = near.indices.filter { near[$0] }
    for place in core {
      let (x, y) = (place % map.width, place / map.width)
      for dy in -2...2 {
        for dx in -2...2 {
          near[(y + dy + map.height) % map.height * map.width + (x + dx + map.width) % map.width] = true
        }
      }
    }
    return near
  }
}
