#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The stars that a simulated telescope looks at: named ones at their places and a random field around them.
public struct Sky: Sendable {
  /// A star of the simulated sky.
  public struct Star: Sendable, Equatable {
    public var name: String
    /// What a project should do with the star; nil for the anonymous field.
    public var role: ElnathCore.Star.Role?
    /// Degrees, ICRS.
    public var rightAscension: Double
    public var declination: Double
    /// Above the atmosphere, without the variability, in the first filter of the night.
    public var magnitude: Double
    /// Equivalent width of the line of hydrogen, nm; emission positive. It changes as the continuum does.
    public var lineWidth = 0.0
    public var variability: Variability
    /// Where the light comes from; one blob at the place of the star unless it is extended.
    public var blobs: [Blob]

    public init(
      name: String, role: ElnathCore.Star.Role? = nil, rightAscension: Double, declination: Double, magnitude: Double,
      variability: Variability = .constant, blobs: [Blob] = [.point]
    ) {
      self.name = name
      self.role = role
      self.rightAscension = rightAscension
      self.declination = declination
      self.magnitude = magnitude
      self.variability = variability
      self.blobs = blobs
    }

    public var isExtended: Bool { blobs.count > 1 }
  }

  /// A share of a star's light and how far it lies east and north of the star's place, arcsec.
  public struct Blob: Sendable, Equatable {
    public var east: Double
    public var north: Double
    public var share: Double

    public init(east: Double, north: Double, share: Double) {
      self.east = east
      self.north = north
      self.share = share
    }

    public static let point = Blob(east: 0, north: 0, share: 1)
  }

  /// How many field stars there are, and of which magnitudes.
  public struct Field: Sendable, Equatable {
    public var starsPerSquareArcminute: Double
    public var brightest: Double
    public var faintest: Double
    /// d log10 N / dm of the cumulative count: 0.6 for space filled evenly, about 0.3 through a dark cloud.
    public var countSlope: Double
    /// No field star comes closer than this to a named one, arcsec.
    public var clearance: Double

    public init(
      starsPerSquareArcminute: Double = 1.9, brightest: Double = 12.6, faintest: Double = 20.8,
      countSlope: Double = 0.27, clearance: Double = 10
    ) {
      self.starsPerSquareArcminute = starsPerSquareArcminute
      self.brightest = brightest
      self.faintest = faintest
      self.countSlope = countSlope
      self.clearance = clearance
    }
  }

  /// Centre of the field, degrees ICRS.
  public var rightAscension: Double
  public var declination: Double
  public var stars: [Star]

  public init(rightAscension: Double, declination: Double, stars: [Star]) {
    self.rightAscension = rightAscension
    self.declination = declination
    self.stars = stars
  }

  /// Named stars and a seeded random field over a rectangle of the given size (arcsec) about the centre.
  public init(
    rightAscension: Double, declination: Double, named: [Star], field: Field, width: Double, height: Double,
    seed: UInt64
  ) {
    self.init(rightAscension: rightAscension, declination: declination, stars: named)
    var random = SeededGenerator(seed: seed, part: 1)
    let places = named.map { offset(rightAscension: $0.rightAscension, declination: $0.declination) }
    let count = Int((field.starsPerSquareArcminute * width * height / 3600).rounded())
    let range = pow(10, field.countSlope * (field.brightest - field.faintest))
    stars.reserveCapacity(named.count + count)
    while stars.count < named.count + count {
      let east = random.uniform(-width / 2..<width / 2)
      let north = random.uniform(-height / 2..<height / 2)
      let magnitude = field.faintest + log10(range + (1 - range) * random.uniform()) / field.countSlope
      guard places.allSatisfy({ hypot($0.east - east, $0.north - north) >= field.clearance }) else { continue }
      let place = coordinates(east: east, north: north)
      let number = stars.count - named.count + 1
      stars.append(
        Star(
          name: "F" + String(repeating: "0", count: max(0, 4 - String(number).count)) + String(number),
          rightAscension: place.rightAscension, declination: place.declination, magnitude: magnitude))
    }
  }

  /// Offset from the centre of the field on the tangent plane, arcsec (gnomonic projection, Calabretta & Greisen 2002,
  /// A&A 395, 1077, section 5.1.3).
  public func offset(rightAscension ra: Double, declination dec: Double) -> (east: Double, north: Double) {
    let (a, d, d0) = ((ra - rightAscension) * .pi / 180, dec * .pi / 180, declination * .pi / 180)
    let cosine = sin(d) * sin(d0) + cos(d) * cos(d0) * cos(a)
    let east = cos(d) * sin(a) / cosine
    let north = (sin(d) * cos(d0) - cos(d) * sin(d0) * cos(a)) / cosine
    return (east * Self.arcsecPerRadian, north * Self.arcsecPerRadian)
  }

  /// Degrees of the place that lies `east` and `north` of the centre on the tangent plane, arcsec.
  public func coordinates(east: Double, north: Double) -> (rightAscension: Double, declination: Double) {
    let (x, y, d0) = (east / Self.arcsecPerRadian, north / Self.arcsecPerRadian, declination * .pi / 180)
    let denominator = cos(d0) - y * sin(d0)
    let a = atan2(x, denominator)
    let d = atan2(sin(d0) + y * cos(d0), hypot(x, denominator))
    return (rightAscension + a * 180 / .pi, d * 180 / .pi)
  }

  private static let arcsecPerRadian = 180 * 3600 / Double.pi
}
