import ElnathCore

/// A table of stars beside the `[[star]]` of the project file: CSV with the columns star (or name) and x_px, y_px (or x,
/// y) in FITS pixels or ra_deg, dec_deg (or ra, dec), and where they are there role, mag, band, colour, frame, extended. The
/// stars.csv of an earlier run is such a table. By their endings AstroImageJ's `.radec` and `.apertures` and DS9's
/// `.reg` are read too.
enum StarTable {
  /// - Parameters:
  ///   - role: of rows that name none.
  ///   - height: of the reference frame, trimmed, where it is known: `.apertures` count from its upper edge.
  static func read(
    _ path: String, role: Star.Role = .measure, height: Int? = nil
  ) throws(PipelineError) -> [StarSettings] {
    let lower = path.lowercased()
    if lower.hasSuffix(".radec") { return try RadecFile.read(FileBytes.text(of: path), file: path) }
    if lower.hasSuffix(".apertures") {
      return try AperturesFile.read(FileBytes.text(of: path), file: path, height: height)
    }
    if lower.hasSuffix(".reg") { return try RegionFile.read(FileBytes.text(of: path), file: path, role: role) }
    return try readCSV(path, role: role)
  }

  private static func readCSV(_ path: String, role: Star.Role) throws(PipelineError) -> [StarSettings] {
    let reader = try CSVReader(path: path)
    guard let name = reader.optionalColumn("star", "name") else {
      throw PipelineError(
        .configuration, "\(path):1", "no column 'star'; it has \(reader.names.joined(separator: ", "))")
    }
    let columns = (
      role: reader.optionalColumn("role"), x: reader.optionalColumn("x_px", "x"),
      y: reader.optionalColumn("y_px", "y"), ra: reader.optionalColumn("ra_deg", "ra"),
      dec: reader.optionalColumn("dec_deg", "dec"), mag: reader.optionalColumn("mag"),
      band: reader.optionalColumn("band"), colour: reader.optionalColumn("colour"),
      frame: reader.optionalColumn("frame"),
      extended: reader.optionalColumn("extended")
    )
    var tables: [SettingsTree] = []
    try reader.forEachRow { row throws(PipelineError) in
      var star = SettingsTable()
      star["name"] = .text(try row.text(name))
      star["role"] = .text(role.rawValue)
      if let column = columns.role, !row.isEmpty(column) { star["role"] = .text(try row.text(column)) }
      for (key, column) in [("x", columns.x), ("y", columns.y), ("mag", columns.mag), ("colour", columns.colour)] {
        if let column, let value = try row.optionalReal(column) { star[key] = .real(value) }
      }
      // Positions on the sky may be degrees or sexagesimal text, as in the project file.
      for (key, column) in [("ra", columns.ra), ("dec", columns.dec)] {
        guard let column, !row.isEmpty(column) else { continue }
        let text = try row.text(column)
        star[key] = Double(text).map { .real($0) } ?? .text(text)
      }
      for (key, column) in [("band", columns.band), ("frame", columns.frame)] {
        if let column, !row.isEmpty(column) { star[key] = .text(try row.text(column)) }
      }
      if let column = columns.extended, !row.isEmpty(column) { star["extended"] = .boolean(try row.boolean(column)) }
      tables.append(.table(star))
    }
    let defaults = SettingsTree.encode(StarSettings())
    var stars: [StarSettings] = []
    for (index, table) in tables.enumerated() {
      do throws(SettingsProblem) {
        stars.append(try defaults.merged(with: table).decode(StarSettings.self, below: ["row \(index + 1)"]))
      } catch {
        throw PipelineError(.configuration, path, error.description)
      }
    }
    return stars
  }
}
