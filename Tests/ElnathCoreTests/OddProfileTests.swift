import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Light that is not the star's, told by how it is spread over the apertures.
@Suite("flag: odd profiles")
struct OddProfileTests {
  private static let radii = [1.8, 2.4, 3.0, 3.8, 4.8, 6.0]

  /// Gaussian stars under changing seeing, with photon and sky noise; a `hit` adds light from a radius on.
  private func table(
    seed: UInt64, fluxes: [Double], frames: Int = 40, contamination: Double = 0,
    brightening: (_ star: Int, _ frame: Int) -> Double = { _, _ in 1 },
    hits: [(star: Int, frame: Int, radius: Double, light: Double)] = []
  ) -> PhotometryTable {
    var noise = SeededGenerator(seed: seed, part: 1)
    var table = PhotometryTable(
      stars: fluxes.indices.map {
        Star(name: "S\($0)", role: .measure, position: PixelPoint(x: Double($0), y: 0))
      }, frames: [], measurements: [])
    for frame in 0..<frames {
      table.frames.append(
        FrameSummary(
          frame: frame + 1, file: "\(frame)", filter: "R", night: "1", jdUTC: Double(frame), exposure: 60))
      let sigma = 1.4 + 0.35 * sin(Double(frame))
      let cloud = frame % 11 == 5 ? 0.5 : 1
      var apertures: [ApertureMeasurement] = []
      for (star, flux) in fluxes.enumerated() {
        var last = 0.0
        var (own, sky, signal, lastRadius) = (0.0, 0.0, 0.0, 0.0)
        for radius in Self.radii {
          // Ring by ring, so that apertures share the noise of their common pixels. A neighbour at 4 px adds a constant.
          let light = flux * cloud * brightening(star, frame) * (1 - exp(-radius * radius / (2 * sigma * sigma)))
          let neighbour = contamination * flux * cloud / (1 + exp(-4 * (radius - 4)))
          let area = Double.pi * (radius * radius - lastRadius * lastRadius)
          let variance = light + neighbour - last + 120 * area
          signal += light + neighbour - last + variance.squareRoot() * noise.normal()
          for hit in hits where hit.star == star && hit.frame == frame {
            if hit.radius > lastRadius && hit.radius <= radius { signal += hit.light }
          }
          own = light + neighbour
          sky += 120 * area
          (last, lastRadius) = (light + neighbour, radius)
          var measured = ApertureMeasurement(radius: radius)
          measured.flux = signal
          measured.budget.source = own
          measured.budget.sky = sky
          measured.contamination = contamination
          apertures.append(measured)
        }
      }
      let stars = fluxes.indices.map { _ in
        StarMeasurement(position: PixelPoint(x: 0, y: 0), forced: PixelPoint(x: 0, y: 0), centroid: .windowed)
      }
      table.measurements.append(FrameMeasurements(frame: frame + 1, stars: stars, apertures: apertures))
    }
    return table
  }

  private func flagged(_ table: PhotometryTable) -> [(frame: Int, star: Int, aperture: Int)] {
    var found: [(Int, Int, Int)] = []
    for measured in table.measurements {
      for star in measured.stars.indices {
        for k in 0..<measured.radii where measured[star, k].flags.contains(.oddProfile) {
          found.append((measured.frame - 1, star, k))
        }
      }
    }
    return found
  }

  private let fluxes = (0..<40).map { 1500 * pow(1.17, Double($0)) }

  @Test("without stray light nothing is odd, under changing seeing and thin cloud")
  func clean() {
    for seed in 1...4 { #expect(flagged(OddProfiles()(table(seed: UInt64(seed), fluxes: fluxes))).isEmpty) }
  }

  @Test("a hit on the core, the wing or the edge is found in every aperture that holds it, and in no other star")
  func hits() {
    // The flux of star 30 has an error of 600 e- in the largest aperture.
    for (radius, smallest) in [(0.5, 0), (2.7, 2), (5.5, 5)] {
      let result = flagged(
        OddProfiles()(
          table(seed: 7, fluxes: fluxes, hits: [(star: 30, frame: 12, radius: radius, light: 9000)])))
      #expect(result.allSatisfy { $0.frame == 12 && $0.star == 30 })
      let apertures = Set(result.map(\.aperture))
      #expect(apertures.isSuperset(of: smallest..<Self.radii.count), "hit at \(radius) px: \(apertures)")
    }
  }

  @Test("a star that flares by two magnitudes keeps all its points, with a neighbour of five per cent too")
  func flare() {
    for contamination in [0, 0.05] {
      let result = flagged(
        OddProfiles()(
          table(seed: 3, fluxes: fluxes, contamination: contamination) { star, frame in
            star == 35 && (frame == 20 || frame == 21) ? 6.3 : 1
          }))
      #expect(result.isEmpty, "contamination \(contamination)")
    }
  }

  @Test("few frames or few stars decide nothing, and an earlier verdict is forgotten")
  func bounds() {
    let hit = [(star: 3, frame: 2, radius: 0.5, light: 50000.0)]
    #expect(flagged(OddProfiles()(table(seed: 1, fluxes: fluxes, frames: 6, hits: hit))).isEmpty)
    #expect(flagged(OddProfiles()(table(seed: 1, fluxes: Array(fluxes.suffix(4)), hits: hit))).isEmpty)
    var once = table(seed: 1, fluxes: fluxes)
    once.measurements[4].apertures[9].flags.insert(.oddProfile)
    #expect(flagged(OddProfiles()(once)).isEmpty)
    let marked = OddProfiles()(table(seed: 7, fluxes: fluxes, hits: hit))
    let first = flagged(marked)
    let isSame = flagged(OddProfiles()(marked)).elementsEqual(first, by: ==)
    #expect(!first.isEmpty && isSame)
  }
}
