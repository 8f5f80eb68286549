/// What a filter of a simulated night lets through.
public struct Passband: Sendable, Equatable {
  public var name: String
  /// Magnitude of a star that gives 1 e-/s above the atmosphere.
  public var zeroPoint = 22.3
  /// Magnitudes per airmass.
  public var extinction = 0.10
  /// Magnitudes per square arcsec at the zenith.
  public var skyBrightness = 20.5
  /// Effective width, nm.
  public var width = 150.0

  public init(name: String) { self.name = name }

  /// The red line of hydrogen through a filter of 8 nm: light in proportion to its width, and a sky that is as bright as
  /// in the broad band.
  public static let hydrogenAlpha: Passband = {
    var band = Passband(name: "Ha")
    band.width = 8
    // 22.3 + 2.5 log10(8/150).
    band.zeroPoint = 19.12
    return band
  }()

  /// Light of a star through this filter over that of one with the same continuum and no line.
  ///
  /// - Parameter equivalentWidth: of the line, which lies within the band, nm; emission positive.
  func lineFactor(equivalentWidth: Double) -> Double { 1 + equivalentWidth / width }
}
