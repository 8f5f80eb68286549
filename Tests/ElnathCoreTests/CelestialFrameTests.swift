import ElnathCore
import Testing

/// astropy 8.0.2: SkyCoord(ra, dec, frame=FK4(equinox=..., obstime=Time('2020-01-19T03:12:44.1'))).icrs
@Suite struct CelestialFrameTests {
  /// JD of 2020-01-19T03:12:44.1 UTC.
  private static let time = 2_458_867.633843750

  /// E-terms that are left as they are while the equinox moves differ by up to 0.01 arcsec (3e-6 deg) in 95 years; the two
  /// ways to FK5 and ICRS by less than 0.1 arcsec; a hundredth of the pointing of any telescope.
  private static let tolerance = 3e-5

  @Test(
    arguments: [
      (67.2, 18.1, 1950, 67.9249714, 18.2062233), (201.4, -8.8, 1975, 201.7285434, -8.9294112),
      (310.0, 65.0, 1900, 310.3614148, 65.3591572), (0.01, -45, 1950, 0.6491462, -44.7216145),
      (120, 10, 1855, 121.9762470, 9.5843727),
    ] as [(Double, Double, Double, Double, Double)])
  func oldPositionsBecomeNewOnes(_ ra: Double, _ dec: Double, _ equinox: Double, _ newRA: Double, _ newDec: Double) {
    let found = CelestialFrame.icrs(
      rightAscension: ra, declination: dec, besselianEquinox: equinox, jdUTC: Self.time)
    #expect(abs(found.rightAscension - newRA) < Self.tolerance)
    #expect(abs(found.declination - newDec) < Self.tolerance)
  }

  /// Precessing B1950 as a Julian equinox would miss the turn of the old frame by more than this.
  @Test func theOldSystemIsNoJulianEquinox() {
    let wrong = CelestialFrame.icrs(rightAscension: 0.01, declination: -45, equinox: 1950)
    #expect(abs(wrong.rightAscension - 0.6491462) > 5 * Self.tolerance)
  }

  /// Without a time the position is of the equinox: astropy with obstime = Time('B1950').
  @Test func withoutATimeThePositionIsOfTheEquinox() {
    let found = CelestialFrame.icrs(rightAscension: 67.2, declination: 18.1, besselianEquinox: 1950)
    #expect(abs(found.rightAscension - 67.9249508) < Self.tolerance)
    #expect(abs(found.declination - 18.2062562) < Self.tolerance)
  }

  @Test func nothingComesFromNothing() {
    #expect(CelestialFrame.icrs(rightAscension: .nan, declination: 5, besselianEquinox: 1950).rightAscension.isNaN)
  }
}
