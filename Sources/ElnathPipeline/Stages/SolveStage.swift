import ElnathCore

/// How an image was matched to the sky, and what proves it.
public struct SkySolution: Sendable, Equatable {
  /// How the field was matched.
  public enum Method: String, Sendable, CaseIterable {
    /// The header's coordinate system, held against a catalogue.
    case header
    /// The header's coordinate system, taken on trust: no catalogue covers the field.
    case trusted
    /// Patterns of stars found in a catalogue.
    case catalog
    /// astrometry.net's solve-field.
    case solveField = "solve-field"
  }

  /// Of the trimmed frame.
  public var projection: SkyProjection
  public var method: Method
  /// Stars of the image that the catalogue has; of 0 nothing else below is known.
  public var matched: Int
  /// Rms along one axis, px and arcsec.
  public var residual: Double
  public var residualArcsec: Double
  /// Probability that chance would give such a match.
  public var falseMatch: Double
  /// Order of the distortion, 1 for none.
  public var order: Int

  init(_ projection: SkyProjection, _ method: Method) {
    self.projection = projection
    self.method = method
    (matched, residual, residualArcsec, falseMatch, order) = (0, .nan, .nan, .nan, 1)
  }

  init(_ solution: FieldSolution, _ method: Method) {
    projection = solution.projection
    self.method = method
    matched = solution.pairs.count
    residual = solution.residual
    residualArcsec = solution.residualArcsec
    falseMatch = solution.falseMatch
    order = solution.order
  }
}

/// An image that is to be matched to the sky.
public struct SolveField: Sendable {
  public var image: FieldImage
  /// The header's word, for the trimmed frame.
  public var projection: SkyProjection?
  public var pointing: SkyPoint?
  public var pixelScale: Decoded<Double>?

  init(_ image: FieldImage, _ observation: Observation) {
    self.image = image
    projection = observation.projection
    pointing = SkyPoint(checking: observation.rightAscension, observation.declination)
    pixelScale = observation.pixelScale
  }
}

/// `solve`: holds the header's coordinate system against a catalogue of stars, else finds the field in it.
public struct SolveStage: Stage {
  public static let name = "solve"
  public let settings: SolveSettings
  private let catalog: [SkyStar]
  /// Where the middle of the field is looked for when the header does not tell.
  private let fallback: SkyPoint?

  public init(_ settings: SolveSettings, catalog: StarCatalog, fallback: SkyPoint? = nil) {
    self.settings = settings
    self.catalog = catalog.fieldStars
    self.fallback = fallback
  }

  public func callAsFunction(_ field: SolveField) throws(StageError) -> SkySolution {
    var solver = FieldSolver()
    solver.highestOrder = settings.order
    if let projection = field.projection {
      if let found = solver.verify(projection, field.image, catalog) { return SkySolution(found, .header) }
      if count(on: field.image, projection) < Self.enoughStars { return SkySolution(projection, .trusted) }
    }
    let hints = hints(field)
    guard let first = hints.first else {
      throw StageError([], "neither the header nor the project says where the telescope pointed")
    }
    let covered = hints.filter { hint in
      catalog.contains { $0.sky.separation(from: hint.centre) < hint.radius + Self.margin(field, hint) }
    }
    guard !covered.isEmpty else { throw StageError([], "no catalogue has stars around \(first.centre.text)") }
    for hint in covered {
      if let found = solver(field.image, catalog, hint: hint) { return SkySolution(found, .catalog) }
    }
    throw StageError(
      [],
      "none of the patterns of its \(field.image.places.count) stars is in the catalogue around "
        + covered.map(\.centre.text).joined(separator: " or ")
        + ", within \(rounded(first.radius)) degrees, at \(rounded(first.scale.lowerBound)) to "
        + "\(rounded(first.scale.upperBound)) arcsec per pixel")
  }

  /// Fewer of the catalogue on an image than these can prove nothing.
  private static let enoughStars = 5

  private func count(on image: FieldImage, _ projection: SkyProjection) -> Int {
    let middle = PixelPoint(x: Double(image.width - 1) / 2, y: Double(image.height - 1) / 2)
    guard let centre = projection.sky(at: middle), let scale = projection.orientation(at: middle)?.scale else {
      return 0
    }
    let reach = Double(image.width + image.height) * scale / 3600
    // Those of unknown brightness may be too faint, or hidden in their clouds.
    let isGraded = catalog.contains { $0.magnitude.isFinite }
    let near = catalog.filter { $0.magnitude.isFinite || !isGraded }.map(\.sky)
      .filter { $0.separation(from: centre) < reach }
    return projection.places(of: near).count { $0.map { $0.lies(inWidth: image.width, height: image.height) } == true }
  }

  private static func margin(_ field: SolveField, _ hint: FieldHint) -> Double {
    let (width, height) = (Double(field.image.width), Double(field.image.height))
    return (width * width + height * height).squareRoot() / 2 * hint.scale.upperBound / 3600
  }

  private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

  /// Where to look, and for which scales: where the project says; else about the header's coordinate system, its
  /// pointing, and a star of the project, as far as these differ. Empty where nothing tells a place.
  func hints(_ field: SolveField) -> [FieldHint] {
    let middle = PixelPoint(x: Double(field.image.width - 1) / 2, y: Double(field.image.height - 1) / 2)
    let stated = settings.rightAscension.flatMap { ra in
      settings.declination.map { SkyPoint(rightAscension: ra.degrees, declination: $0.degrees) }
    }
    let known = field.projection?.orientation(at: middle)?.scale ?? field.pixelScale?.value
    var low = known.map { $0 / Self.scalePlay } ?? 0.1
    var high = known.map { $0 * Self.scalePlay } ?? 20
    low = settings.scaleLow ?? min(low, settings.scaleHigh ?? low)
    high = settings.scaleHigh ?? max(high, settings.scaleLow ?? high)
    let width = Double(max(field.image.width, field.image.height)) * high / 3600
    let radius = settings.radius ?? min(max(width, 0.5), 3)
    var centres: [SkyPoint] = []
    for centre in stated.map({ [$0] })
      ?? [field.projection?.sky(at: middle), field.pointing, fallback].compactMap({ $0 })
    where centres.allSatisfy({ $0.separation(from: centre) > radius / 2 }) { centres.append(centre) }
    return centres.map { FieldHint(centre: $0, radius: radius, scale: low...max(low, high)) }
  }

  /// Focal lengths of catalogues, binning that a header forgets to count in fractions: 20 per cent.
  private static let scalePlay = 1.2
}

extension SkyPoint {
  /// `RA 67.9062 Dec +18.2068`, for messages.
  var text: String {
    func rounded(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }
    return "RA \(rounded(rightAscension)) Dec \(declination < 0 ? "" : "+")\(rounded(declination))"
  }
}
