/// How a frame lies on the reference frame, and the proof of it.
public struct Registration: Sendable, Equatable {
  /// By which rung of the ladder the transform was found.
  public enum Method: String, Sendable, CaseIterable {
    case reference, wcs, stars, correlation, predicted, none
  }

  /// From the reference frame to this frame.
  public var transform: SimilarityTransform
  public var method: Method
  /// Number of matched stars and their weighted residual rms, px.
  public var matched: Int
  public var residual: Double

  public init(transform: SimilarityTransform, method: Method, matched: Int, residual: Double) {
    self.transform = transform
    self.method = method
    self.matched = matched
    self.residual = residual
  }
}
