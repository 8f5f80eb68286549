/// Line emission of targets from a line band and a continuum band of the same field, each calibrated on its own.
///
/// With N and R the target's light in the two bands on the scales of their ensembles, k the ratio N/R of stars without
/// the line, W the widths of the bands and q = W_line/W_continuum (0 where the continuum band holds no line):
/// the line's light in the line band is (N - k R)/(1 - q), its equivalent width W_line (N - k R)/(k R - q N), emission
/// positive (photometry of two bands as in Waller 1990, PASP 102, 1217).
public struct LineExcess: Sendable, Equatable {
  /// Which continuum belongs to a frame in the line.
  public enum Pairing: String, Sendable, CaseIterable, Codable {
    /// The continuum at the time of each line frame, between its neighbours.
    case interpolate
    /// Means over each cycle.
    case cycle
  }

  /// Names of the filters.
  public var line: String
  public var continuum: String
  /// Widths of the bands, nm; NaN when unknown: then no equivalent width is given, and q counts as 0.
  public var lineWidth = Double.nan
  public var continuumWidth = Double.nan
  /// True where the continuum band holds no line.
  public var continuumIsFree = false
  public var pairing = Pairing.interpolate
  /// Longest time between two continuum frames that are interpolated, minutes: young stars seldom change by more than
  /// their errors within an hour.
  public var longestGap = 60.0

  public init(line: String, continuum: String) {
    self.line = line
    self.continuum = continuum
  }

  /// The line emission of one target, and what is to be said about it.
  public struct Result: Sendable {
    public var target: String
    public var points: [ExcessPoint]
    public var remarks: [String]
  }

  /// W_line/W_continuum; NaN when unknown.
  public var widthRatio: Double { continuumIsFree ? 0 : lineWidth / continuumWidth }

  func callAsFunction(_ curve: LightCurve, ensembles: [String: FilterEnsemble]) -> Result {
    let name = curve.target.name
    var result = Result(target: name, points: [], remarks: [])
    guard let lineBand = BandCurve(curve, filter: line, ensembles[line]),
      let continuumBand = BandCurve(curve, filter: continuum, ensembles[continuum])
    else {
      result.remarks.append("no excess of \(name): it needs used points in \(line) and \(continuum)")
      return result
    }
    guard let ratio = LineRatio(lineBand, continuumBand, target: curve.target) else {
      result.remarks.append("no excess of \(name): no constant star was measured in both \(line) and \(continuum)")
      return result
    }
    let pairs = pairing == .cycle ? cycles(lineBand, continuumBand) : interpolated(lineBand, continuumBand)
    result.points = pairs.map { point($0, ratio) }
    result.remarks.append(
      "\(line)/\(continuum) of \(ratio.stars) constant stars is \(ratio.value.fixed(5)) +- \(ratio.error.fixed(5)) for "
        + "\(name)" + (ratio.isInColour ? ", by their colours" : "")
        + "; single stars scatter by \((100 * ratio.scatter / ratio.value).fixed(1)) % about it")
    if widthRatio.isNaN {
      result.remarks.append(
        "the widths of \(line) and \(continuum) are not known: no equivalent widths; give them under [lightcurve] widths"
      )
    }
    return result
  }

  /// Light of the target in both bands at one time.
  struct Pair: Sendable {
    var time: BandCurve.Point
    var frame: Int?
    var lineCount: Int
    var continuumCount: Int
    var line: (value: Double, variance: Double)
    var continuum: (value: Double, variance: Double)
    var reason = ""
  }

  private func point(_ pair: Pair, _ ratio: LineRatio) -> ExcessPoint {
    var point = ExcessPoint(frame: pair.frame, night: pair.time.night, jdUTC: pair.time.jdUTC, bjdTDB: pair.time.bjdTDB)
    (point.lineFrames, point.continuumFrames) = (pair.lineCount, pair.continuumCount)
    (point.line, point.lineError) = (pair.line.value, pair.line.variance.squareRoot())
    (point.continuum, point.continuumError) = (pair.continuum.value, pair.continuum.variance.squareRoot())
    (point.ratio, point.ratioError) = (ratio.value, ratio.error)
    point.reason = pair.reason
    let (n, r, k) = (pair.line.value, pair.continuum.value, ratio.value)
    let q = widthRatio.isNaN ? 0 : widthRatio
    let variance = pair.line.variance + k * k * pair.continuum.variance + r * r * ratio.error * ratio.error
    point.excess = (n - k * r) / (1 - q)
    point.excessError = variance.squareRoot() / (1 - q)
    let rest = k * r - q * n
    guard !widthRatio.isNaN, lineWidth > 0, rest > 0 else { return point }
    // d EW = W (1 - q) (k R dN - N d(k R)) / (k R - q N)^2; the width is in nm.
    let slope = 10 * lineWidth * (1 - q) / (rest * rest)
    let other = k * k * pair.continuum.variance + r * r * ratio.error * ratio.error
    point.equivalentWidth = 10 * lineWidth * (n - k * r) / rest
    point.equivalentWidthError = slope * (k * k * r * r * pair.line.variance + n * n * other).squareRoot()
    return point
  }

  // MARK: Pairs

  /// Each line frame with the continuum between the frames before and after it, of the same night.
  private func interpolated(_ line: BandCurve, _ continuum: BandCurve) -> [Pair] {
    line.points.map { point in
      var pair = Pair(
        time: point, frame: point.frame, lineCount: 1, continuumCount: 0, line: (point.value, point.variance),
        continuum: (.nan, .nan))
      let before = continuum.points.last { $0.jdUTC <= point.jdUTC && $0.night == point.night }
      let after = continuum.points.first { $0.jdUTC >= point.jdUTC && $0.night == point.night }
      guard let before, let after else {
        pair.reason = "no \(self.continuum) frame on both sides in that night"
        return pair
      }
      let gap = after.jdUTC - before.jdUTC
      guard gap * 1440 <= longestGap else {
        pair.reason = "\((gap * 1440).fixed(0)) min between the \(self.continuum) frames around it"
        return pair
      }
      let part = gap > 0 ? (point.jdUTC - before.jdUTC) / gap : 0
      let same = before.frame == after.frame
      pair.continuumCount = same ? 1 : 2
      pair.continuum =
        same
        ? (before.value, before.variance)
        : (
          (1 - part) * before.value + part * after.value,
          (1 - part) * (1 - part) * before.variance + part * part * after.variance
        )
      return pair
    }
  }

  /// Means over the runs of frames of both filters without a gap beyond max(20 min, 5 exposures).
  private func cycles(_ line: BandCurve, _ continuum: BandCurve) -> [Pair] {
    let all = (line.points + continuum.points).sorted { ($0.jdUTC, $0.frame) < ($1.jdUTC, $1.frame) }
    var groups: [[BandCurve.Point]] = []
    var current: (hasLine: Bool, hasContinuum: Bool, lastFilter: String) = (false, false, "")
    for point in all {
      let gap = groups.last?.last.map { (point.jdUTC - $0.jdUTC) * 86_400 } ?? .infinity
      // A filter that comes back after the other one begins the next cycle.
      let isNext = current.hasLine && current.hasContinuum && point.filter != current.lastFilter
      if gap > max(1200, 5 * point.exposure) || isNext || groups.isEmpty {
        groups.append([])
        current = (false, false, "")
      }
      groups[groups.count - 1].append(point)
      if point.filter == self.line { current.hasLine = true } else { current.hasContinuum = true }
      current.lastFilter = point.filter
    }
    return groups.compactMap { group in
      guard let n = BandCurve.mean(group.filter { $0.filter == self.line }),
        let r = BandCurve.mean(group.filter { $0.filter == self.continuum })
      else { return nil }
      return Pair(
        time: n, frame: nil, lineCount: group.count { $0.filter == self.line },
        continuumCount: group.count { $0.filter == self.continuum }, line: (n.value, n.variance),
        continuum: (r.value, r.variance))
    }
  }
}

/// Line emission at one time: a row of `excess_<target>.csv`. NaN where there is no value.
public struct ExcessPoint: Sendable, Equatable {
  /// The frame in the line band; nil for the mean of a cycle.
  public var frame: Int?
  public var night: String
  public var jdUTC: Double
  public var bjdTDB: Double
  public var lineFrames = 0
  public var continuumFrames = 0
  /// e-/s through the mean sky of each band.
  public var line = Double.nan
  public var lineError = Double.nan
  public var continuum = Double.nan
  public var continuumError = Double.nan
  /// Line over continuum of stars without the line.
  public var ratio = Double.nan
  public var ratioError = Double.nan
  /// e-/s of the line alone.
  public var excess = Double.nan
  public var excessError = Double.nan
  /// Angstrom, emission positive.
  public var equivalentWidth = Double.nan
  public var equivalentWidthError = Double.nan
  /// Why there is no excess.
  public var reason = ""

  public init(frame: Int?, night: String, jdUTC: Double, bjdTDB: Double) {
    self.frame = frame
    self.night = night
    self.jdUTC = jdUTC
    self.bjdTDB = bjdTDB
  }
}
