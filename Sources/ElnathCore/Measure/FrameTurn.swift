#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Brings what lies around a star on the reference frame to the pixels of another frame.
struct FrameTurn {
  private let transform: FrameTransform
  private let angle: Double
  private let mirrored: Bool

  init(_ transform: FrameTransform) {
    self.transform = transform
    let origin = transform(PixelPoint(x: 0, y: 0))
    let right = transform(PixelPoint(x: 1, y: 0))
    let up = transform(PixelPoint(x: 0, y: 1))
    let (ax, ay) = (right.x - origin.x, right.y - origin.y)
    mirrored = ax * (up.y - origin.y) - ay * (up.x - origin.x) < 0
    // Of a mirrored frame: what is turned after the flip of x.
    let turn = mirrored ? atan2(-ay, -ax) : atan2(ay, ax)
    angle = turn.isFinite ? turn : 0
  }

  /// Apertures keep their lengths in pixels.
  func callAsFunction(_ shape: any Aperture) -> any Aperture {
    angle == 0 && !mirrored ? shape : shape.turned(by: angle, mirrored: mirrored)
  }

  /// Nil for a place that no frame has.
  func callAsFunction(_ circle: MaskedCircle) -> MaskedCircle? {
    let centre = transform(circle.centre)
    guard abs(centre.x) < PixelWeights.farthest, abs(centre.y) < PixelWeights.farthest else { return nil }
    return MaskedCircle(centre: centre, radius: min(circle.radius * transform.scale, PixelWeights.farthest))
  }

  func callAsFunction(_ sector: SkySector) -> SkySector {
    guard mirrored else { return SkySector(from: sector.from + angle, width: sector.width) }
    // The flip of x turns the direction a into pi - a, and with it the sense of the sector.
    return SkySector(from: .pi - sector.from - sector.width + angle, width: sector.width)
  }
}
