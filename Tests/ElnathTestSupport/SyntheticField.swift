import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A field of stars that can be exposed again and again: stars integrated over pixels, sky, photon and read noise.
/// All in electrons; the noise is normal with the variance of the photons.
public struct SyntheticField: Sendable {
  public struct Star: Sendable {
    public var position: PixelPoint
    public var flux: Double
    public init(_ position: PixelPoint, flux: Double) {
      self.position = position
      self.flux = flux
    }
  }

  public var width: Int
  public var height: Int
  public var stars: [Star]
  public var fwhm = 4.0
  /// Exponent of a Moffat profile; nil for a Gaussian.
  public var beta: Double?
  /// Length of a trail along x, px.
  public var trail = 0.0
  public var sky = 200.0
  public var readNoise = 8.0
  /// Pixels above this are cut off and masked, e-.
  public var saturation = Double.infinity
  /// Light that the clouds let through.
  public var transparency = 1.0
  /// Pixels that always hold this much more, e-.
  public var hotPixels: [(x: Int, y: Int, electrons: Double)] = []
  /// A straight line of light from edge to edge, e- per pixel of its length.
  public var satellite: (from: PixelPoint, to: PixelPoint, perPixel: Double)?
  public var file = "synthetic.fits"
  public var filter = "R"
  public var exposure = 60.0

  public init(width: Int, height: Int, stars: [Star]) {
    self.width = width
    self.height = height
    self.stars = stars
  }

  /// Stars at random places, numbers growing towards faint ones as on the sky (N(> F) ~ 1/F), over an area that reaches
  /// `margin` px past the frame on all sides. `flux` bounds them.
  public static func stars(
    _ count: Int, width: Int, height: Int, margin: Double = 0, flux: ClosedRange<Double>, seed: UInt64
  ) -> [Star] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let x = random.uniform(-margin..<(Double(width) - 1 + margin))
      let y = random.uniform(-margin..<(Double(height) - 1 + margin))
      let u = random.uniform()
      let inverse = 1 / flux.lowerBound * (1 - u) + 1 / flux.upperBound * u
      return Star(PixelPoint(x: x, y: y), flux: 1 / inverse)
    }
  }

  /// One exposure, the stars moved by `transform`.
  public func frame(seed: UInt64, transform: SimilarityTransform = .identity) -> Frame {
    var light = [Double](repeating: sky, count: width * height)
    for star in stars { add(star.flux * transparency, at: transform(star.position), to: &light) }
    if let satellite {
      let length = satellite.from.distance(to: satellite.to)
      for k in 0..<Int(length * 2) {
        let t = (Double(k) + 0.5) / (length * 2)
        add(
          satellite.perPixel / 2,
          at: PixelPoint(
            x: satellite.from.x + t * (satellite.to.x - satellite.from.x),
            y: satellite.from.y + t * (satellite.to.y - satellite.from.y)), to: &light)
      }
    }
    for hot in hotPixels { light[hot.y * width + hot.x] += hot.electrons }
    var random = SeededGenerator(seed: seed)
    var image = [Float](repeating: 0, count: width * height)
    var variance = image
    var mask = [PixelMask](repeating: [], count: width * height)
    for i in light.indices {
      let v = light[i] + readNoise * readNoise
      let value = light[i] + v.squareRoot() * random.normal()
      image[i] = Float(min(value, saturation))
      variance[i] = Float(max(0, Double(image[i])) + readNoise * readNoise)
      if value >= saturation { mask[i] = .saturated }
    }
    var observation = Observation(file: file, kind: .light, width: width, height: height)
    observation.filter = filter
    observation.exposure = exposure
    let grid = PixelGrid(width: width, height: height, pixels: image)
    return Frame(
      observation: observation,
      image: MaskedImage(
        image: grid, variance: PixelGrid(width: width, height: height, pixels: variance),
        mask: PixelGrid(width: width, height: height, pixels: mask)), adu: grid, inverseFlat: nil, flatVariance: nil,
      noise: NoiseModel(gain: 1, readNoise: readNoise))
  }

  private func add(_ flux: Double, at place: PixelPoint, to light: inout [Double]) {
    if trail > 0 {
      let pieces = Int(trail * 2) + 1
      for k in 0..<pieces {
        let x = place.x + trail * ((Double(k) + 0.5) / Double(pieces) - 0.5)
        addPoint(flux / Double(pieces), at: PixelPoint(x: x, y: place.y), to: &light)
      }
    } else {
      addPoint(flux, at: place, to: &light)
    }
  }

  private func addPoint(_ flux: Double, at place: PixelPoint, to light: inout [Double]) {
    // A Moffat profile of exponent 3 still holds 0.1 per cent of its light beyond 6 FWHM.
    let reach = Int(((beta == nil ? 2.5 : 6) * fwhm).rounded(.up)) + 1
    let cx = Int(place.x.rounded())
    let cy = Int(place.y.rounded())
    guard cx + reach >= 0, cy + reach >= 0, cx - reach < width, cy - reach < height else { return }
    if let beta {
      addMoffat(flux, at: place, beta: beta, cx: cx, cy: cy, reach: reach, to: &light)
      return
    }
    let scale = 1 / (fwhm / 2.3548200450309493 * 2.0.squareRoot())
    func shares(_ centre: Double, from first: Int) -> [Double] {
      (0...(2 * reach)).map { k in
        let d = Double(first + k) - centre
        return (erf((d + 0.5) * scale) - erf((d - 0.5) * scale)) / 2
      }
    }
    let wx = shares(place.x, from: cx - reach)
    let wy = shares(place.y, from: cy - reach)
    for j in max(0, cy - reach)...max(0, min(height - 1, cy + reach)) where j >= cy - reach && j <= cy + reach {
      for i in max(0, cx - reach)...max(0, min(width - 1, cx + reach)) where i >= cx - reach && i <= cx + reach {
        light[j * width + i] += flux * wx[i - cx + reach] * wy[j - cy + reach]
      }
    }
  }

  private func addMoffat(
    _ flux: Double, at place: PixelPoint, beta: Double, cx: Int, cy: Int, reach: Int, to light: inout [Double]
  ) {
    let alpha = fwhm / (2 * (pow(2, 1 / beta) - 1).squareRoot())
    let peak = flux * (beta - 1) / (Double.pi * alpha * alpha)
    let parts = 5
    for j in max(0, cy - reach)...max(0, min(height - 1, cy + reach)) where j >= cy - reach && j <= cy + reach {
      for i in max(0, cx - reach)...max(0, min(width - 1, cx + reach)) where i >= cx - reach && i <= cx + reach {
        var sum = 0.0
        for v in 0..<parts {
          for u in 0..<parts {
            let dx = Double(i) + (Double(u) + 0.5) / Double(parts) - 0.5 - place.x
            let dy = Double(j) + (Double(v) + 0.5) / Double(parts) - 0.5 - place.y
            sum += pow(1 + (dx * dx + dy * dy) / (alpha * alpha), -beta)
          }
        }
        light[j * width + i] += peak * sum / Double(parts * parts)
      }
    }
  }
}
