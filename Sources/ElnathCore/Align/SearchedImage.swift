/// What stars are looked for in: an image with its mask. The variances of its pixels are asked for around single stars
/// only, so that those of a raw frame are never made as a whole.
struct SearchedImage {
  let image: PixelGrid<Float>
  let mask: PixelGrid<PixelMask>
  private let variances: Variances

  private enum Variances {
    case plane(PixelGrid<Float>)
    /// Made where they are wanted.
    case reduction(WindowVariances)
  }

  init(_ masked: MaskedImage) {
    image = masked.image
    mask = masked.mask
    variances = .plane(masked.variance)
  }

  init(_ frame: FrameReduction) {
    guard let light = frame.light() else {
      self.init(frame.image())
      return
    }
    self.init(light.image, light.mask, .reduction(WindowVariances(frame)))
  }

  private init(_ image: PixelGrid<Float>, _ mask: PixelGrid<PixelMask>, _ variances: Variances) {
    self.image = image
    self.mask = mask
    self.variances = variances
  }

  var width: Int { image.width }
  var height: Int { image.height }

  /// The windowed centroid of `Centroid`; its variance is 0 where none is wanted.
  func centroid(
    around start: PixelPoint, sigma: Double, sky: Double, maximumStep: Double, wantsVariance: Bool = true
  ) -> CentroidResult {
    image.pixels.withUnsafeBufferPointer { pixels in
      mask.pixels.withUnsafeBufferPointer { mask in
        let whole = PixelRectangle(x: 0, y: 0, width: width, height: height)
        func settled(_ variance: UnsafeBufferPointer<Float>, _ source: CentroidVariance) -> CentroidResult {
          let planes = ImagePlanes(
            width: width, height: height, box: whole, image: pixels, variance: variance, mask: mask)
          return Centroid.windowed(
            in: planes, variances: source, around: start, sigma: sigma, sky: sky, maximumStep: maximumStep)
        }
        let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
        guard wantsVariance else { return settled(none, .unwanted) }
        switch variances {
        case .plane(let plane): return plane.pixels.withUnsafeBufferPointer { settled($0, .ofPlanes) }
        case .reduction(let windows):
          return settled(none, .of(windows))
        }
      }
    }
  }
}

/// Where a centroid takes the variances under its window from.
enum CentroidVariance {
  case ofPlanes
  /// Made for the window alone, once it has come to rest.
  case of(WindowVariances)
  /// No pixel has one.
  case unwanted
}

/// A frame that is handed on to one star after another without counting who holds its masters.
final class WindowVariances: Sendable {
  let frame: FrameReduction

  init(_ frame: FrameReduction) { self.frame = frame }
}
