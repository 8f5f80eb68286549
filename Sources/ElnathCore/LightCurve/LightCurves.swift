/// Light curves of all targets and what stands behind them.
public struct LightCurves: Sendable {
  public var curves: [LightCurve] = []
  /// Every star that competed, by filter, in the order of the table.
  public var comparisons: [ComparisonVerdict] = []
  /// The same for the ensembles of extended targets, where these have their own.
  public var extendedComparisons: [ComparisonVerdict] = []
  public var ensembles: [EnsembleSummary] = []
  /// Every star in every filter, stars in the order of the table.
  public var variability: [StarVariability] = []
  /// Targets and check stars against airmass, place, seeing and sky.
  public var slopes: [CurveSlope] = []
  /// Comparison and check stars across flips and refocuses.
  public var segmentSteps: [SegmentStep] = []
  /// How the aperture of each target was found, by filter.
  public var apertureScans: [ApertureScan] = []
  /// Extended targets in three radii.
  public var extendedRadii: [ExtendedRadius] = []
  /// By target: its curve made in other ways.
  public var distrust: [String: [DistrustPoint]] = [:]
  public var distrustVerdicts: [DistrustVerdict] = []
  /// By target; empty unless asked for.
  public var excesses: [String: [ExcessPoint]] = [:]
  /// What a reader of the curves must know, a sentence each.
  public var remarks: [String] = []
  /// The ensemble of the point-like targets, by filter.
  private(set) var main: [String: FilterEnsemble] = [:]

  public init(curves: [LightCurve] = [], comparisons: [ComparisonVerdict] = []) {
    self.curves = curves
    self.comparisons = comparisons
  }

  mutating func add(_ ensemble: FilterEnsemble, isOwnOfExtended: Bool) {
    remarks += ensemble.remarks
    apertureScans += ensemble.scans
    if isOwnOfExtended {
      extendedComparisons += ensemble.verdicts
    } else {
      main[ensemble.series.filter] = ensemble
      comparisons += ensemble.verdicts
      ensembles.append(ensemble.summary)
    }
  }

  mutating func add(_ test: DistrustTest.Result) {
    distrust[test.target, default: []] += test.points
    distrustVerdicts += test.verdicts
  }

  mutating func add(_ excess: LineExcess.Result) {
    excesses[excess.target] = excess.points
    remarks += excess.remarks
  }

  /// Puts what was gathered filter by filter into order, and says what a reader must know of it.
  mutating func finish(_ table: PhotometryTable) {
    for name in distrust.keys { distrust[name]?.sort { $0.frame < $1.frame } }
    remarks += SegmentStep.remarks(segmentSteps)
    remarks += CurveSlope.remarks(slopes, stars: table.stars)
    remarks += distrustVerdicts.compactMap(\.sentence)
  }
}

/// The zero points of one filter in the aperture in which its comparison stars were chosen.
public struct EnsembleSummary: Sendable, Equatable {
  /// What the ensemble says of one frame.
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
