import ElnathCore

/// Reads the tables that `CSVFormat` writes back into the values they were made of. Columns are found by name; a table
/// may have more.
public enum TableReader {
  public static func stars(_ reader: CSVReader) throws(PipelineError) -> [Star] {
    let name = try reader.column("star")
    let role = try reader.column("role")
    let ra = try reader.column("ra_deg")
    let dec = try reader.column("dec_deg")
    let x = try reader.column("x_px")
    let y = try reader.column("y_px")
    let mag = try reader.column("mag")
    let band = try reader.column("band")
    let colour = reader.optionalColumn("colour")
    let extended = try reader.column("extended")
    let radius = reader.optionalColumn("radius_px")
    let detected = try reader.column("detected")
    let variable = reader.optionalColumn("variable")
    var stars: [Star] = []
    try reader.forEachRow { row throws(PipelineError) in
      var known = Double.nan
      if let colour { known = try row.real(colour) }
      var star = Star(
        name: try row.text(name), role: try row.word(role, as: Star.Role.self), rightAscension: try row.real(ra),
        declination: try row.real(dec), position: PixelPoint(fits: (try row.real(x), try row.real(y))),
        magnitude: try row.real(mag), band: try row.text(band), colour: known, extended: try row.boolean(extended),
        detected: try row.boolean(detected), variable: try variable.map(row.text) ?? "")
      if let radius, let value = try row.optionalReal(radius) { star.radius = value }
      stars.append(star)
    }
    return stars
  }

  public static func comparisons(_ reader: CSVReader) throws(PipelineError) -> [ComparisonVerdict] {
    let star = try reader.column("star")
    let filter = try reader.column("filter")
    let used = try reader.column("used")
    let weight = try reader.column("weight")
    let mag = try reader.column("mag")
    let colour = try reader.column("colour")
    let distance = try reader.column("distance_arcmin")
    let scatter = try reader.column("scatter_mag")
    let expected = try reader.column("expected_mag")
    let chi2 = try reader.column("chi2_dof")
    let influence = try reader.column("influence_mmag")
    let reason = try reader.column("reason")
    var verdicts: [ComparisonVerdict] = []
    try reader.forEachRow { row throws(PipelineError) in
      var verdict = ComparisonVerdict(star: try row.text(star), filter: try row.text(filter))
      verdict.used = try row.boolean(used)
      verdict.weight = try row.real(weight)
      verdict.magnitude = try row.real(mag)
      verdict.colour = try row.real(colour)
      verdict.distanceArcmin = try row.real(distance)
      verdict.scatter = try row.real(scatter)
      verdict.expected = try row.real(expected)
      verdict.chi2PerDof = try row.real(chi2)
      verdict.influence = try row.real(influence)
      verdict.reason = try row.text(reason)
      verdicts.append(verdict)
    }
    return verdicts
  }
}

extension CSVRow {
  /// A decimal sum of bits.
  func flags(_ column: CSVColumn) throws(PipelineError) -> QualityFlags {
    QualityFlags(rawValue: UInt64(clamping: try integer(column)))
  }
}
