/// Turns a photometry table into one light curve for each target, filter by filter: comparison stars, aperture, zero
/// points, errors. Nothing is deleted, and no point is judged by the target's own brightness.
public struct LightCurveBuilder: Sendable {
  /// Which stars a target is compared with.
  public enum Comparisons: Sendable, Equatable {
    /// Chosen on merit; stars with the role compete with detected ones.
    case automatic
    /// These, as they are.
    case named([String])
    /// The stars with the role as they are, or chosen on merit where no star has it.
    case listedElseAutomatic
  }

  public var method = EnsembleMethod.zeropoint
  public var comparisons = Comparisons.listedElseAutomatic
  /// Comparison stars chosen at most; as many as help when nil (`ComparisonNumber`).
  public var wanted: Int?
  /// Never chosen, by name.
  public var excluded: Set<String> = []
  /// Name of the check star, beside the stars with that role; chosen where there is neither.
  public var check: String?
  /// Radius for all targets, px (the nearest measured one is taken); chosen by the scatter of like stars when nil.
  public var radius: Double?
  public var candidates = ComparisonCandidates()
  /// What colours do to magnitudes on a catalogue's scale.
  public var colourTerm = ColourTerm.none
  /// The line emission of the targets; none when nil.
  public var excess: LineExcess?

  public init() {}

  public func callAsFunction(_ given: PhotometryTable, context: LightCurveContext = LightCurveContext()) -> LightCurves
  {
    let table = withCheckStar(given)
    var result = LightCurves()
    var points: [Int: [LightCurvePoint]] = [:]
    var makers: [Int: [String: FilterEnsemble]] = [:]
    let targets = table.stars.indices.filter { table.stars[$0].role == .target }
    let extendedRadius = extendedRadius(table, context)
    for filter in Self.filters(of: table) {
      let series = FilterSeries(table, filter: filter)
      let frames = table.frames.filter { $0.filter == filter }
      let all = ensembles(series, targets: targets, extendedRadius: extendedRadius, context: context)
      for (place, ensemble) in all.enumerated() {
        let isFirst = place == 0
        result.add(ensemble, isOwnOfExtended: !isFirst)
        if isFirst { result.segmentSteps += SegmentStep.steps(in: ensemble) }
        for target in ensemble.targets {
          let curve = TargetSeries(target, of: ensemble, context: context).points(frames)
          points[target, default: []] += curve
          makers[target, default: [:]][filter] = ensemble
          result.slopes += CurveSlope.slopes(of: series.stars[target], curve)
          result.extendedRadii += ExtendedRadius.all(of: target, ensemble, frames: frames, context: context)
          result.add(DistrustTest(target, of: ensemble, frames: frames, context: context)(curve))
        }
        if isFirst { result.slopes += checkSlopes(ensemble, frames, context) }
      }
    }
    result.curves = targets.map { target in
      LightCurve(target: table.stars[target], points: (points[target] ?? []).sorted { $0.frame.frame < $1.frame.frame })
    }
    result.variability = VariabilityStatistics.rows(table.stars, filters: Self.filters(of: table)) { star, filter in
      makers[star]?[filter] ?? result.main[filter]
    }
    if let excess {
      for (target, curve) in zip(targets, result.curves) {
        result.add(excess(curve, ensembles: makers[target] ?? [:]))
      }
    }
    result.finish(table)
    return result
  }

  /// One ensemble for point-like targets, and one for extended ones where there are both and stars are chosen.
  private func ensembles(
    _ series: FilterSeries, targets: [Int], extendedRadius: Double, context: LightCurveContext
  ) -> [FilterEnsemble] {
    let narrow = targets.filter { !series.stars[$0].extended }
    let wide = targets.filter { series.stars[$0].extended }
    guard !narrow.isEmpty && !wide.isEmpty && namedStars(series) == nil else {
      return [FilterEnsemble(self, series, targets: targets, extendedRadius: extendedRadius, context: context)]
    }
    let first = FilterEnsemble(self, series, targets: narrow, extendedRadius: extendedRadius, context: context)
    let second = FilterEnsemble(
      self, series, targets: wide, extendedRadius: extendedRadius, beside: first, context: context)
    return [first, second]
  }

  /// The radius of extended targets, the same in all filters, as the measuring planned it.
  private func extendedRadius(_ table: PhotometryTable, _ context: LightCurveContext) -> Double {
    let widths = table.measurements.map { table.summary(of: $0).fwhm }.filter { $0 > 0 }
    return ApertureDefaults.extendedRadius(
      fwhm90: Median.percentile(widths, 0.9), pixelScale: context.arcsecPerPixel)
  }

  /// The stars that the user wants as they are, or nil for a choice on merit.
  func namedStars(_ series: FilterSeries) -> [String]? {
    switch comparisons {
    case .automatic: return nil
    case .named(let names): return names
    case .listedElseAutomatic:
      let names = series.stars.filter { $0.role == .comparison }.map(\.name)
      return names.isEmpty ? nil : names
    }
  }

  private func checkSlopes(
    _ ensemble: FilterEnsemble, _ frames: [FrameSummary], _ context: LightCurveContext
  ) -> [CurveSlope] {
    ensemble.checks.flatMap { star in
      CurveSlope.slopes(
        of: ensemble.series.stars[star], isCheck: true,
        TargetSeries(star, of: ensemble, context: context, aperture: ensemble.aperture).points(frames))
    }
  }

  /// Filters in the order in which they first appear.
  private static func filters(of table: PhotometryTable) -> [String] {
    var filters: [String] = []
    for frame in table.frames where !filters.contains(frame.filter) { filters.append(frame.filter) }
    return filters
  }

  private func withCheckStar(_ table: PhotometryTable) -> PhotometryTable {
    var table = table
    for i in table.stars.indices where table.stars[i].name == check && table.stars[i].role != .target {
      table.stars[i].role = .check
    }
    return table
  }
}
