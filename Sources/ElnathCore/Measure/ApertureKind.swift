/// Every kind of aperture, under the name that settings use: `kind = "circle"`.
public enum ApertureKind: String, Sendable, CaseIterable, Codable {
  case circle, annulus

  /// The lengths that describe an aperture of this kind, px, in the order that `aperture(_:)` takes them.
  public var parameters: [String] {
    switch self {
    case .circle: ["radius"]
    case .annulus: ["inner", "outer"]
    }
  }

  /// The aperture with these lengths, or nil where there is none (a length missing, not finite or not above its
  /// predecessor).
  public func aperture(_ lengths: [Double]) -> (any Aperture)? {
    guard lengths.count == parameters.count, lengths.allSatisfy(\.isFinite) else { return nil }
    switch self {
    case .circle: return lengths[0] > 0 ? CircularAperture(radius: lengths[0]) : nil
    case .annulus:
      return lengths[0] >= 0 && lengths[1] > lengths[0]
        ? AnnularAperture(inner: lengths[0], outer: lengths[1]) : nil
    }
  }
}
