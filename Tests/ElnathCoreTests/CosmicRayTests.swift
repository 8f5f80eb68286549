import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("reduce: cosmic rays")
struct CosmicRayTests {
  @Test("no star is ever bitten, and pure sky stays clean", arguments: [2.5, 3.0, 4.5, 6.0], [false, true])
  func stars(fwhm: Double, moffat: Bool) throws {
    let rays = try #require(CosmicRays(fwhm: fwhm))
    var field = StarField()
    field.fwhm = fwhm
    field.moffat = moffat
    // Sky noise 15 e-: signal-to-noise ratios from about 10 to 1000 at 2.5 px, 4 to 1000 at 6 px.
    field.fluxes = 600...1_000_000
    var random = SeededGenerator(seed: 11, part: UInt64(fwhm * 10) + (moffat ? 1000 : 0))
    for _ in 0..<2 {
      let exposure = field(&random)
      let mask = rays.marked(exposure.image)
      let marked = mask.pixels.count { $0.contains(.cosmicRay) }
      // 625 stars a frame: 10,000 over all arguments. Not one pixel, of stars or sky.
      #expect(marked == 0, "\(marked) pixels")
    }
  }

  @Test("hits are found", arguments: [2.5, 4.0, 6.0])
  func efficiency(fwhm: Double) throws {
    let rays = try #require(CosmicRays(fwhm: fwhm))
    var field = StarField()
    field.fwhm = fwhm
    var random = SeededGenerator(seed: 12, part: UInt64(fwhm * 10))
    var clean = field(&random)
    let hits = HitSimulator(sigma: 15).hits(400, width: 1000, height: 1000, &random)
    for hit in hits { hit.add(to: &clean.image) }
    let mask = rays.marked(clean.image)
    var far = (found: 0, all: 0)
    for hit in hits {
      let distance = clean.stars.map { $0.distance(to: hit.place) }.min() ?? .infinity
      let found = mask[Int(hit.place.x), Int(hit.place.y)].contains(.cosmicRay)
      // On a bright star a hit of ten times the noise of the sky is nothing.
      guard distance > 2 * fwhm else { continue }
      far.all += 1
      far.found += found ? 1 : 0
    }
    // 97 to 100 per cent of hits with a peak of 10 to 100 sigma, tracks of up to five pixels among them.
    #expect(far.all > 200 && Double(far.found) >= 0.95 * Double(far.all), "\(far)")
  }

  @Test("nothing is looked for where stars are as sharp as hits")
  func undersampled() {
    #expect(CosmicRays(fwhm: 2.4) == nil && CosmicRays(fwhm: .nan) == nil)
    #expect(CosmicRays.narrowest(fwhm: 4, elongation: 1.1) == 4)
    // Trailed to twice its width: sharp in the other direction.
    #expect(abs(CosmicRays.narrowest(fwhm: 3, elongation: 2.3) - 3 / 2.0.squareRoot()) < 1e-12)
    #expect(CosmicRays.narrowest(fwhm: 3, elongation: .nan) == 3)
  }
}

/// Tracks of cosmic rays: straight, some pixels long, with a little charge on the pixels beside.
struct HitSimulator {
  let sigma: Double

  struct Hit {
    var place: PixelPoint
    var pixels: [(x: Int, y: Int, light: Double)]

    func add(to image: inout MaskedImage) {
      for pixel in pixels where pixel.x >= 0 && pixel.y >= 0 && pixel.x < image.width && pixel.y < image.height {
        let i = pixel.y * image.width + pixel.x
        image.image.pixels[i] += Float(pixel.light)
        image.variance.pixels[i] += Float(pixel.light)
      }
    }
  }

  /// The brightest pixel of each has 10 to 100 sigma; `place` is that pixel.
  func hits(_ count: Int, width: Int, height: Int, _ random: inout SeededGenerator) -> [Hit] {
    (0..<count).map { _ in
      let x = 8 + Int(random.uniform() * Double(width - 16))
      let y = 8 + Int(random.uniform() * Double(height - 16))
      let peak = sigma * (10 + 90 * random.uniform() * random.uniform())
      let length = Int(random.uniform() * 5)
      let (dx, dy) = [(1, 0), (0, 1), (1, 1), (1, -1)][Int(random.uniform() * 4) % 4]
      var pixels = [(x, y, peak)]
      for k in 1...max(1, length) where length > 0 {
        pixels.append((x + k * dx, y + k * dy, peak * (0.3 + 0.6 * random.uniform())))
      }
      for (u, v) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
        pixels.append((x + u, y + v, 0.15 * peak * random.uniform()))
      }
      return Hit(place: PixelPoint(x: Double(x), y: Double(y)), pixels: pixels)
    }
  }
}
