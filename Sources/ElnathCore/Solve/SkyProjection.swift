#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One keyword of a world coordinate system, as a header has it.
public struct SkyKeyword: Sendable, Equatable {
  /// The value of a header card of a coordinate system.
  public enum Value: Sendable, Equatable {
    case number(Double)
    case text(String)
  }

  public var key: String
  public var value: Value

  public init(_ key: String, _ number: Double) {
    self.key = key
    value = .number(number)
  }

  public init(_ key: String, _ text: String) {
    self.key = key
    value = .text(text)
  }
}

/// The world coordinate system of an image: pixels to the sky (ICRS) and back, by WCSLIB. Projections, SIP and TPV
/// distortions are those of FITS 4.0 and of Shupe et al. 2005 (ASP Conf. 347, 491).
public struct SkyProjection: Sendable {
  /// Those that define it, of axes 1 and 2.
  public let keywords: [SkyKeyword]
  private let parameters: WCSParameters
  private let axes: SkyAxes

  /// Why keywords do not make a coordinate system.
  public struct Fault: Error, Sendable, Equatable {
    public var reason: String
    /// True where there is no word of the sky in them, which is no fault of theirs.
    public var isAbsent = false
  }

  /// Nil for keywords that do not make a celestial coordinate system.
  public init?(_ keywords: [SkyKeyword]) {
    guard case .success(let made) = Self.make(keywords) else { return nil }
    self = made
  }

  private init(_ keywords: [SkyKeyword], _ parameters: WCSParameters, _ axes: SkyAxes) {
    self.keywords = keywords
    self.parameters = parameters
    self.axes = axes
  }

  /// Keywords that do not belong to axes 1 and 2 of a celestial system are left out.
  public static func make(_ keywords: [SkyKeyword]) -> Result<SkyProjection, Fault> {
    var header = SkyKeywords(keywords)
    guard let kind = header.celestialKind else {
      return .failure(Fault(reason: "no celestial axes", isAbsent: true))
    }
    if let reason = header.complete() { return .failure(Fault(reason: reason)) }
    var axes: SkyAxes? = .galactic
    if kind == .equatorial { axes = SkyAxes(system: header.text("RADESYS") ?? "", equinox: header.number("EQUINOX")) }
    guard let axes else {
      let system = header.text("RADESYS") ?? ""
      let year = header.number("EQUINOX").map { "\($0)" } ?? "none"
      return .failure(Fault(reason: "RADESYS '\(system)' with equinox \(year) is not known"))
    }
    switch WCSParameters.parsed(header.records) {
    case .failure(.notParsed): return .failure(Fault(reason: "its keywords do not belong together"))
    case .failure(.notCelestial): return .failure(Fault(reason: "its axes are not a pair on the sky"))
    case .failure(.refused(let status)):
      let reason =
        switch status {
        case 3: "its matrix is singular"
        case 4: "its axes do not fit together"
        case 5: "a parameter is out of range"
        default: "WCSLIB refuses it (status \(status))"
        }
      return .failure(Fault(reason: reason))
    case .success(let parameters):
      return .success(SkyProjection(header.keywords, parameters, axes))
    }
  }

  /// Nil where the projection has no sky at that place.
  public func sky(at place: PixelPoint) -> SkyPoint? { sky(at: [place])[0] }

  public func sky(at places: [PixelPoint]) -> [SkyPoint?] {
    parameters.celestial(places.map(\.fits)).map { found in
      found.flatMap { SkyPoint(checking: $0.longitude, $0.latitude) }.map(axes.icrs)
    }
  }

  /// Nil for what lies outside the projection, or where its distortion cannot be undone.
  public func place(of sky: SkyPoint) -> PixelPoint? { places(of: [sky])[0] }

  public func places(of points: [SkyPoint]) -> [PixelPoint?] {
    let places = parameters.pixels(
      points.map {
        let own = axes.from(icrs: $0)
        return (own.rightAscension, own.declination)
      }
    ).map { $0.map { PixelPoint(fits: $0) } }
    guard parameters.isDistorted else { return places }
    // Far outside the image a polynomial may lead anywhere: what does not lead back is no answer.
    let found = places.indices.filter { places[$0] != nil }
    let back = sky(at: found.compactMap { places[$0] })
    var checked = [PixelPoint?](repeating: nil, count: places.count)
    for (i, sky) in zip(found, back) where sky.map({ $0.separation(from: points[i]) < 1e-7 }) == true {
      checked[i] = places[i]
    }
    return checked
  }

  /// The same sky on a grid whose first pixel is pixel (x, y) of this one: what trimming does.
  public func trimmed(x: Int, y: Int) -> SkyProjection {
    guard x != 0 || y != 0 else { return self }
    let moved = keywords.map { keyword -> SkyKeyword in
      guard case .number(let value) = keyword.value else { return keyword }
      switch keyword.key {
      case "CRPIX1": return SkyKeyword(keyword.key, value - Double(x))
      case "CRPIX2": return SkyKeyword(keyword.key, value - Double(y))
      default: return keyword
      }
    }
    return SkyProjection(moved) ?? self
  }
}

extension SkyProjection: Equatable {
  public static func == (left: SkyProjection, right: SkyProjection) -> Bool { left.keywords == right.keywords }
}

/// Size and orientation of the pixels at one place.
public struct SkyOrientation: Sendable, Equatable {
  /// Arcseconds per pixel: the square root of a pixel's area.
  public var scale: Double
  /// Position angle of the y axis, from north over east, radians, in (-pi, pi].
  public var angle: Double
  /// True where east lies clockwise of north, as in a mirror.
  public var mirrored: Bool
}

extension SkyProjection {
  /// Nil where the projection has no sky there.
  public func orientation(at place: PixelPoint) -> SkyOrientation? {
    let half = 0.5
    let around = sky(at: [
      place, PixelPoint(x: place.x - half, y: place.y), PixelPoint(x: place.x + half, y: place.y),
      PixelPoint(x: place.x, y: place.y - half), PixelPoint(x: place.x, y: place.y + half),
    ])
    guard let centre = around[0] else { return nil }
    let plane = TangentPlane(at: centre)
    let places = around.dropFirst().map { $0.flatMap(plane.place) }
    guard let left = places[0], let right = places[1], let below = places[2], let above = places[3] else { return nil }
    let (xx, xy) = (right.x - left.x, right.y - left.y)
    let (yx, yy) = (above.x - below.x, above.y - below.y)
    let determinant = xx * yy - xy * yx
    guard determinant != 0 else { return nil }
    // The plane has east to the right, where the sky seen from the ground has it on the left.
    return SkyOrientation(
      scale: abs(determinant).squareRoot() * 3600, angle: atan2(yx, yy), mirrored: determinant > 0)
  }
}

extension SimilarityTransform {
  /// What two coordinate systems say of two frames: the similarity from the first frame to the second that fits best
  /// over the first, and the largest distance, px, by which the two systems depart from it there (distortion,
  /// refraction of a wide field). Nil where they have no common sky.
  public static func predicted(
    from reference: SkyProjection, to frame: SkyProjection, width: Int, height: Int
  ) -> (transform: SimilarityTransform, departure: Double)? {
    let steps = 8
    var grid: [PixelPoint] = []
    for j in 0...steps {
      for i in 0...steps {
        grid.append(
          PixelPoint(
            x: Double(width - 1) * Double(i) / Double(steps), y: Double(height - 1) * Double(j) / Double(steps)))
      }
    }
    let sky = reference.sky(at: grid)
    let seen = grid.indices.filter { sky[$0] != nil }
    let places = frame.places(of: seen.compactMap { sky[$0] })
    let pairs = zip(seen, places).compactMap { i, place in place.map { (grid[i], $0) } }
    // The greater part of the frame must be there.
    guard 2 * pairs.count > grid.count else { return nil }
    let (from, to) = (pairs.map(\.0), pairs.map(\.1))
    let fits = [false, true].compactMap { mirrored in
      fit(from: from, to: to, weights: [Double](repeating: 1, count: from.count), mirrored: mirrored)
    }.map { transform in
      (transform: transform, departure: pairs.map { transform($0.0).distance(to: $0.1) }.max() ?? .infinity)
    }
    return fits.min { $0.departure < $1.departure }
  }
}

extension SkyProjection {
  /// True for a keyword that such a system may have.
  public static func isKeyword(_ key: String) -> Bool { SkyKeywords.isKnown(key) }

  /// True for one of these whose value is a text.
  public static func isText(_ key: String) -> Bool { SkyKeywords.isText(key) }

  /// True where its coordinates are ICRS, or FK5 of 2000, which is taken for it.
  public var isICRS: Bool { axes == .icrs }
}
