#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The stars of one filter that tell how much light each frame got, and their fluxes.
///
/// They are chosen once for the whole run, by what they show in its clearer frames: a choice frame by frame would
/// take, under clouds, those whose noise happened to be positive. No target, check star or star to avoid is among them.
struct ZeroPointStars {
  /// Indices in the table of stars.
  let stars: [Int]
  /// Frames of the run that were measured: their index in the table, exposure in s.
  let frames: [Int]
  let exposures: [Double]
  /// e-/s of star i on frame j at `i * frames.count + j`; NaN where not measured or not fit.
  private(set) var rates: [Double]
  /// Variance of the rate but for the star's own photons and scintillation, e-^2/s^2; same layout.
  private(set) var noise: [Double]
  /// Relative variance of scintillation, one for each frame.
  private(set) var scintillation: [Double]

  /// Fluxes that say nothing about the light of the star.
  static let unfit: QualityFlags = [
    .saturated, .nonlinear, .maskedCore, .cosmicRay, .pastEdge, .satellite, .outside, .oddProfile,
  ]
  /// More stars add nothing to zero points that their systematic errors limit.
  static let wanted = 60
  /// Relative variance where the site's scintillation is not known: 1.5 mmag.
  static let usualScintillation = 0.0014 * 0.0014

  /// What stars must offer, from the best set to the last resort: part of the frames, signal to noise in the clearer
  /// half of them, and how many such stars there must be.
  private static let demands: [(coverage: Double, signal: Double, count: Int)] = [
    (0.8, 10, 5), (0.8, 5, 5), (0.5, 5, 3), (0.2, 3, 1), (0, 0, 1),
  ]

  /// `rows` are the run's measured frames: index in the table and measurements.
  init(table: PhotometryTable, rows: [(frame: Int, measured: FrameMeasurements)]) {
    frames = rows.map(\.frame)
    exposures = rows.map { table.frames[$0.frame].exposure }
    let candidates = Self.candidates(table: table, rows: rows)
    stars = Self.chosen(candidates).map(\.star)
    let aperture = candidates.first?.aperture ?? 0
    rates = Array(repeating: .nan, count: stars.count * rows.count)
    noise = rates
    scintillation = Array(repeating: Self.usualScintillation, count: rows.count)
    for (j, row) in rows.enumerated() {
      var relative: [Double] = []
      for (i, star) in stars.enumerated() {
        let value = row.measured[star, aperture]
        guard Self.isFit(value) else { continue }
        let own = [value.budget.source, value.budget.scintillation].reduce(0) { $1.isNaN ? $0 : $0 + $1 }
        let t = exposures[j]
        rates[i * rows.count + j] = value.flux / t
        noise[i * rows.count + j] = max(value.budget.flux - own, 0) / (t * t)
        if value.flux != 0 { relative.append(value.budget.scintillation / (value.flux * value.flux)) }
      }
      let known = Median.of(relative)
      if known > 0 { scintillation[j] = known }
    }
  }

  var isEmpty: Bool { stars.isEmpty || frames.isEmpty }

  func rate(_ star: Int, _ frame: Int) -> Double { rates[star * frames.count + frame] }

  /// Variance that a rate of `expected` e-/s has on that frame. The measured flux has no part in it: where noise has made
  /// a flux small, its own variance would be small too, and its weight too large.
  func variance(_ star: Int, _ frame: Int, expected: Double) -> Double {
    let light = max(expected, 0)
    return noise[star * frames.count + frame] + light / exposures[frame] + scintillation[frame] * light * light
  }

  /// Stars with a fit flux on a frame.
  func count(on frame: Int) -> Int { stars.indices.count { !rate($0, frame).isNaN } }

  private static func isFit(_ value: ApertureMeasurement) -> Bool {
    value.flags.isDisjoint(with: unfit) && value.flux.isFinite && value.budget.flux > 0
  }

  private struct Candidate {
    var star: Int
    var aperture: Int
    var coverage: Double
    var signal: Double
    var isolated: Bool
  }

  private static func candidates(
    table: PhotometryTable, rows: [(frame: Int, measured: FrameMeasurements)]
  ) -> [Candidate] {
    let free = table.stars.indices.filter {
      (table.stars[$0].role == .measure || table.stars[$0].role == .comparison) && !table.stars[$0].extended
    }
    guard let first = free.first, let aperture = aperture(table: table, rows: rows, star: first) else { return [] }
    return free.map { star in
      var signals: [Double] = []
      var contaminations: [Double] = []
      var neighbours = 0
      for row in rows {
        let value = row.measured[star, aperture]
        if !value.contamination.isNaN { contaminations.append(value.contamination) }
        if value.flags.contains(.neighbour) { neighbours += 1 }
        if isFit(value) { signals.append(value.flux / value.fluxError) }
      }
      let isolated = contaminations.isEmpty ? 2 * neighbours < rows.count : Median.of(contaminations) <= 0.05
      return Candidate(
        star: star, aperture: aperture, coverage: Double(signals.count) / Double(rows.count),
        signal: Median.percentile(signals, 0.75), isolated: isolated)
    }
  }

  /// The aperture nearest 1.5 times the 90th percentile of the FWHM: on a night of worse seeing a narrower one would lose
  /// light that no cloud took, in a wider one the sky would drown it.
  private static func aperture(
    table: PhotometryTable, rows: [(frame: Int, measured: FrameMeasurements)], star: Int
  ) -> Int? {
    guard let radii = rows.first?.measured.radii, radii > 0 else { return nil }
    let wanted = 1.5 * Median.percentile(rows.map { table.frames[$0.frame].fwhm }, 0.90)
    guard wanted > 0 else { return radii / 2 }
    let radius = (0..<radii).map { aperture in Median.of(rows.map { $0.measured[star, aperture].radius }) }
    return (0..<radii).min { abs(log(radius[$0] / wanted)) < abs(log(radius[$1] / wanted)) }
  }

  private static func chosen(_ candidates: [Candidate]) -> [Candidate] {
    let seen = candidates.filter { $0.coverage > 0 && $0.signal > 0 }
    let isolated = seen.filter(\.isolated)
    let pool = isolated.count >= 3 ? isolated : seen
    for demand in demands {
      let fit = pool.filter { $0.coverage >= demand.coverage && $0.signal >= demand.signal }
      guard fit.count >= demand.count else { continue }
      return Array(fit.sorted { ($0.signal, $1.star) > ($1.signal, $0.star) }.prefix(wanted))
    }
    return []
  }
}
