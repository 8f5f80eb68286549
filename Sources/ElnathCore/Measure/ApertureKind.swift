/// Every kind of aperture, under the name that settings use: `kind = "circle"`.
public enum ApertureKind: String, Sendable, CaseIterable, Codable {
  case circle, ellipse, annulus
  case ellipticalAnnulus = "elliptical_annulus"

  /// What describes an aperture of this kind, in the order that `aperture(_:)` takes it: lengths in px, and for what is
  /// not round its `angle` in degrees, counter-clockwise from +x.
  public var parameters: [String] {
    switch self {
    case .circle: ["radius"]
    case .ellipse: ["a", "b", "angle"]
    case .annulus: ["inner", "outer"]
    case .ellipticalAnnulus: ["inner", "a", "b", "angle"]
    }
  }

  /// The aperture of this description, or nil where there is none (a number missing or not finite, a length not above
  /// zero, a hole as large as the whole).
  public func aperture(_ values: [Double]) -> (any Aperture)? {
    guard values.count == parameters.count, values.allSatisfy(\.isFinite) else { return nil }
    switch self {
    case .circle: return values[0] > 0 ? CircularAperture(radius: values[0]) : nil
    case .ellipse: return Self.ellipse(values[0], values[1], values[2])
    case .annulus:
      return values[0] >= 0 && values[1] > values[0] ? AnnularAperture(inner: values[0], outer: values[1]) : nil
    case .ellipticalAnnulus:
      guard let outer = Self.ellipse(values[1], values[2], values[3]), values[0] >= 0, outer.a > values[0] else {
        return nil
      }
      return EllipticalAnnulus(inner: values[0], outer: outer)
    }
  }

  private static func ellipse(_ a: Double, _ b: Double, _ degrees: Double) -> EllipticalAperture? {
    guard a > 0 && b > 0 else { return nil }
    return EllipticalAperture(a: a, b: b, angle: degrees.remainder(dividingBy: 360) * .pi / 180)
  }
}
