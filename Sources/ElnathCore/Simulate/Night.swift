import CERFA

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// When, where and through which air a simulated series is taken. A series longer than one night goes on at the same
/// sidereal time of the next.
public struct Night: Sendable, Equatable {
  public var site: Site
  /// Julian date of 0 h UTC of the first night.
  public var day: Double
  /// UTC of the first exposure, seconds after `day`.
  public var begin: Double
  /// Hours from the first exposure of a night to the end of its last.
  public var span: Double
  /// Light frames in the whole series.
  public var lights: Int
  /// Seconds.
  public var exposure = 60.0
  /// Least time from the end of one exposure to the start of the next, seconds.
  public var readout = 15.0
  /// The filter, and others that are used in turn with it: the light frames take them one after another.
  public var passband = Passband(name: "R")
  public var otherPassbands: [Passband] = []
  /// Relative difference of the sky from the left to the right edge.
  public var skyGradient = 0.01
  /// FWHM of a star at the zenith, arcsec.
  public var seeing = 2.3
  /// Relative amplitude of its slow changes.
  public var seeingSwing = 0.10
  /// Wandering of the field over a night, pixels.
  public var driftX = 45.0
  public var driftY = 14.0
  /// Rotation of the field over a night, degrees.
  public var rotation = 0.12
  /// By number of the light frame, from 0.
  public var mishaps: [Int: Mishap] = [:]

  public init(site: Site, day: Double, begin: Double, span: Double, lights: Int) {
    precondition(span > 0 && lights > 0, "a night has exposures")
    self.site = site
    self.day = day
    self.begin = begin
    self.span = span
    self.lights = lights
  }

  /// A moment in UTC, to the millisecond.
  public struct Instant: Sendable, Equatable {
    /// Julian date of 0 h.
    public var day: Double
    public var milliseconds: Int

    /// `seconds` after 0 h of the Julian date `day`, rounded to the millisecond.
    public init(day: Double, seconds: Double) {
      let nights = (seconds / 86_400).rounded(.down)
      self.day = day + nights
      self.milliseconds = Int(((seconds - nights * 86_400) * 1000).rounded())
      if milliseconds == 86_400_000 {
        self.day += 1
        milliseconds = 0
      }
    }

    public func adding(seconds: Double) -> Instant {
      Instant(day: day, seconds: Double(milliseconds) / 1000 + seconds)
    }

    public var jdUTC: Double { day + Double(milliseconds) / 86_400_000 }

    public var calendar: (year: Int, month: Int, day: Int) {
      var (year, month, number): (Int32, Int32, Int32) = (0, 0, 0)
      var fraction = 0.0
      _ = eraJd2cal(day, 0, &year, &month, &number, &fraction)
      return (Int(year), Int(month), Int(number))
    }
  }

  /// All filters of the night.
  public var passbands: [Passband] { [passband] + otherPassbands }

  /// The filter of light frame `index`, from 0.
  public func passband(of index: Int) -> Passband { passbands[index % passbands.count] }

  /// Seconds from the start of one exposure to the next: the frames fill the night, but no more than ten minutes and
  /// no less than exposure and readout apart.
  public var cadence: Double { max(exposure + readout, min(span * 3600 / Double(lights), 600)) }

  public var lightsPerNight: Int { max(1, min(lights, Int(span * 3600 / cadence + 1e-9))) }

  /// Start of light frame `index`, from 0.
  public func start(of index: Int) -> Instant {
    let night = index / lightsPerNight
    let siderealDay = 86_164.0905
    return Instant(
      day: day, seconds: begin + Double(night) * siderealDay + Double(index % lightsPerNight) * cadence)
  }

  /// Hours from the first exposure of the series to the middle of light frame `index`.
  public func hours(of index: Int) -> Double {
    let (first, this) = (start(of: 0), start(of: index))
    return (this.day - first.day) * 24 + Double(this.milliseconds - first.milliseconds) / 3_600_000 + exposure / 7200
  }

  /// Place of a star of the given ICRS place in the mean equator and equinox of date, degrees.
  public static func ofDate(
    rightAscension: Double, declination: Double, jdUTC: Double
  ) -> (rightAscension: Double, declination: Double) {
    var matrix = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    var vector = (0.0, 0.0, 0.0)
    var precessed = (0.0, 0.0, 0.0)
    var (ra, dec) = (0.0, 0.0)
    withUnsafeMutablePointer(to: &matrix) { pointer in
      pointer.withMemoryRebound(to: (Double, Double, Double).self, capacity: 3) { rows in
        withUnsafeMutablePointer(to: &vector) { from in
          from.withMemoryRebound(to: Double.self, capacity: 3) { from in
            withUnsafeMutablePointer(to: &precessed) { to in
              to.withMemoryRebound(to: Double.self, capacity: 3) { to in
                eraPmat06(jdUTC, 0, rows)
                eraS2c(rightAscension * .pi / 180, declination * .pi / 180, from)
                eraRxp(rows, from, to)
                eraC2s(to, &ra, &dec)
              }
            }
          }
        }
      }
    }
    return (eraAnp(ra) * 180 / .pi, dec * 180 / .pi)
  }

  /// Airmass of a place (ICRS, degrees), see ``Airmass/pickering(altitude:)``; NaN below the horizon.
  public func airmass(rightAscension: Double, declination: Double, jdUTC: Double) -> Double {
    let place = Self.ofDate(rightAscension: rightAscension, declination: declination, jdUTC: jdUTC)
    let sidereal = eraGmst82(jdUTC, 0) + site.longitude * .pi / 180
    let hourAngle = sidereal - place.rightAscension * .pi / 180
    let (latitude, dec) = (site.latitude * .pi / 180, place.declination * .pi / 180)
    let altitude = asin(sin(latitude) * sin(dec) + cos(latitude) * cos(dec) * cos(hourAngle)) * 180 / .pi
    return Airmass.pickering(altitude: altitude)
  }

  /// Relative scintillation of a star in one exposure, 1 sigma.
  public func scintillation(airmass: Double) -> Double {
    Scintillation.relativeVariance(site: site, exposure: exposure, airmass: airmass).squareRoot()
  }
}
