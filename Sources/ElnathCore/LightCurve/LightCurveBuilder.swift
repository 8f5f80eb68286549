/// Turns a photometry table into one light curve for each target, filter by filter: comparison stars, aperture, zero
/// points, errors. Nothing is deleted, and no point is judged by the target's own brightness.
public struct LightCurveBuilder: Sendable {
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
  /// Comparison stars chosen at most.
  public var wanted = 15
  /// Never chosen, by name.
  public var excluded: Set<String> = []
  /// Name of the check star, beside the stars with that role; chosen where there is neither.
  public var check: String?
  /// Radius for all targets, px (the nearest measured one is taken); chosen by the scatter of like stars when nil.
  public var radius: Double?
  public var candidates = ComparisonCandidates()

  public init() {}

  public func callAsFunction(_ given: PhotometryTable, context: LightCurveContext = LightCurveContext()) -> LightCurves
  {
    let table = withCheckStar(given)
    var result = LightCurves()
    var points: [Int: [LightCurvePoint]] = [:]
    let targets = table.stars.indices.filter { table.stars[$0].role == .target }
    for filter in Self.filters(of: table) {
      let series = FilterSeries(table, filter: filter)
      let ensemble = FilterEnsemble(self, series, targets: targets, context: context)
      result.add(ensemble)
      for target in targets {
        let curve = TargetSeries(target, of: ensemble, context: context)
        points[target, default: []] += curve.points(table.frames.filter { $0.filter == filter })
      }
    }
    result.curves = targets.map { target in
      LightCurve(target: table.stars[target], points: (points[target] ?? []).sorted { $0.frame.frame < $1.frame.frame })
    }
    return result
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

/// Light curves of all targets and what stands behind them.
public struct LightCurves: Sendable {
  public var curves: [LightCurve] = []
  /// Every star that competed, by filter, in the order of the table.
  public var comparisons: [ComparisonVerdict] = []
  public var ensembles: [EnsembleSummary] = []
  /// What a reader of the curves must know, a sentence each.
  public var remarks: [String] = []

  public init(curves: [LightCurve] = [], comparisons: [ComparisonVerdict] = []) {
    self.curves = curves
    self.comparisons = comparisons
  }

  mutating func add(_ ensemble: FilterEnsemble) {
    comparisons += ensemble.verdicts
    remarks += ensemble.remarks
    ensembles.append(ensemble.summary)
  }
}

/// The zero points of one filter in the aperture of the first target.
public struct EnsembleSummary: Sendable, Equatable {
  public struct Frame: Sendable, Equatable {
    /// Number in the series.
    public var frame: Int
    /// mag = zero point - 2.5 log10(flux/exposure); NaN without comparison stars.
    public var zeroPoint: Double
    public var zeroPointError: Double
    public var comparisons: Int
    /// Rms of the comparison stars' residuals, mag.
    public var rms: Double
  }

  public var filter: String
  public var aperture: String
  public var radius: Double
  public var comparisons: [String]
  public var check: String?
  /// Measured frames.
  public var frames: [Frame]
}
