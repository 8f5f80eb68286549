/// A shape on the pixel grid: it says where light is summed, not what is measured there.
///
/// To add a kind: a type of its own that conforms, and its case in `ApertureKind`; the laws in the tests then hold it
/// to account.
public protocol Aperture: Sendable, Equatable {
  /// Analytic area, px.
  var area: Double { get }
  /// The same shape with all lengths times `factor`.
  func scaled(by factor: Double) -> Self
  /// Exactly covered fraction of every pixel that the shape touches when its centre lies at `centre`.
  func weights(centeredAt centre: PixelPoint) -> PixelWeights
}
