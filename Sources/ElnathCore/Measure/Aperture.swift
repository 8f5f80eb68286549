/// A shape on the pixel grid: it says where light is summed, not what is measured there.
///
/// To add a kind: a type of its own that conforms, and its case in `ApertureKind`; the laws in the tests then hold it
/// to account.
public protocol Aperture: Sendable, Equatable {
  /// Analytic area, px.
  var area: Double { get }
  /// Radius of the circle that has the area within the outer border, px: the radius in tables.
  var radius: Double { get }
  /// No point of the shape lies farther from its centre, px.
  var reach: Double { get }
  /// Mean squares of the place within the shape, relative to its centre.
  var moments: ApertureMoments { get }
  /// The same shape with all lengths times `factor`.
  func scaled(by factor: Double) -> Self
  /// The same shape turned counter-clockwise by `angle` (radians), after a flip of x where `mirrored`.
  func turned(by angle: Double, mirrored: Bool) -> Self
  /// Exactly covered fraction of every pixel that the shape touches when its centre lies at `centre`; nothing for a
  /// place or a reach that no image has.
  func weights(centeredAt centre: PixelPoint) -> PixelWeights
}

/// Mean of x^2, xy and y^2 over a shape about its centre, px^2: what the mean of a curved sky over it depends on.
public struct ApertureMoments: Sendable, Equatable {
  public var xx: Double
  public var xy: Double
  public var yy: Double

  public init(xx: Double, xy: Double, yy: Double) {
    self.xx = xx
    self.xy = xy
    self.yy = yy
  }

  /// Of a point.
  public static let zero = ApertureMoments(xx: 0, xy: 0, yy: 0)

  /// Of a round shape with this mean square of x.
  init(round square: Double) { self.init(xx: square, xy: 0, yy: square) }
}
