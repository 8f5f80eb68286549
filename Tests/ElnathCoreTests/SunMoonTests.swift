// References: astropy 8.0.2 (pyerfa 2.0.1.5), ephemeris "builtin", t.delta_ut1_utc = 0, no refraction:
//   get_sun(t).transform_to(AltAz(obstime=t, location=site)).alt
//   moon = get_body("moon", t, site); moon.transform_to(AltAz(...)).alt; moon.separation(star.transform_to(moon.frame))
import Testing

@testable import ElnathCore

private let kittPeak = Site(longitude: -111.6003, latitude: 31.9583, altitude: 2096)
private let sidingSpring = Site(longitude: 149.0661, latitude: -31.2733, altitude: 1165)

private struct SunAndMoon: Sendable {
  var jdUTC: Double
  var site = kittPeak
  var star = (rightAscension: 67.90625, declination: 18.20680556)
  var sun: Double
  var moon: Double
  var separation: Double

  static let all = [
    SunAndMoon(jdUTC: 2_453_324.7291666665, sun: -63.63098, moon: -36.21730, separation: 158.80704),
    SunAndMoon(jdUTC: 2_456_109.9895833335, sun: -7.99450, moon: -18.47052, separation: 175.82503),
    SunAndMoon(jdUTC: 2_457_754.499994213, sun: 5.24998, moon: 30.94244, separation: 118.08014),
    SunAndMoon(jdUTC: 2_458_503.633862014, sun: -30.34076, moon: 43.99524, separation: 35.93160),
    SunAndMoon(jdUTC: 2_460_975.9166666665, sun: -46.78618, moon: -68.13134, separation: 149.95004),
    SunAndMoon(
      jdUTC: 2_459_381.097222222, site: sidingSpring, star: (201.298, -43.019), sun: -81.32917, moon: -36.31767,
      separation: 79.98548),
  ]
}

@Suite struct SunMoonTests {
  @Test("Sun and Moon stand where astropy has them", arguments: SunAndMoon.all)
  fileprivate func altitudes(_ reference: SunAndMoon) throws {
    let earth = try #require(EarthState(jdUTC: reference.jdUTC, site: reference.site))
    // astropy sees the Sun from the centre of the Earth, up to 8.8 arcsec off, and moves the pole by 0.5 arcsec.
    #expect(abs(earth.sunAltitude - reference.sun) < 9.5 / 3600)
    // The same series for the Moon; here the motion of the pole and 0.7 arcsec of the Moon's way in a light time.
    #expect(abs(earth.moonAltitude - reference.moon) < 2 / 3600.0)
    let separation = earth.moonSeparation(
      rightAscension: reference.star.rightAscension, declination: reference.star.declination)
    #expect(abs(separation - reference.separation) < 2 / 3600.0)
  }

  /// Seen from the centre of the Earth the Moon of 2019-01-20 was 0.67 degrees nearer to the star.
  @Test func withoutASite() throws {
    let earth = try #require(EarthState(jdUTC: 2_458_503.633862014, site: nil))
    #expect(earth.sunAltitude.isNaN && earth.moonAltitude.isNaN)
    let separation = earth.moonSeparation(rightAscension: 67.90625, declination: 18.20680556)
    // As above.
    #expect(abs(separation - 35.25685749) < 2 / 3600.0)
  }

  /// The eclipse of 2017-08-21: at 17:18:29 UTC the Moon covered the Sun at Salem (44.943 N, 123.035 W).
  @Test func theMoonCoversTheSunAtAnEclipse() throws {
    let salem = Site(longitude: -123.035, latitude: 44.943, altitude: 60)
    let jd = try #require(JulianDate.utc(year: 2017, month: 8, day: 21, hour: 17, minute: 18, second: 29))
    let earth = try #require(EarthState(jdUTC: jd, site: salem))
    // In totality the centres are closer than the 0.5 arcmin by which the radii differ.
    #expect(abs(earth.sunAltitude - earth.moonAltitude) < 0.5 / 60)
    #expect(earth.sunAltitude > 35 && earth.sunAltitude < 45)
  }
}
