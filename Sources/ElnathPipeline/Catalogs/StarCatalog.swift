import ElnathCore

/// One star of a catalogue.
public struct CatalogStar: Sendable, Equatable {
  public var name: String
  /// Other names of the same star.
  public var aliases: [String] = []
  public var sky: SkyPoint
  /// NaN where it is unknown.
  public var magnitude = Double.nan
  public var band = ""
  /// What kind of object it is, in words.
  public var type = ""
  /// What a project is to do with it; nil for a plain star of the field.
  public var role: Star.Role?
  /// Where the row comes from.
  public var source = ""

  /// Members of young groups and variables: never a comparison star of one's own accord.
  public var isVariable: Bool { role == .avoid || role == .target }
}

/// Stars with positions on the sky (ICRS): the tables of `catalogs/stars/`, or one of the user's.
///
/// CSV with the columns ra_deg and dec_deg (or ra, dec), and where they are there name (or star), aliases (divided by
/// `;`), mag, band, type, role, source.
public struct StarCatalog: Sendable, Equatable {
  public var stars: [CatalogStar]

  public init(_ stars: [CatalogStar] = []) {
    self.stars = stars
  }

  /// All tables of `catalogs/stars/`, in the order of their names.
  public init(_ locator: CatalogLocator) throws(PipelineError) {
    stars = []
    for file in locator.files(in: "stars", ending: ".csv") { stars += try Self.read(file.path).stars }
  }

  public static func read(_ path: String) throws(PipelineError) -> StarCatalog {
    let reader = try CSVReader(path: path)
    guard let ra = reader.optionalColumn("ra_deg", "ra", "raj2000", "ra_icrs", "_raj2000"),
      let dec = reader.optionalColumn("dec_deg", "dec", "dej2000", "de_icrs", "_dej2000")
    else {
      throw PipelineError(
        .badData, "\(path):1",
        "a catalogue needs the columns ra_deg and dec_deg; it has \(reader.names.joined(separator: ", "))")
    }
    let columns = (
      name: reader.optionalColumn("name", "star"), aliases: reader.optionalColumn("aliases"),
      mag: reader.optionalColumn("mag", "vmag", "gmag", "phot_g_mean_mag"), band: reader.optionalColumn("band"),
      type: reader.optionalColumn("type"), role: reader.optionalColumn("role"), source: reader.optionalColumn("source")
    )
    var stars: [CatalogStar] = []
    try reader.forEachRow { row throws(PipelineError) in
      func text(_ column: CSVColumn?) throws(PipelineError) -> String {
        guard let column else { return "" }
        return try row.text(column)
      }
      guard let along = RightAscension.inCell(try row.text(ra)) else {
        throw row.unexpected("a right ascension of 0 to 360 degrees", ra)
      }
      guard let up = Declination.inCell(try row.text(dec)) else {
        throw row.unexpected("a declination of -90 to 90 degrees", dec)
      }
      var star = CatalogStar(
        name: try text(columns.name), sky: SkyPoint(rightAscension: along.degrees, declination: up.degrees))
      star.aliases = try text(columns.aliases).split(separator: ";").map { $0.withoutOuterBlanks }
      if let column = columns.mag { star.magnitude = try row.optionalReal(column) ?? .nan }
      (star.band, star.type) = (try text(columns.band), try text(columns.type))
      star.source = try text(columns.source)
      if let column = columns.role, !row.isEmpty(column) { star.role = try row.word(column, as: Star.Role.self) }
      stars.append(star)
    }
    return StarCatalog(stars)
  }

  /// The first star of this name or alias, capitals, blanks and underscores being all the same: `hh30` is HH 30.
  public func star(named name: String) -> CatalogStar? {
    let wanted = Self.plain(name)
    guard !wanted.isEmpty else { return nil }
    return stars.first { Self.plain($0.name) == wanted || $0.aliases.contains { Self.plain($0) == wanted } }
  }

  /// The known name that was perhaps meant.
  func nearestName(to name: String) -> String? {
    let wanted = Self.plain(name)
    let names = stars.flatMap { [$0.name] + $0.aliases }.filter { !$0.isEmpty }
    let near = names.map { (name: $0, changes: Spelling.changes(from: wanted, to: Self.plain($0))) }
    return near.min { $0.changes < $1.changes }.flatMap { 3 * $0.changes <= wanted.count ? $0.name : nil }
  }

  static func plain(_ name: String) -> String {
    String(name.replacing("\u{3B1}", with: "a").lowercased().filter { !$0.isWhitespace && $0 != "_" })
  }

  /// The nearest member or variable within so many arcseconds.
  public func variable(at place: SkyPoint, within arcsec: Double = 2) -> CatalogStar? {
    let reach = arcsec / 3600
    return stars.filter {
      $0.isVariable && abs($0.sky.declination - place.declination) <= reach && $0.sky.separation(from: place) <= reach
    }.min { $0.sky.separation(from: place) < $1.sky.separation(from: place) }
  }

  /// For recognising a field: each star once, however many tables have it, and only magnitudes of visible light.
  var fieldStars: [SkyStar] {
    let reach = 2.0 / 3600
    let order = stars.indices.sorted { (stars[$0].sky.declination, $0) < (stars[$1].sky.declination, $1) }
    var kept: [(index: Int, magnitude: Double)] = []
    for index in order {
      let star = stars[index]
      let magnitude = star.band.uppercased().hasPrefix("IRAC") ? Double.nan : star.magnitude
      // In the order of their declinations: twins lie among the last.
      var twin: Int?
      for k in kept.indices.reversed() {
        let other = stars[kept[k].index].sky
        if star.sky.declination - other.declination > reach { break }
        if other.separation(from: star.sky) < reach { twin = k }
      }
      if let twin {
        if kept[twin].magnitude.isNaN { kept[twin].magnitude = magnitude }
      } else {
        kept.append((index, magnitude))
      }
    }
    return kept.sorted { $0.index < $1.index }.map { SkyStar(sky: stars[$0.index].sky, magnitude: $0.magnitude) }
  }
}

extension RightAscension {
  /// Degrees as a number, hours as sexagesimal text; nil for anything else.
  static func inCell(_ text: String) -> RightAscension? {
    if let degrees = Double(text) { return RightAscension(degrees: degrees) }
    return RightAscension(text)
  }
}

extension Declination {
  /// Degrees as a number or sexagesimal text; nil for anything else.
  static func inCell(_ text: String) -> Declination? {
    if let degrees = Double(text) { return Declination(degrees: degrees) }
    return Declination(text)
  }
}
