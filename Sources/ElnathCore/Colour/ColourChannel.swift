#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One colour of a composite: an image, its sky and its noise.
public struct ColourChannel: Sendable {
  public var image: PixelGrid<Float>
  /// Level of the sky and noise of a pixel, in the unit of the image; NaN for an image without any value.
  public var sky: Double
  public var noise: Double

  public init(image: PixelGrid<Float>, sky: Double, noise: Double) {
    self.image = image
    self.sky = sky
    self.noise = noise
  }

  /// An image with the sky and noise that detection found.
  public init(_ image: MaskedImage, sky: FrameSources) {
    self.init(image: image.image, sky: sky.sky, noise: sky.skySigma)
  }

  /// Shifts of less than this cannot be seen, and resampling would only blur, px.
  private static let invisible = 0.1

  /// The same on the pixels of another image; as it is where nothing moves by a visible amount.
  ///
  /// - Parameter registration: from the other image to this one.
  /// - Returns: the channel, and the largest distance by which a corner was moved, px; nil where none was.
  public static func registered(
    _ image: MaskedImage, sky: FrameSources, by registration: PairRegistration?, ontoWidth width: Int, height: Int
  ) -> (channel: ColourChannel, moved: Double?) {
    let isOneSize = image.width == width && image.height == height
    let transform = registration?.transform ?? .identity
    let moved = transform.departure(from: .identity, width: width, height: height)
    if isOneSize, moved < invisible { return (ColourChannel(image, sky: sky), nil) }
    let resampling = Resampling(.lanczos3, transform: transform)
    var pixels = [Float](repeating: .nan, count: width * height)
    var dilution = [Float](repeating: .nan, count: width)
    image.image.pixels.withUnsafeBufferPointer { source in
      pixels.withUnsafeMutableBufferPointer { pixels in
        dilution.withUnsafeMutableBufferPointer { dilution in
          for y in 0..<height {
            resampling.row(
              y, of: Resampling.Source(values: source, columns: image.width, first: 0),
              into: Resampling.Output(
                values: UnsafeMutableBufferPointer(rebasing: pixels[(y * width)..<((y + 1) * width)]),
                variances: dilution))
          }
        }
      }
    }
    let grid = PixelGrid(width: width, height: height, pixels: pixels)
    return (ColourChannel(image: grid, sky: sky.sky, noise: sky.skySigma), moved)
  }
}

/// What makes the colours of a composite true to one another.
public enum WhiteBalance {
  /// Factors for red, green and blue that turn the star of median colour white; their geometric mean is 1.
  ///
  /// - Parameter fluxes: of each star in the three channels. Stars without light in one of them are left out.
  /// - Returns: nil for fewer than five stars, which tell no usual colour.
  public static func factors(of fluxes: [(red: Double, green: Double, blue: Double)]) -> (
    red: Double, green: Double, blue: Double
  )? {
    let whole = fluxes.filter { $0.red > 0 && $0.green > 0 && $0.blue > 0 }
    guard whole.count >= 5 else { return nil }
    let red = Median.of(whole.map { $0.green / $0.red })
    let blue = Median.of(whole.map { $0.green / $0.blue })
    let mean = cbrt(red * blue)
    return (red / mean, 1 / mean, blue / mean)
  }
}
