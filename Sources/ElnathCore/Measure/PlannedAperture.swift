/// An aperture as settings and plan describe it: its kind, its numbers and what the lengths among them are counted in.
public struct PlannedAperture: Sendable, Equatable {
  /// What the lengths of an aperture are counted in.
  public enum Unit: String, Sendable, CaseIterable, Codable {
    /// The same pixels on all frames.
    case px
    /// The FWHM of the stars of each frame; of the filter's median frame where stars are undersampled.
    case fwhm
  }

  public let kind: ApertureKind
  /// In the order of `ApertureKind.parameters`.
  public let values: [Double]
  public let unit: Unit
  private let shape: any Aperture

  /// Nil where the numbers describe no aperture.
  public init?(_ kind: ApertureKind, _ values: [Double], unit: Unit = .px) {
    guard let shape = kind.aperture(values) else { return nil }
    self.kind = kind
    self.values = values
    self.unit = unit
    self.shape = shape
  }

  /// `radius` in px, above zero.
  public init(circle radius: Double) {
    shape = CircularAperture(radius: radius)
    kind = .circle
    values = [radius]
    unit = .px
  }

  public static func == (a: PlannedAperture, b: PlannedAperture) -> Bool {
    a.kind == b.kind && a.values == b.values && a.unit == b.unit
  }

  /// In px, for stars of this FWHM, as it lies on the reference frame.
  public func shape(fwhm: Double) -> any Aperture {
    unit == .px ? shape : shape.scaled(by: fwhm)
  }
}
