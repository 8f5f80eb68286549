#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The light curve of one comparison star in one filter, to be shown beside that of a target.
public struct ComparisonCurve: Sendable {
  public var star: String
  public var filter: String
  /// Number of the frame, and magnitude minus the median over the points (fainter is larger).
  public var points: [(frame: Int, deltaMagnitude: Double)]

  /// Curves of the comparison stars that `verdicts` tell to be used, in the aperture and with the zero points of the
  /// used points of a target's curve.
  public static func of(_ verdicts: [ComparisonVerdict], beside curve: LightCurve, in table: PhotometryTable)
    -> [ComparisonCurve]
  {
    let stars = Dictionary(
      table.stars.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let points = Dictionary(
      curve.points.map { ($0.frame.frame, $0) }, uniquingKeysWith: { first, _ in first })
    return verdicts.filter(\.used).compactMap { verdict in
      guard let star = stars[verdict.star] else { return nil }
      var curve: [(frame: Int, deltaMagnitude: Double)] = []
      for measured in table.measurements {
        guard let point = points[measured.frame], point.used, point.frame.filter == verdict.filter,
          let aperture = (0..<measured.radii).first(where: { measured[star, $0].radius == point.radius })
        else { continue }
        let flux = measured[star, aperture].flux
        guard flux > 0, point.frame.exposure > 0, point.frame.zeroPoint.isFinite else { continue }
        curve.append((measured.frame, point.frame.zeroPoint - 2.5 * log10(flux / point.frame.exposure)))
      }
      let median = Median.of(curve.map(\.deltaMagnitude))
      return ComparisonCurve(
        star: verdict.star, filter: verdict.filter,
        points: curve.map { ($0.frame, $0.deltaMagnitude - median) })
    }
  }
}
