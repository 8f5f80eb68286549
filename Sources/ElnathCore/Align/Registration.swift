/// How a frame lies on the reference frame, and the proof of it.
public struct Registration: Sendable, Equatable {
  /// By which rung of the ladder the transform was found.
  public enum Method: String, Sendable, CaseIterable {
    case reference, wcs, stars, correlation, predicted, none
  }

  /// From the reference frame to this frame.
  public var transform: FrameTransform
  public var method: Method
  /// Number of matched stars and their weighted residual rms, px.
  public var matched: Int
  public var residual: Double
  /// Standard deviation along one axis of where the transform puts the middle of the frame, and the worst corner, px; NaN
  /// where unknown.
  public var centreError = Double.nan
  public var cornerError = Double.nan
  /// How far away the correlation of the images, which does not know of the stars, finds the frame, px; nil where it finds
  /// the same or nothing.
  public var disagreement: Double?

  public init(transform: FrameTransform, method: Method, matched: Int, residual: Double) {
    self.transform = transform
    self.method = method
    self.matched = matched
    self.residual = residual
  }

  @_disfavoredOverload
  public init(transform: SimilarityTransform, method: Method, matched: Int, residual: Double) {
    self.init(transform: FrameTransform(transform), method: method, matched: matched, residual: residual)
  }
}
