#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The light curve of one star in one filter: what `LightCurveBuilder` makes of fluxes and zero points.
struct TargetSeries: Sendable {
  private let star: Int
  private let ensemble: FilterEnsemble
  private let series: FilterSeries
  private let differential: DifferentialPhotometry?
  private let scale: MagnitudeScale?
  private let floor: ErrorFloor?
  private let context: LightCurveContext
  /// Medians over the frames in use that this star is good on.
  private let position: PixelPoint
  private let contamination: Double
  /// Place in the series of each frame number.
  private let places: [Int: Int]

  init(_ star: Int, of ensemble: FilterEnsemble, context: LightCurveContext, aperture: Int? = nil) {
    self.star = star
    self.ensemble = ensemble
    self.context = context
    series = ensemble.series
    differential = (aperture ?? ensemble.apertures[star]).flatMap { ensemble.differentials[$0] }
    scale = differential.map { MagnitudeScale($0, colourTerm: ensemble.colourTerm) }
    floor = differential.map { ErrorFloor(for: star, $0, stars: ensemble.constant) }
    places = Dictionary(
      uniqueKeysWithValues: ensemble.series.summaries.enumerated().map { ($0.element.frame, $0.offset) })
    let positions = ensemble.series.inUse.map { ensemble.series.star(star, on: $0).position }
    position = PixelPoint(x: Median.of(positions.map(\.x)), y: Median.of(positions.map(\.y)))
    contamination = Median.of(
      ensemble.series.inUse.map { [differential] frame in
        differential.map { $0.series.aperture($0.aperture, of: star, on: frame).contamination } ?? .nan
      })
  }

  /// One point for each of these frames, measured or not.
  func points(_ frames: [FrameSummary]) -> [LightCurvePoint] {
    var points = frames.map { raw($0) }
    let relative = Self.usedMedian(points, \.relativeFlux)
    let isSum = differential?.method == .sum && !ensemble.comparisons.isEmpty
    if !isSum && relative > 0 {
      for i in points.indices {
        points[i].relativeFlux /= relative
        points[i].relativeFluxError /= relative
        points[i].relativeFluxErrorScaled /= relative
      }
    }
    for i in points.indices { points[i].deltaMagnitude = Magnitude.of(points[i].relativeFlux) }
    let middle = Self.usedMedian(points, \.deltaMagnitude)
    for i in points.indices { points[i].deltaMagnitude -= middle }
    addCheckStar(to: &points)
    return points
  }

  /// The median over the points in use, over all where none is.
  private static func usedMedian(_ points: [LightCurvePoint], _ value: KeyPath<LightCurvePoint, Double>) -> Double {
    let used = points.filter(\.used).map { $0[keyPath: value] }
    return Median.of(used.contains { !$0.isNaN } ? used : points.map { $0[keyPath: value] })
  }

  private func addCheckStar(to points: inout [LightCurvePoint]) {
    guard let check = ensemble.check, check != star, let aperture = differential?.aperture else { return }
    let series = TargetSeries(check, of: ensemble, context: context, aperture: aperture)
    let curve = series.points(points.map(\.frame))
    // There is no mark beside its magnitude, so one that cannot be trusted must not stand there.
    for i in points.indices where !series.isRefused(points[i].frame) {
      points[i].checkMagnitude = curve[i].deltaMagnitude
      points[i].checkMagnitudeError = curve[i].deltaMagnitudeError
    }
  }

  // MARK: One point

  /// Everything but what the whole curve decides: relative fluxes are not normalised yet.
  private func raw(_ summary: FrameSummary) -> LightCurvePoint {
    var point = LightCurvePoint(frame: summary)
    point.flags = summary.flags
    point.frame.zeroPoint = .nan
    point.frame.zeroPointError = .nan
    point.frame.comparisons = nil
    let times = context.times(series.stars[star], summary)
    point.hjdUTC = times.hjdUTC
    point.bjdTDB = times.bjdTDB
    point.airmass = times.airmass
    var reasons = summary.reason.isEmpty ? [] : [summary.reason]
    let isFrameUsed = summary.status == .used || summary.status == .flagged
    if let place = places[summary.frame], let differential {
      fill(&point, place, differential)
      let own = refusals(place, differential)
      reasons += own
      point.used = isFrameUsed && own.isEmpty && !point.relativeFlux.isNaN
      if isFrameUsed && own.isEmpty && point.relativeFlux.isNaN { reasons.append("no value") }
    } else if reasons.isEmpty {
      reasons.append("not measured")
    }
    point.reason = reasons.joined(separator: "; ")
    return point
  }

  private func fill(_ point: inout LightCurvePoint, _ frame: Int, _ differential: DifferentialPhotometry) {
    let placed = series.star(star, on: frame)
    let measured = series.aperture(differential.aperture, of: star, on: frame)
    point.position = placed.position
    point.fwhm = placed.fwhm
    point.sky = placed.sky
    point.peakADU = placed.peakADU
    point.aperture = "a\(differential.aperture + 1)"
    point.radius = measured.radius
    point.flux = measured.flux
    point.fluxError = measured.fluxError
    point.flags.formUnion(measured.flags)
    if differential.isDisjoint[frame] { point.flags.insert(.zeroPointDisjoint) }
    if differential.isIncomplete(frame) { point.flags.insert(.comparisonMissing) }

    let zeroVariance = differential.variances[frame] / (Magnitude.perRelative * Magnitude.perRelative)
    point.frame.zeroPoint = scale?.zeroPoint(frame, colour: series.stars[star].colour) ?? .nan
    point.frame.zeroPointError = differential.variances[frame].squareRoot()
    point.frame.comparisons = differential.counts[frame]
    point.frame.comparisonRMS = differential.residualRMS[frame]
    point.ensembleVariance = zeroVariance
    setFluxes(&point, frame, differential)
    setMagnitudes(&point, frame, measured)
  }

  /// Fluxes relative to the ensemble; for `zeropoint` their median is still to be made 1.
  private func setFluxes(_ point: inout LightCurvePoint, _ frame: Int, _ differential: DifferentialPhotometry) {
    // Without any comparison star the curve is instrumental, and its errors are those of the flux alone.
    var relative: (value: Double, error: Double)
    if differential.method == .sum && !differential.comparisons.isEmpty {
      relative = differential.sums[frame].relative(flux: point.flux, error: point.fluxError)
    } else {
      let unit = Magnitude.flux(point.frame.zeroPoint) / point.frame.exposure
      let value = point.flux * unit
      let own = point.fluxError * unit
      let ensemble = differential.comparisons.isEmpty ? 0 : point.ensembleVariance
      relative = (value, (own * own + value * value * ensemble).squareRoot())
    }
    if point.flux.isNaN { relative = (.nan, .nan) }
    point.relativeFlux = relative.value
    point.relativeFluxError = relative.error
    let extra = (floor?(night: point.frame.night) ?? .nan) / Magnitude.perRelative
    point.relativeFluxErrorScaled = hypot(relative.error, abs(relative.value) * extra)
  }

  private func setMagnitudes(_ point: inout LightCurvePoint, _ frame: Int, _ measured: ApertureMeasurement) {
    let noise = measured.fluxError
    if point.flux < 3 * noise {
      point.limitMagnitude = point.frame.zeroPoint + Magnitude.of(3 * noise / point.frame.exposure)
    }
    guard point.flux > 0 else { return }
    let relative = point.relativeFluxError / point.relativeFlux
    let flat = measured.budget.flat.isNaN ? 0 : measured.budget.flat / (point.flux * point.flux)
    // A star that stays on its pixels has the same error of the flat in every frame.
    let moved = point.position.distance(to: position) > 1
    let total = Magnitude.perRelative * (relative * relative + flat).squareRoot()
    point.magnitude = point.frame.zeroPoint + Magnitude.of(point.flux / point.frame.exposure)
    let tie = scale?.tieVariance(colour: series.stars[star].colour) ?? 0
    point.magnitudeError = (total * total + tie).squareRoot()
    point.deltaMagnitudeError = moved ? total : Magnitude.perRelative * relative
    point.deltaMagnitudeErrorScaled = hypot(point.deltaMagnitudeError, floor?(night: point.frame.night) ?? .nan)
  }

  // MARK: The star's own rule

  private func isRefused(_ summary: FrameSummary) -> Bool {
    guard let place = places[summary.frame], let differential else { return true }
    return !refusals(place, differential).isEmpty
  }

  /// Why this point cannot be used although its frame can. Never because of the star's brightness.
  private func refusals(_ frame: Int, _ differential: DifferentialPhotometry) -> [String] {
    var reasons: [String] = []
    if let own = series.refusal(of: star, aperture: differential.aperture, on: frame) { reasons.append(own) }
    let neighbours = series.aperture(differential.aperture, of: star, on: frame).contamination
    if neighbours > 0.10 && neighbours - contamination > 0.02 {
      reasons.append("a neighbour adds \(ComparisonCandidates.whole(100 * neighbours)) %, more than usual")
    }
    if differential.isDisjoint[frame] { reasons.append("no comparison star in common with the rest") }
    if differential.isIncomplete(frame) && differential.counts[frame] > 0 {
      reasons.append("a comparison star is missing from the sum")
    }
    if !differential.comparisons.isEmpty && differential.counts[frame] == 0 { reasons.append("no comparison star") }
    return reasons
  }
}
