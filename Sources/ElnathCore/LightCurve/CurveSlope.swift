#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the curve of a star goes with the conditions of the frames: a row of `slopes.csv`. NaN where there is no value.
///
/// All slopes are those *within* nights (and segments): what changes from one night to the next is not asked. `alone` is
/// the slope against one quantity whatever else went with it. `joint` is the slope with the other quantities held fixed
/// and a straight line in time taken out of each night: what seeing, pointing or sky do beyond a star's own steady
/// change. Nothing is ever corrected by them.
public struct CurveSlope: Sendable, Equatable {
  /// What of a frame the curve may go with.
  public enum Quantity: String, Sendable, CaseIterable {
    case airmass, x, y, fwhm, sky

    /// Of the slope.
    public var unit: String {
      switch self {
      case .airmass: "mag"
      case .x, .y, .fwhm: "mag/px"
      case .sky: "mag/(e-/px/s)"
      }
    }
  }

  /// A slope in mag per unit of the quantity, with its error.
  public struct Value: Sendable, Equatable {
    public var slope = Double.nan
    public var error = Double.nan
    /// In standard deviations of a normal distribution.
    public var significance = Double.nan

    public init() {}
  }

  public var star: String
  public var isCheck: Bool
  public var filter: String
  public var quantity: Quantity
  /// Used points, and nights and segments that they lie in.
  public var points = 0
  public var groups = 0
  public var alone = Value()
  public var joint = Value()
  /// Standard deviation of the quantity within nights: times the slope, the scatter that it makes in the curve.
  public var spread = Double.nan
  /// Part of that variance that neither the other quantities nor a line in time share: near 0, the joint slope knows nothing.
  public var independent = Double.nan

  /// Below this number of points no slope is given.
  public static let fewestPoints = 12
  /// A slope of a target is told of where chance alone makes one so large among all slopes of the run more seldom than
  /// this. Ten targets in two filters have a hundred slopes, of which one beyond 3 sigma is nothing.
  public static let remarkable = 0.001

  /// The chance that at least one of `trials` independent slopes lies beyond this many standard deviations without cause
  /// (Sidak 1967, J. Am. Stat. Assoc. 62, 626).
  public static func chance(of significance: Double, trials: Int) -> Double {
    -expm1(Double(trials) * log1p(-erfc(abs(significance) / 2.0.squareRoot())))
  }

  /// All quantities for one star's curve in one filter.
  public static func slopes(of star: Star, isCheck: Bool = false, _ curve: [LightCurvePoint]) -> [CurveSlope] {
    guard let filter = curve.first?.frame.filter else { return [] }
    let points = curve.filter { $0.used && $0.deltaMagnitude.isFinite && $0.deltaMagnitudeError > 0 }
      .sorted { ($0.frame.jdUTC, $0.frame.frame) < ($1.frame.jdUTC, $1.frame.frame) }
    let fit = WithinNights(points)
    return Quantity.allCases.map { quantity in
      var row = CurveSlope(star: star.name, isCheck: isCheck, filter: filter, quantity: quantity)
      row.points = points.count
      row.groups = fit.groups.count
      guard points.count >= fewestPoints else { return row }
      let values = points.map { quantity.value(of: $0) }
      guard values.allSatisfy(\.isFinite) else { return row }
      let others = Quantity.allCases.filter { $0 != quantity }
        .map { other in points.map { other.value(of: $0) } }
        .filter { $0.allSatisfy(\.isFinite) }
      row.spread = fit.spread(values)
      row.alone = fit.slope(values, others: [], withTime: false).value
      (row.joint, row.independent) = fit.slope(values, others: others, withTime: true)
      return row
    }
  }
}

extension CurveSlope.Quantity {
  /// What the frame had, not what the star itself was measured with: that would share the noise of its flux.
  fileprivate func value(of point: LightCurvePoint) -> Double {
    switch self {
    case .airmass: point.airmass
    case .x: point.position.fits.x
    case .y: point.position.fits.y
    case .fwhm: point.frame.fwhm
    case .sky: point.frame.sky / point.frame.exposure
    }
  }
}

extension CurveSlope {
  /// What stands out in the targets, and what nobody can know without colours.
  static func remarks(_ slopes: [CurveSlope], stars: [Star]) -> [String] {
    var remarks: [String] = []
    let trials = slopes.count { !$0.isCheck && $0.joint.significance.isFinite }
    let names: [Quantity: String] = [.airmass: "airmass", .x: "x", .y: "y", .fwhm: "FWHM", .sky: "sky"]
    for row in slopes where !row.isCheck && row.joint.significance.isFinite {
      let chance = chance(of: row.joint.significance, trials: trials)
      guard chance < remarkable else { continue }
      let prefix = row.filter.isEmpty ? "" : "\(row.filter): "
      remarks.append(
        "\(prefix)\(row.star) goes with the \(names[row.quantity] ?? "") within nights: "
          + "\(row.joint.slope.brief) +- \(row.joint.error.brief) \(row.quantity.unit), "
          + "\(abs(row.joint.significance).fixed(1)) sigma, by chance among \(trials) slopes "
          + "\(Self.inWords(chance)) (slopes.csv)")
    }
    // A red star loses 20 to 40 mmag per airmass less than blue ones: within 0.1 airmass that hides in the noise.
    let reach = slopes.filter { $0.quantity == .airmass && !$0.isCheck && $0.spread > 0.1 }
    let coloured = stars.contains { $0.role == .target && $0.colour.isFinite }
    if !reach.isEmpty && !coloured {
      remarks.append(
        "no colours are known: where target and comparison stars differ in colour, their curve keeps a slope of some "
          + "20 to 40 mmag per airmass in broad filters")
    }
    return remarks
  }

  /// A small probability, as "1 in 4000".
  private static func inWords(_ chance: Double) -> String {
    guard chance > 1e-9 else { return "less than 1 in a thousand million" }
    let odds = 1 / chance
    let unit = pow(10, (log10(odds)).rounded(.down))
    return "1 in \(((odds / unit).rounded() * unit).fixed(0))"
  }
}
