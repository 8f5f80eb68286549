// References: astropy 8.0.2 (pyerfa 2.0.1.5), ephemeris "builtin" (Epv00), no refraction, as
//   t = Time(utc, scale="utc", location=EarthLocation.from_geodetic(lon, lat, height)); star = SkyCoord(ra, dec)
//   (t.tdb + t.light_travel_time(star)).jd; (t + t.light_travel_time(star, "heliocentric")).jd
//   star.transform_to(AltAz(obstime=t, location=site)).alt, once as it is (IERS) and once with t.delta_ut1_utc = 0
import Testing

@testable import ElnathCore

private let kittPeak = Site(longitude: -111.6003, latitude: 31.9583, altitude: 2096)
private let sidingSpring = Site(longitude: 149.0661, latitude: -31.2733, altitude: 1165)
private let hh30 = (rightAscension: 67.90625, declination: 18.20680556)

private struct Instant: Sendable, CustomTestStringConvertible {
  var jdUTC: Double
  var bjdTDB: Double
  var hjdUTC: Double
  /// Degrees, with the true rotation of the Earth and with UT1 = UTC.
  var altitude: (iers: Double, plain: Double)
  var airmass: Double
  var testDescription: String { "\(jdUTC)" }

  static let all = [
    Instant(
      jdUTC: 2_453_324.7291666665, bjdTDB: 2_453_324.7353982399, hjdUTC: 2_453_324.7346499893,
      altitude: (49.485708, 49.487385), airmass: 1.31400745),
    Instant(
      jdUTC: 2_456_109.9895833335, bjdTDB: 2_456_109.9853140800, hjdUTC: 2_456_109.9845522903,
      altitude: (14.880497, 14.879066), airmass: 3.83752184),
    // 2016-12-31T23:59:60.5, inside a leap second.
    Instant(
      jdUTC: 2_457_754.499994213, bjdTDB: 2_457_754.5056557162, hjdUTC: 2_457_754.5048267464,
      altitude: (18.694797, 18.696222), airmass: 3.09068115),
    Instant(
      jdUTC: 2_458_503.633862014, bjdTDB: 2_458_503.6383103966, hjdUTC: 2_458_503.6374713266,
      altitude: (72.319837, 72.319952), airmass: 1.04930982),
    Instant(
      jdUTC: 2_460_975.9166666665, bjdTDB: 2_460_975.9221152579, hjdUTC: 2_460_975.9213516247,
      altitude: (75.230669, 75.230802), airmass: 1.03396176),
  ]
}

@Suite struct BarycentricTests {
  @Test("Light times agree with astropy", arguments: Instant.all)
  fileprivate func lightTimes(_ instant: Instant) throws {
    let earth = try #require(EarthState(jdUTC: instant.jdUTC, site: kittPeak))
    let (ra, dec) = hh30
    // Two roundings of a Julian date in a Double, 2.4e-10 each; the instant itself may be another.
    #expect(abs(earth.bjdTDB(rightAscension: ra, declination: dec) - instant.bjdTDB) < 1e-9)
    #expect(abs(earth.hjdUTC(rightAscension: ra, declination: dec) - instant.hjdUTC) < 1e-9)
    #expect(!earth.isDubious)
  }

  @Test("Altitudes and airmasses agree with astropy", arguments: Instant.all)
  fileprivate func altitudes(_ instant: Instant) throws {
    let earth = try #require(EarthState(jdUTC: instant.jdUTC, site: kittPeak))
    let (ra, dec) = hh30
    let altitude = earth.altitude(rightAscension: ra, declination: dec)
    // Motion of the pole, 0.5 arcsec at most.
    #expect(abs(altitude - instant.altitude.plain) < 1.5e-4)
    // UT1 - UTC of 0.9 s at most turns the Earth by 14 arcsec.
    #expect(abs(altitude - instant.altitude.iers) < 4e-3)
    // 1.5e-4 degrees change the airmass by X sqrt(X^2 - 1) 2.6e-6, 4e-5 at X = 3.8.
    #expect(abs(earth.airmass(rightAscension: ra, declination: dec) - instant.airmass) < 4e-5)
  }

  /// From Siding Spring at 2021-06-15T14:20 towards (201.298, -43.019).
  @Test func southernSky() throws {
    let earth = try #require(EarthState(jdUTC: 2_459_381.097222222, site: sidingSpring))
    // As above.
    #expect(abs(earth.bjdTDB(rightAscension: 201.298, declination: -43.019) - 2_459_381.1014345321) < 1e-9)
    #expect(abs(earth.hjdUTC(rightAscension: 201.298, declination: -43.019) - 2_459_381.1006186428) < 1e-9)
    #expect(abs(earth.altitude(rightAscension: 201.298, declination: -43.019) - 37.1022400) < 1.5e-4)
  }

  /// astropy with the observer at (0, 0, 0) m.
  @Test func withoutASiteTheObserverIsTheCentreOfTheEarth() throws {
    let (ra, dec) = hh30
    let nowhere = Site(longitude: .nan, latitude: .nan, altitude: .nan)
    for earth in [
      try #require(EarthState(jdUTC: 2_458_503.633862014, site: nil)),
      try #require(EarthState(jdUTC: 2_458_503.633862014, site: nowhere)),
    ] {
      // As above.
      #expect(abs(earth.bjdTDB(rightAscension: ra, declination: dec) - 2_458_503.6383101619) < 1e-9)
      #expect(abs(earth.hjdUTC(rightAscension: ra, declination: dec) - 2_458_503.6374710919) < 1e-9)
      #expect(earth.altitude(rightAscension: ra, declination: dec).isNaN)
      #expect(earth.airmass(rightAscension: ra, declination: dec).isNaN)
    }
  }

  @Test func anUnknownHeightCountsAsZero() throws {
    let sea = Site(longitude: -111.6003, latitude: 31.9583, altitude: 0)
    let unknown = Site(longitude: -111.6003, latitude: 31.9583, altitude: .nan)
    let (ra, dec) = hh30
    let known = try #require(EarthState(jdUTC: 2_458_503.6, site: sea)).bjdTDB(rightAscension: ra, declination: dec)
    let found = try #require(EarthState(jdUTC: 2_458_503.6, site: unknown)).bjdTDB(
      rightAscension: ra, declination: dec)
    #expect(known == found)
  }

  /// Towards the pole of the ecliptic the light time hardly changes, so that dates advance as the clock does.
  @Test func aLeapSecondTakesASecond() throws {
    func dates(_ day: Int, _ month: Int, _ year: Int, _ hour: Int, _ minute: Int, _ second: Double) throws
      -> (bjd: Double, hjd: Double)
    {
      let jd = try #require(
        JulianDate.utc(year: year, month: month, day: day, hour: hour, minute: minute, second: second))
      let earth = try #require(EarthState(jdUTC: jd, site: kittPeak))
      return (
        earth.bjdTDB(rightAscension: 270, declination: 66.5607), earth.hjdUTC(rightAscension: 270, declination: 66.5607)
      )
    }
    let before = try dates(31, 12, 2016, 23, 59, 59)
    let within = try dates(31, 12, 2016, 23, 59, 60)
    let after = try dates(1, 1, 2017, 0, 0, 0)
    // Four roundings of 2.4e-10; light times of the observer's turn change by 2e-11 in a second.
    #expect(abs((within.bjd - before.bjd) * 86_400 - 1) < 1e-9 * 86_400)
    #expect(abs((after.bjd - within.bjd) * 86_400 - 1) < 1e-9 * 86_400)
    #expect(after.hjd > within.hjd && within.hjd > before.hjd)
  }

  /// A star at the zenith of a turning Earth comes back after a sidereal day, 235.9 s less than a day.
  @Test func starsComeBackAfterASiderealDay() throws {
    let (ra, dec) = hh30
    let first = try #require(EarthState(jdUTC: 2_460_000.7, site: kittPeak))
    let next = try #require(EarthState(jdUTC: 2_460_000.7 + 86_164.0905 / 86_400, site: kittPeak))
    // Aberration and precession of a day: 0.4 arcsec.
    let change =
      next.altitude(rightAscension: ra, declination: dec) - first.altitude(rightAscension: ra, declination: dec)
    #expect(abs(change) < 2e-4)
  }

  @Test func datesWithoutAnEphemeris() {
    for date in [Double.nan, .infinity, 0, 2_415_020.4, 2_488_069.5, 60_000] {
      #expect(EarthState(jdUTC: date, site: kittPeak) == nil)
    }
  }

  /// ERFA's table of leap seconds begins in 1960.
  @Test func yearsWithoutLeapSecondsAreDubiousButUsed() throws {
    let earth = try #require(EarthState(jdUTC: 2_435_000.5, site: kittPeak))
    #expect(earth.isDubious)
    #expect(abs(earth.bjdTDB(rightAscension: 0, declination: 0) - 2_435_000.5) < 0.01)
  }

  @Test func noDatesForNoPosition() throws {
    let earth = try #require(EarthState(jdUTC: 2_458_503.6, site: kittPeak))
    for (ra, dec) in [(Double.nan, 0.0), (0.0, Double.nan)] {
      #expect(earth.bjdTDB(rightAscension: ra, declination: dec).isNaN)
      #expect(earth.hjdUTC(rightAscension: ra, declination: dec).isNaN)
      #expect(earth.altitude(rightAscension: ra, declination: dec).isNaN)
      #expect(earth.airmass(rightAscension: ra, declination: dec).isNaN)
      #expect(earth.moonSeparation(rightAscension: ra, declination: dec).isNaN)
    }
  }

  /// pyerfa 2.0.1.5: `c2s(trxp(pmat06(2451545, (equinox - 2000) * 365.25), s2c(ra, dec)))`; and astropy 8.0.2, an older
  /// precession, `SkyCoord(ra, dec, frame=FK5(equinox=Time(equinox, format="jyear"))).icrs`.
  @Test(
    "Positions of other equinoxes agree with ERFA and astropy",
    arguments: [
      (2025.8, 67.90625, 18.20680556, (67.532039311, 18.152355522), (67.5320344, 18.1523561)),
      (1975.0, 0.001, -75, (0.319813956, -74.860808656), (0.3198252, -74.8608158)),
      (2012.5, 300, 89.5, (306.274692917, 89.461899929), (306.2750749, 89.4618928)),
    ] as [(Double, Double, Double, (Double, Double), (Double, Double))])
  func precession(
    equinox: Double, rightAscension: Double, declination: Double, erfa: (Double, Double), fk5: (Double, Double)
  ) {
    let found = CelestialFrame.icrs(rightAscension: rightAscension, declination: declination, equinox: equinox)
    func separation(_ other: (Double, Double)) -> Double {
      Direction.separation(
        Direction.unit(rightAscension: found.rightAscension, declination: found.declination),
        Direction.unit(rightAscension: other.0, declination: other.1))
    }
    // The digits given.
    #expect(separation(erfa) < 1e-9)
    // The rate of IAU 1976 is wrong by 0.3 arcsec a century, its equinox by 0.02 arcsec.
    #expect(separation(fk5) < 0.1 / 3600)
  }

  @Test func rightAscensionsStayBelow360() {
    #expect(CelestialFrame.icrs(rightAscension: .nan, declination: 0, equinox: 2020).rightAscension.isNaN)
    #expect(Direction.degrees(SIMD3(1, -1e-300, 0)).rightAscension == 0)
    #expect(abs(Direction.degrees(SIMD3(0, -2, 0)).rightAscension - 270) < 1e-12)
  }
}
