import CERFA

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A point of the turning Earth at one instant, in the axes of ICRS.
struct SurfacePoint {
  /// Radians, east positive.
  let longitude: Double
  /// From the axis and, positive in the north, from the plane of the equator, km.
  let axisDistance: Double
  let equatorDistance: Double
  /// From the centre of the Earth, au and au per day.
  let position: SIMD3<Double>
  let velocity: SIMD3<Double>
  /// Unit vector along the vertical of the ellipsoid.
  let zenith: SIMD3<Double>

  /// Nil for a site without longitude or latitude.
  init?(_ site: Site, ut1: (day: Double, fraction: Double), tt: (day: Double, fraction: Double)) {
    guard site.longitude.isFinite, site.latitude.isFinite else { return nil }
    let height = site.altitude.isFinite ? site.altitude : 0
    longitude = site.longitude * .pi / 180
    let latitude = site.latitude * .pi / 180

    var geocentric = [0.0, 0.0, 0.0]
    guard eraGd2gc(ERFA_WGS84, longitude, latitude, height, &geocentric) == 0 else { return nil }
    axisDistance = hypot(geocentric[0], geocentric[1]) / 1000
    equatorDistance = geocentric[2] / 1000

    // IAU 2000B is within 1 mas, 3 cm on the ground, of the ten times longer full series.
    var toIntermediate = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
    eraC2i00b(tt.day, tt.fraction, &toIntermediate)
    let rotation = eraEra00(ut1.day, ut1.fraction)
    var motion = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
    eraPvtob(longitude, latitude, height, 0, 0, 0, rotation, &motion)
    let up = Direction.unit(rightAscension: (rotation + longitude) * 180 / .pi, declination: site.latitude)

    position = Direction.turnBack(Direction.vector(motion[0]), by: toIntermediate) / ERFA_DAU
    velocity = Direction.turnBack(Direction.vector(motion[1]), by: toIntermediate) * (ERFA_DAYSEC / ERFA_DAU)
    zenith = Direction.turnBack(up, by: toIntermediate)
  }
}
