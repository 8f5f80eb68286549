import ElnathCore
import Testing

@Suite("rgb: asinh composite")
struct AsinhCompositeTests {
  /// A noisy sky of its own level in each channel, with blocks of 4 x 4 pixels of one colour that brighten from left to
  /// right by a factor of `step`.
  private static func channels(
    colour: [Double] = [1, 1, 1], blocks: Int = 0, first: Double = 100, step: Double = 1,
    sky: [Double] = [200, 900, 50]
  ) -> [ColourChannel] {
    var random = SeededGenerator(seed: 3)
    let (width, height) = (128, 64)
    return (0..<3).map { k in
      var pixels = (0..<(width * height)).map { _ in Float(sky[k] + 5 * random.normal()) }
      var light = first
      for block in 0..<blocks {
        for y in 30..<34 {
          for x in (8 * block + 2)..<(8 * block + 6) { pixels[y * width + x] = Float(sky[k] + light * colour[k]) }
        }
        light *= step
      }
      return ColourChannel(
        image: PixelGrid(width: width, height: height, pixels: pixels), sky: sky[k], noise: 5)
    }
  }

  private static func pixel(_ picture: AsinhComposite.Picture, _ x: Int, _ y: Int) -> [Double] {
    let place = 3 * ((picture.height - 1 - y) * picture.width + x)
    return picture.bytes[place..<(place + 3)].map(Double.init)
  }

  @Test("the hue stays over five magnitudes of brightness and beyond what the picture can show")
  func hue() {
    // 5 magnitudes in 10 steps from 20 sigma on, black 2 sigma below: ratios of light above black.
    let channels = Self.channels(colour: [1, 0.6, 0.3], blocks: 11, first: 400, step: 1.5849)
    let picture = AsinhComposite()(channels)
    var brightness: [Double] = []
    for block in 0..<11 {
      let rgb = Self.pixel(picture, 8 * block + 4, 32)
      let light = 400 * [Double](repeating: 1.5849, count: block).reduce(1, *)
      let expected = (0.6 * light + 10) / (light + 10)
      let blue = (0.3 * light + 10) / (light + 10)
      // Rounding to 8 bits.
      #expect(abs(rgb[1] / rgb[0] - expected) < 1.2 / rgb[0], "\(block): \(rgb)")
      #expect(abs(rgb[2] / rgb[0] - blue) < 1.2 / rgb[0], "\(block): \(rgb)")
      brightness.append(rgb.reduce(0, +))
    }
    #expect(zip(brightness, brightness.dropFirst()).allSatisfy { $0 <= $1 + 3 })
    #expect(brightness[0] > 100 && Self.pixel(picture, 84, 32)[0] == 255)
  }

  @Test("the sky is a dark neutral grey, whatever its level in the channels")
  func sky() {
    let picture = AsinhComposite()(Self.channels(blocks: 10, first: 100, step: 2))
    var sums = [0.0, 0, 0]
    for y in 0..<20 {
      for x in 0..<128 {
        for (k, value) in Self.pixel(picture, x, y).enumerated() { sums[k] += value / 2560 }
      }
    }
    #expect(sums.allSatisfy { (5...45).contains($0) }, "\(sums)")
    // Noise of 5 of 2560 pixels, some 7 grey levels each.
    #expect((sums.max() ?? 0) - (sums.min() ?? 0) < 1, "\(sums)")
  }

  @Test("pixels without a value are as grey as the sky; a picture of nothing but those too")
  func missing() {
    var channels = Self.channels(blocks: 10, first: 100, step: 2)
    channels[1].image.set(7, 9, .nan)
    let picture = AsinhComposite()(channels)
    let gap = Self.pixel(picture, 7, 9)
    #expect(Set(gap).count == 1 && (5...45).contains(gap[0]))
    let nothing = PixelGrid<Float>(width: 5, height: 4, repeating: .nan)
    let empty = AsinhComposite()((0..<3).map { _ in ColourChannel(image: nothing, sky: .nan, noise: .nan) })
    #expect(Set(empty.bytes).count == 1 && empty.bytes.count == 60)
  }

  @Test("given softening and stretch are those of the paper")
  func given() {
    var composite = AsinhComposite()
    (composite.softening, composite.stretch, composite.black) = (8, 500, 0)
    let picture = composite(Self.channels(blocks: 1, first: 300))
    // asinh(8 300 / 500) / 8 of 255, by hand.
    #expect(Self.pixel(picture, 4, 32).allSatisfy { abs($0 - 255 * 2.27244 / 8) < 1 })
    #expect(picture.softening == 8 && picture.stretch == 500)
  }

  @Test("the star of median colour becomes white")
  func balance() throws {
    let fluxes = (1...9).map { k in (red: 2.0 * Double(k), green: Double(k), blue: 0.5 * Double(k)) }
    let factors = try #require(WhiteBalance.factors(of: fluxes))
    #expect(abs(factors.red * 2 / factors.green - 1) < 1e-12 && abs(factors.blue * 0.5 / factors.green - 1) < 1e-12)
    #expect(abs(factors.red * factors.green * factors.blue - 1) < 1e-12)
    #expect(WhiteBalance.factors(of: Array(fluxes.prefix(4))) == nil)
  }
}
