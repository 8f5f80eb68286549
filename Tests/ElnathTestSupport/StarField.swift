import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A sky with a lattice of stars of one width, each elsewhere in its pixel, with photon and read noise: many stars for
/// tests that count.
public struct StarField: Sendable {
  public var width = 1000
  public var height = 1000
  /// px.
  public var fwhm = 4.0
  /// e-/px.
  public var sky = 200.0
  public var readNoise = 5.0
  /// Distance of neighbouring stars, px.
  public var spacing = 40.0
  /// Fluxes from and to, e-, even in their logarithms.
  public var fluxes = 1000.0...1_000_000.0
  /// True for Moffat's profile with beta = 2.5, false for a Gaussian.
  public var moffat = false

  public struct Exposure: Sendable {
    public var image: MaskedImage
    public var stars: [PixelPoint]
  }

  public init() {}

  public func callAsFunction(_ random: inout SeededGenerator) -> Exposure {
    var light = [Double](repeating: sky, count: width * height)
    var stars: [PixelPoint] = []
    let reach = Int((6 * fwhm).rounded(.up))
    for row in 0..<Int(Double(height) / spacing) {
      for column in 0..<Int(Double(width) / spacing) {
        let place = PixelPoint(
          x: (Double(column) + 0.5) * spacing + random.uniform() - 0.5,
          y: (Double(row) + 0.5) * spacing + random.uniform() - 0.5)
        stars.append(place)
        let flux = fluxes.lowerBound * pow(fluxes.upperBound / fluxes.lowerBound, random.uniform())
        deposit(flux, at: place, reach: reach, into: &light)
      }
    }
    var electrons = [Float](repeating: 0, count: light.count)
    var variance = electrons
    for i in light.indices {
      let value = random.poisson(light[i]) + readNoise * random.normal()
      electrons[i] = Float(value - sky)
      variance[i] = Float(max(value, 0) + readNoise * readNoise)
    }
    let image = MaskedImage(
      image: PixelGrid(width: width, height: height, pixels: electrons),
      variance: PixelGrid(width: width, height: height, pixels: variance),
      mask: PixelGrid(width: width, height: height, repeating: []))
    return Exposure(image: image, stars: stars)
  }

  private func deposit(_ flux: Double, at place: PixelPoint, reach: Int, into light: inout [Double]) {
    let profile = StarProfile(fwhm: fwhm)
    let scale = fwhm / 2.3548200450309493 * 2.0.squareRoot()
    let (x0, y0) = (Int(place.x.rounded()), Int(place.y.rounded()))
    for y in max(0, y0 - reach)...min(height - 1, y0 + reach) {
      let dy = Double(y) - place.y
      let row = 0.5 * (erf((dy + 0.5) / scale) - erf((dy - 0.5) / scale))
      for x in max(0, x0 - reach)...min(width - 1, x0 + reach) {
        let dx = Double(x) - place.x
        if moffat {
          light[y * width + x] += flux * profile.surface(at: (dx * dx + dy * dy).squareRoot())
        } else {
          light[y * width + x] += flux * row * 0.5 * (erf((dx + 0.5) / scale) - erf((dx - 0.5) / scale))
        }
      }
    }
  }
}
