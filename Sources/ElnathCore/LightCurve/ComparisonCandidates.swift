/// Which stars may compete as comparison stars in one filter: bright enough, never near saturation, whole and alone.
/// Whether they are constant is not asked here.
public struct ComparisonCandidates: Sendable {
  /// No pixel above this part of the saturation level: sensors bend before they clip.
  public var saturationShare = 0.8
  /// Least part of the frames in use on which a candidate has a value and its whole annulus.
  public var coverage = 0.8
  /// Most light of neighbours, as a part of the star's own.
  public var contamination = 0.01
  /// Least median signal to noise; the second where the first leaves fewer than `enough`.
  public var signalToNoise = 50.0
  public var fallbackSignalToNoise = 20.0
  public var enough = 5
  /// More than this many bring no better zero points.
  public var most = 200
  /// Names that the user does not want.
  public var excluded: Set<String> = []

  public init() {}

  /// Who may compete, and who may not.
  public struct Result: Sendable, Equatable {
    /// Stars of the table, in its order.
    public var stars: [Int] = []
    /// Why other stars of the right role do not compete, by star of the table.
    public var refused: [Int: String] = [:]
  }

  public func callAsFunction(_ series: FilterSeries, aperture: Int, context: LightCurveContext) -> Result {
    var result = Result()
    var accepted: [(star: Int, signalToNoise: Double)] = []
    for (index, star) in series.stars.enumerated() where Self.mayCompete(star) {
      if let reason = refusal(index, series, aperture, context) {
        result.refused[index] = reason
      } else {
        accepted.append((index, Self.medianSignalToNoise(index, series, aperture)))
      }
    }
    let limit =
      accepted.count { $0.signalToNoise >= signalToNoise } < enough ? fallbackSignalToNoise : signalToNoise
    for candidate in accepted where !(candidate.signalToNoise >= limit) {
      result.refused[candidate.star] = "S/N \(Self.whole(candidate.signalToNoise))"
    }
    let bright = accepted.filter { $0.signalToNoise >= limit }
    let order = bright.sorted {
      $0.signalToNoise != $1.signalToNoise ? $0.signalToNoise > $1.signalToNoise : $0.star < $1.star
    }
    for candidate in order.dropFirst(most) { result.refused[candidate.star] = "fainter than the \(most) best" }
    result.stars = order.prefix(most).map(\.star).sorted()
    return result
  }

  /// Stars that detection found, and those the user proposes.
  static func mayCompete(_ star: Star) -> Bool {
    star.role == .comparison || (star.role == .measure && star.detected)
  }

  /// The star that `index` must not be: itself or at its place.
  static func protected(near index: Int, _ series: FilterSeries, _ context: LightCurveContext) -> Star? {
    let star = series.stars[index]
    // Two arcsec; half a FWHM where that is more, or where the scale is not known.
    let arcsec = context.arcsecPerPixel > 0 ? 2 / context.arcsecPerPixel : 0
    let reach = max(arcsec, series.fwhm.isNaN ? 1 : 0.5 * series.fwhm)
    return series.stars.first { other in
      guard other.role == .target || other.role == .check || other.role == .avoid else { return false }
      return other.name == star.name || star.position.distance(to: other.position) <= reach
    }
  }

  private func refusal(_ index: Int, _ series: FilterSeries, _ aperture: Int, _ context: LightCurveContext) -> String? {
    if excluded.contains(series.stars[index].name) { return "excluded by the user" }
    if !series.stars[index].variable.isEmpty { return "known variable \(series.stars[index].variable)" }
    if let other = Self.protected(near: index, series, context) {
      return other.role == .target ? "is the target \(other.name)" : "at the place of \(other.name) (\(other.role))"
    }
    let used = series.inUse
    guard !used.isEmpty else { return "no frame in use" }
    var saturated = 0
    var nearSaturation = 0
    var nearEdge = 0
    var missing = 0
    var neighbours: [Double] = []
    for frame in used {
      let measured = series.aperture(aperture, of: index, on: frame)
      let star = series.star(index, on: frame)
      let limit = saturationShare * context.saturation(ofFrame: series.summaries[frame].frame)
      if measured.flags.contains(.saturated) {
        saturated += 1
      } else if star.peakADU > limit {
        nearSaturation += 1
      }
      if !measured.flags.isDisjoint(with: [.outside, .pastEdge]) || context.isNearEdge(star.position) {
        nearEdge += 1
      } else if series.magnitude(of: index, aperture: aperture, on: frame) == nil {
        missing += 1
      }
      if !measured.contamination.isNaN { neighbours.append(measured.contamination) }
    }
    let total = used.count
    if saturated > 0 { return "saturated in \(saturated + nearSaturation) of \(total) frames" }
    if nearSaturation > 0 {
      return "above \(Self.whole(100 * saturationShare)) % of saturation in \(nearSaturation) of \(total) frames"
    }
    // 0.2 x 120 must be 24.
    let tolerated = (1 - coverage) * Double(total) + 1e-6
    if Double(nearEdge) > tolerated { return "near the edge in \(nearEdge) of \(total) frames" }
    if Double(nearEdge + missing) > tolerated { return "without a value in \(nearEdge + missing) of \(total) frames" }
    let neighbour = neighbours.isEmpty ? 0 : Median.inPlace(&neighbours)
    if neighbour >= contamination { return "contaminated \(Self.percent(neighbour)) %" }
    return nil
  }

  static func medianSignalToNoise(_ star: Int, _ series: FilterSeries, _ aperture: Int) -> Double {
    Median.of(
      series.inUse.map {
        let measured = series.aperture(aperture, of: star, on: $0)
        return measured.flux / measured.fluxError
      })
  }

  static func whole(_ value: Double) -> String { value.isFinite ? value.fixed(0) : "?" }

  /// Per cent with one decimal below 10.
  static func percent(_ part: Double) -> String {
    (100 * part).fixed(part >= 0.1 ? 0 : 1)
  }
}
