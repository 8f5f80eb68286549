/// Fluxes of the stars of one image in three registered channels, for the white balance.
public struct StarColours {
  public init() {}

  /// Fainter stars have colours that are mostly noise.
  private static let leastSignal = 10.0

  /// - Parameters:
  ///   - stars: places and width of the stars on the common grid.
  ///   - channels: three, of one size.
  public func callAsFunction(
    _ stars: FrameSources, _ channels: [ColourChannel]
  ) -> [(red: Double, green: Double, blue: Double)] {
    precondition(channels.count == 3, "red, green and blue")
    let radius = max(2, stars.fwhm.isFinite ? stars.fwhm : 3)
    let usable = stars.sources.filter { $0.mask.isEmpty && $0.flux > Self.leastSignal * $0.fluxError }
    return usable.prefix(500).compactMap { star in
      let fluxes = channels.map { flux(in: $0, at: star.position, radius: radius) }
      let isSure = zip(fluxes, channels).allSatisfy {
        $0 > Self.leastSignal * $1.noise * (Double.pi * radius * radius).squareRoot()
      }
      return isSure ? (fluxes[0], fluxes[1], fluxes[2]) : nil
    }
  }

  /// Above a ring around the star, where a nebula may shine; NaN where a pixel is missing.
  private func flux(in channel: ColourChannel, at centre: PixelPoint, radius: Double) -> Double {
    let outer = 3 * radius
    let (x0, y0, reach) = (Int(centre.x.rounded()), Int(centre.y.rounded()), Int(outer.rounded(.up)))
    guard x0 >= reach, y0 >= reach, x0 + reach < channel.image.width, y0 + reach < channel.image.height else {
      return .nan
    }
    var (sum, area) = (0.0, 0.0)
    var sky: [Double] = []
    for y in (y0 - reach)...(y0 + reach) {
      for x in (x0 - reach)...(x0 + reach) {
        let value = Double(channel.image.pixels[y * channel.image.width + x])
        let (dx, dy) = (Double(x) - centre.x, Double(y) - centre.y)
        let square = dx * dx + dy * dy
        if square > 4 * radius * radius, square < outer * outer, !value.isNaN { sky.append(value) }
        let covered = CircleOverlap.fraction(dx: dx, dy: dy, radius: radius)
        if covered > 0 {
          sum += covered * value
          area += covered
        }
      }
    }
    return sum - area * Median.inPlace(&sky)
  }
}
