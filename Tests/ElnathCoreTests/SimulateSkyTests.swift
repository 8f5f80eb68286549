// Stars of simulated frames: their light, their places, their injected changes.
// Airmass and precession against astropy 8.0.2: AltAz without refraction of (67.88, 18.1175) from longitude -111.6003,
// latitude 31.9583, 2096 m; the altitude put into Pickering's formula by hand; FK5 of date.
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct SimulateSkyTests {
  @Test(
    "A star keeps its flux whatever its shape and wherever it falls in its pixel",
    arguments: [1.6, 2.6, 4.0], [1, 1.6])
  func fluxAndPlace(fwhm: Double, elongation: Double) {
    let place = PixelPoint(x: 200.37, y: 199.82)
    let star = PointSpread(fwhm: fwhm, elongation: elongation, angle: 0.7)
    var image = PixelGrid<Float>(width: 400, height: 400, repeating: 0)
    star.deposit(flux: 1e6, at: place, into: &image)
    var (sum, x, y) = (0.0, 0.0, 0.0)
    for row in 0..<400 {
      for column in 0..<400 {
        let value = Double(image[column, row])
        sum += value
        x += value * Double(column)
        y += value * Double(row)
      }
    }
    // The wings are cut where a pixel gets less than 0.01; the three-point rule on a pixel is worst for the narrowest.
    #expect(abs(sum / 1e6 - 1) < 5e-4)
    // The cut is symmetric to one pixel, where the wing of 1e6 electrons is worth 1e-3 px at most.
    #expect(abs(x / sum - place.x) < 2e-3)
    #expect(abs(y / sum - place.y) < 2e-3)
  }

  @Test("The light within a circle grows as the Moffat profile says", arguments: [3.0, 6, 12])
  func growth(radius: Double) {
    let star = PointSpread(fwhm: 6)
    var image = PixelGrid<Float>(width: 200, height: 200, repeating: 0)
    star.deposit(flux: 1e5, at: PixelPoint(x: 100, y: 100), into: &image)
    var sum = 0.0
    // Each pixel cut into 11 x 11.
    for row in 80...120 {
      for column in 80...120 {
        var inside = 0
        for j in -5...5 {
          for i in -5...5
          where hypot(Double(column - 100) + Double(i) / 11, Double(row - 100) + Double(j) / 11) < radius {
            inside += 1
          }
        }
        sum += Double(image[column, row]) * Double(inside) / 121
      }
    }
    // The pixel blurs a profile of FWHM 6 by 1.3 % of its width (1/12 against (6/2.355)^2), most felt at radius 3.
    #expect(abs(sum / 1e5 - star.enclosed(radius: radius)) < 0.008)
  }

  @Test("A point spread has its width at half maximum")
  func halfMaximum() {
    let star = PointSpread(fwhm: 5)
    let q = 1 + 2.5 * 2.5 / (star.alpha * star.alpha)
    #expect(abs(1 / (q * q * q) - 0.5) < 1e-12)  // rounding
  }

  @Test("Stars stand on the frame where the truth says, as a simple centroid finds them")
  func places() {
    let simulation = SimulationPreset.quick.simulation(seed: 5)
    for index in [0, 2, 20] {
      let conditions = simulation.conditions(index)
      let image = simulation.expectedLight(index)
      let stars = simulation.stars(in: index)
      var checked = 0
      for star in stars where star.flux > 20_000 {
        let (x0, y0) = (Int(star.place.x.rounded()), Int(star.place.y.rounded()))
        guard x0 > 12, y0 > 12, x0 < image.width - 12, y0 < image.height - 12 else { continue }
        let lonely = stars.allSatisfy {
          $0.star == star.star || $0.place.distance(to: star.place) > 25 || $0.flux < 1e-3 * star.flux
        }
        guard lonely else { continue }
        var (sum, x, y) = (0.0, 0.0, 0.0)
        for row in y0 - 8...y0 + 8 {
          for column in x0 - 8...x0 + 8 {
            let value = Double(image[column, row]) - conditions.sky
            sum += value
            x += value * Double(column)
            y += value * Double(row)
          }
        }
        // Noiseless; the cut box, the sky gradient and stars below 0.1 % of the flux move the mean by less.
        #expect(abs(x / sum - star.place.x) < 0.05 && abs(y / sum - star.place.y) < 0.05)
        checked += 1
      }
      #expect(checked >= 3)
    }
  }

  @Test("Coordinates on the sky come back from the tangent plane")
  func tangentPlane() {
    let sky = Sky(rightAscension: 67.88, declination: 18.1175, stars: [])
    for (east, north) in [(0.0, 0.0), (430.0, -420.0), (-3000.0, 2500.0)] {
      let place = sky.coordinates(east: east, north: north)
      let back = sky.offset(rightAscension: place.rightAscension, declination: place.declination)
      #expect(abs(back.east - east) < 1e-7 && abs(back.north - north) < 1e-7)  // rounding at 1e-12 radian
    }
    // One arcminute north, and one east at this declination.
    let north = sky.offset(rightAscension: 67.88, declination: 18.1175 + 1.0 / 60)
    #expect(abs(north.north - 60) < 1e-5 && abs(north.east) < 1e-9)  // tangent against arc: theta^3/3
    let east = sky.offset(rightAscension: 67.88 + 1.0 / 60, declination: 18.1175)
    #expect(abs(east.east - 60 * cos(18.1175 * .pi / 180)) < 1e-5)
  }

  @Test("The counts of field stars grow by the slope asked for, and keep clear of the named ones")
  func field() {
    let field = Sky.Field(starsPerSquareArcminute: 10)
    let named = Sky.youngStarsNearHLTau(span: 5, extended: false)
    let sky = Sky(
      rightAscension: 67.88, declination: 18.12, named: named, field: field, width: 1800, height: 1800, seed: 1)
    let magnitudes = sky.stars.dropFirst(named.count).map(\.magnitude)
    #expect(magnitudes.count == 9000)
    #expect(magnitudes.allSatisfy { $0 >= field.brightest && $0 <= field.faintest })
    // A step of 2.5 mag from 18.3 to 20.8: a factor 10^(0.27 x 2.5) = 4.7, +- 3 standard errors of 1,900 stars.
    let brighter = Double(magnitudes.count { $0 < 18.3 })
    #expect(abs(9000 / brighter / pow(10, 0.27 * 2.5) - 1) < 0.07)
    for star in sky.stars.dropFirst(named.count) {
      let here = sky.offset(rightAscension: star.rightAscension, declination: star.declination)
      for other in named {
        let there = sky.offset(rightAscension: other.rightAscension, declination: other.declination)
        #expect(hypot(here.east - there.east, here.north - there.north) > field.clearance - 1e-6)
      }
    }
    #expect(Set(sky.stars.map(\.name)).count == sky.stars.count)
  }

  @Test("Knots are reached, held outside, and joined without overshoot; waves start at zero")
  func variability() {
    let change = Variability(
      knots: [.init(hours: 1, magnitude: 0.2), .init(hours: 2, magnitude: -0.5)],
      waves: [.init(amplitude: 0.1, period: 4, start: 3)])
    #expect(change.magnitudeChange(at: 0) == 0.2)
    #expect(abs(change.magnitudeChange(at: 1.5) + 0.15) < 1e-15)  // half way between the knots; rounding
    #expect(change.magnitudeChange(at: 3) == -0.5)
    #expect(abs(change.magnitudeChange(at: 4) + 0.4) < 1e-15)  // a quarter of the wave
    #expect(abs(change.stretched(by: 2).magnitudeChange(at: 8) + 0.4) < 1e-15)
    #expect(Variability.constant.magnitudeChange(at: 7) == 0)
  }

  @Test("The flux of a star is its magnitude, its change, the air and the cloud")
  func photometry() throws {
    let simulation = SimulationPreset.demo.simulation(seed: 1)
    let number = try #require(simulation.sky.stars.firstIndex { $0.name == "LkHa 358" })
    let star = simulation.sky.stars[number]
    let night = simulation.night
    for index in [0, 65, 90, 119] {
      let conditions = simulation.conditions(index)
      let image = simulation.stars(in: index)[number]
      let above = pow(10, 0.4 * (night.passband.zeroPoint - star.magnitude)) * night.exposure
      let change = star.variability.magnitudeChange(at: night.hours(of: index))
      #expect(abs(image.fluxAbove / (above * pow(10, -0.4 * change)) - 1) < 1e-12)  // rounding
      #expect(abs(image.flux / (image.fluxAbove * conditions.transparency) - 1) < 1e-12)
      #expect(abs(conditions.extinction - 0.10 * conditions.airmass) < 1e-12)
    }
    // The night has what the users came for: LkHa 358 changes by half a magnitude and more.
    let changes = (0..<120).map { simulation.stars(in: $0)[number].magnitudeChange }
    #expect((changes.max() ?? 0) - (changes.min() ?? 0) > 0.5)
  }

  @Test("Scintillation has the sigma of Osborn's formula, independently from star to star")
  func scintillation() {
    let simulation = SimulationPreset.demo.simulation(seed: 8)
    // D = 0.9 m, t = 60 s, X = 1.2, h = 2096 m: worked out by hand.
    #expect(abs(simulation.night.scintillation(airmass: 1.2) - 6.65e-4) < 0.5e-6)
    let conditions = simulation.conditions(30)
    let scaled = simulation.stars(in: 30).map { ($0.scintillation - 1) / conditions.scintillation }
    let n = Double(scaled.count)
    let variance = scaled.reduce(0) { $0 + $1 * $1 } / n
    #expect(abs(variance - 1) < 5 * (2 / n).squareRoot())  // five standard errors
  }

  @Test(
    "The airmass agrees with astropy and Pickering's formula",
    arguments: [(2458867.597569444, 1.1290984), (2458867.6666666665, 1.0299302), (2458867.8041666667, 1.4154390)])
  func airmass(jdUTC: Double, expected: Double) {
    let night = SimulationPreset.demo.simulation().night
    let airmass = night.airmass(rightAscension: 67.88, declination: 18.1175, jdUTC: jdUTC)
    // Aberration, nutation and UT1 - UTC are left out: 40 arcsec at most, 3e-4 of an airmass at X = 1.4.
    #expect(abs(airmass - expected) < 3e-4)
  }

  @Test("The place of date agrees with astropy's FK5 of date")
  func ofDate() {
    let place = Night.ofDate(rightAscension: 67.88, declination: 18.1175, jdUTC: 2458867.6666666665)
    // astropy's FK5 uses the precession of 1976 (Lieske): 0.06 arcsec over 20 years.
    #expect(abs(place.rightAscension - 68.17078022) < 3e-5 && abs(place.declination - 18.15925789) < 3e-5)
  }
}
