import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("sources of a stack")
struct DeepSourcesTests {
  private static let width = 220
  private static let height = 200

  /// The stack of 36 frames with noise of 12 e- on each: 2 e- are left.
  private static func stack(
    _ stars: [(x: Double, y: Double, flux: Double)], coverage: [UInt16]? = nil,
    saturatedAt: (Int, Int)? = nil
  ) -> Stack {
    var random = SeededGenerator(seed: 71)
    var light = (0..<(width * height)).map { _ in Float(2 * random.normal()) }
    for star in stars {
      for y in max(0, Int(star.y) - 12)...min(height - 1, Int(star.y) + 12) {
        for x in max(0, Int(star.x) - 12)...min(width - 1, Int(star.x) + 12) {
          let d2 =
            (Double(x) - star.x) * (Double(x) - star.x) + (Double(y) - star.y)
            * (Double(y) - star.y)
          light[y * width + x] += Float(star.flux / (2 * .pi * 2.89) * exp(-d2 / 5.78))
        }
      }
    }
    let count = width * height
    func grid<Value>(_ values: [Value]) -> PixelGrid<Value> {
      PixelGrid(width: width, height: height, pixels: values)
    }
    var stack = Stack(
      image: grid(light), variance: grid([Float](repeating: 4, count: count)),
      coverage: grid(coverage ?? [UInt16](repeating: 36, count: count)),
      rejected: grid([UInt16](repeating: 0, count: count)),
      saturated: grid([UInt16](repeating: 0, count: count)))
    if let (cx, cy) = saturatedAt {
      for y in (cy - 3)...(cy + 3) {
        for x in (cx - 3)...(cx + 3) where (x - cx) * (x - cx) + (y - cy) * (y - cy) <= 10 {
          stack.saturated.set(x, y, 36)
          stack.image.set(x, y, 30_000)
        }
      }
    }
    return stack
  }

  private static func sources(_ stack: Stack, found: [CatalogSource], light: Double = 1)
    -> [CatalogSource]
  {
    DeepSources()(
      in: stack,
      observation: Observation(file: "a.fits", kind: .light, width: width, height: height),
      found: found,
      light: light)
  }

  private static func field() -> [(x: Double, y: Double, flux: Double)] {
    (0..<30).map { k in
      let place = (x: 20 + 36 * Double(k % 6), y: 20 + 36 * Double(k / 6))
      let flux: Double = k < 12 ? 20_000 : 220
      return (x: place.x + 0.13 * Double(k), y: place.y + 0.07 * Double(k), flux: flux)
    }
  }

  private static func star(_ x: Double, _ y: Double, flux: Double, saturated: Double = 0)
    -> CatalogSource
  {
    CatalogSource(
      name: "", position: PixelPoint(x: x, y: y), flux: flux, fwhm: 4, detected: 1,
      saturated: saturated)
  }

  @Test(
    "faint stars appear, bright ones keep what is known of them, and all are named by brightness")
  func faint() throws {
    let field = Self.field()
    // A star of 220 e- has a signal to noise of 3 on a single frame, of 18 on the stack.
    let found = field.prefix(12).map { Self.star($0.x + 0.05, $0.y, flux: 1) }
    let sources = Self.sources(Self.stack(field), found: found, light: 0.5)
    #expect(sources.count == 30)
    let (names, expected) = (sources.map(\.name), (1...30).map { FieldSources.name($0) })
    #expect(names == expected)
    let descends = zip(sources, sources.dropFirst()).allSatisfy { $0.flux >= $1.flux }
    #expect(descends)
    for star in field {
      let place = PixelPoint(x: star.x, y: star.y)
      func away(_ source: CatalogSource) -> Double { source.position.distance(to: place) }
      let nearest = try #require(sources.min { away($0) < away($1) })
      let distance = away(nearest)
      // 1.7 px over the signal to noise, times four.
      #expect(distance < (star.flux > 1000 ? 0.02 : 0.5))
      #expect(nearest.detected == (star.flux > 1000 ? 1 : 0))
      // Fluxes in the exposure that was asked for; those of detection are good to about 10 per cent.
      if star.flux > 1000 { #expect(abs(nearest.flux / (0.5 * star.flux) - 1) < 0.1) }
    }
  }

  @Test("stars that only single frames show stay; what an earlier stack alone showed does not")
  func kept() {
    let field = Self.field()
    // Few frames cover the left part.
    let coverage = (0..<(Self.width * Self.height)).map { $0 % Self.width < 40 ? UInt16(5) : 36 }
    var found = [Self.star(20, 20, flux: 9000), Self.star(-15, 60, flux: 800)]
    found.append(
      CatalogSource(
        name: "", position: PixelPoint(x: 110, y: 109), flux: 100, fwhm: 4, detected: 0,
        saturated: 0))
    let sources = Self.sources(Self.stack(field, coverage: coverage), found: found)
    #expect(sources.contains { $0.position == PixelPoint(x: 20, y: 20) })
    #expect(sources.contains { $0.position == PixelPoint(x: -15, y: 60) })
    #expect(!sources.contains { $0.position.distance(to: PixelPoint(x: 110, y: 109)) < 1 })
    // Nothing is made of the noise of the ground that few frames cover.
    #expect(sources.count { $0.position.x < 35 } == 2)
  }

  @Test("the wing of a star beyond the edge of what is searched is none, a star on it is one")
  func wings() {
    var field = Self.field()
    // Stars of 6000 e- beyond the left edge, below the image, on ground that few frames cover, and one just within it.
    field += [(-2.5, 110, 6000), (128, -2.2, 6000), (213.5, 75, 6000), (207, 148, 6000)]
    // What few frames cover begins at column 211; nothing is known from 218 on.
    let coverage = (0..<(Self.width * Self.height)).map { i -> UInt16 in
      let x = i % Self.width
      return x < 211 ? 36 : x < 218 ? 20 : 0
    }
    var stack = Self.stack(field, coverage: coverage)
    for i in coverage.indices where coverage[i] == 0 { stack.image.pixels[i] = .nan }
    let sources = Self.sources(stack, found: [])
    for source in sources {
      let near = field.contains { star in source.position.distance(to: PixelPoint(x: star.x, y: star.y)) < 1 }
      #expect(near, "\(source.position)")
    }
    #expect(sources.contains { $0.position.distance(to: PixelPoint(x: 207, y: 148)) < 0.1 })
    // All of the field itself.
    let lost = field.filter { star in
      !sources.contains { $0.position.distance(to: PixelPoint(x: star.x, y: star.y)) < 1 }
    }
    #expect(sources.count == 31, "\(lost)")
  }

  @Test("a star that is saturated on most frames is one source, where the single frames saw it")
  func saturated() {
    var field = Self.field()
    field[14] = (110, 92, 400_000)
    let found = [Self.star(110.2, 92.1, flux: 500_000, saturated: 0.9)]
    let sources = Self.sources(Self.stack(field, saturatedAt: (110, 92)), found: found)
    let near = sources.filter { $0.position.distance(to: PixelPoint(x: 110, y: 92)) < 8 }
    #expect(near.count == 1)
    #expect(near.first?.position == found[0].position && near.first?.saturated == 0.9)
    #expect(sources.first?.position == found[0].position)
  }
}
