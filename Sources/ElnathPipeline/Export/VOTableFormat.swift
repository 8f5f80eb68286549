import ElnathCore

/// VOTable 1.4 (IVOA 2019): all points and all columns of the light curve, with time systems and UCDs.
struct VOTableFormat: CurveFormat {
  let keepsEveryPoint = true

  /// What each column is in the words of the virtual observatory (UCD1+). A column that is not named here has none.
  private static let ucds: [String: String] = [
    "frame": "meta.id;obs", "file": "meta.id;meta.file", "jd_utc": "time.epoch", "hjd_utc": "time.epoch",
    "bjd_tdb": "time.epoch;meta.main", "filter": "meta.id;instr.filter", "night": "time.epoch",
    "exposure_s": "time.duration;obs.exposure", "airmass": "obs.airMass", "x_px": "pos.cartesian.x;instr.det",
    "y_px": "pos.cartesian.y;instr.det", "fwhm_px": "instr.det.psf", "sky_e_px": "instr.skyLevel",
    "radius_px": "phys.angSize", "flux_e": "phot.count",
    "flux_err_e": "stat.error;phot.count", "rel_flux": "phot.flux;arith.ratio",
    "rel_flux_err": "stat.error;phot.flux;arith.ratio", "rel_flux_err_scaled": "stat.error;phot.flux;arith.ratio",
    "delta_mag": "phot.mag;arith.diff", "delta_mag_err": "stat.error;phot.mag;arith.diff",
    "delta_mag_err_scaled": "stat.error;phot.mag;arith.diff", "mag": "phot.mag", "mag_err": "stat.error;phot.mag",
    "limit_mag": "phot.mag;stat.max", "zero_point": "phot.mag;arith.zp",
    "zero_point_err": "stat.error;phot.mag;arith.zp",
    "comparisons": "meta.number", "var_ensemble": "stat.variance", "flags": "meta.code.qual",
    "flag_names": "meta.code.qual", "used": "meta.code.status", "reason": "meta.note",
  ]

  private static let timeSystems: [(column: String, place: String, scale: String)] = [
    ("jd_utc", "TOPOCENTER", "UTC"), ("hjd_utc", "HELIOCENTER", "UTC"), ("bjd_tdb", "BARYCENTER", "TDB"),
  ]

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let table = CellTable(curve.points, LightCurveColumns.all)
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">",
      "<RESOURCE type=\"results\">", "<COOSYS ID=\"sky\" system=\"ICRS\"/>",
    ]
    for system in Self.timeSystems {
      lines.append(
        "<TIMESYS ID=\"time_\(system.column)\" refposition=\"\(system.place)\" timeorigin=\"JD-origin\" "
          + "timescale=\"\(system.scale)\"/>")
    }
    lines.append("<TABLE name=\"lightcurve\" nrows=\"\(table.rows)\">")
    let star = Self.escaped(CSVText.cleaned(curve.name(options)))
    lines.append(
      "<DESCRIPTION>Light curve of \(star), one row for each exposure; used = 0 is not to be used</DESCRIPTION>")
    lines += parameters(curve, options)
    lines += table.columns.map(field)
    lines.append("<DATA><TABLEDATA>")
    for row in 0..<table.rows {
      lines.append("<TR>" + table.columns.map { "<TD>\(value($0.cells[row]))</TD>" }.joined() + "</TR>")
    }
    lines += ["</TABLEDATA></DATA>", "</TABLE>", "</RESOURCE>", "</VOTABLE>", ""]
    return [ExportProduct(ending: ".vot", content: .text(lines.joined(separator: "\n")), rows: table.rows)]
  }

  private func parameters(_ curve: ExportedCurve, _ options: ExportOptions) -> [String] {
    var lines: [String] = []
    for (name, ucd, value) in [
      ("ra", "pos.eq.ra;meta.main", curve.target.rightAscension),
      ("dec", "pos.eq.dec;meta.main", curve.target.declination),
    ] where value.isFinite {
      lines.append(
        "<PARAM name=\"\(name)\" datatype=\"double\" unit=\"deg\" ucd=\"\(ucd)\" ref=\"sky\" "
          + "value=\"\(DecimalText.shortest(value))\"/>")
    }
    for remark in curve.remarks(options) {
      lines.append(
        "<PARAM name=\"\(remark.key)\" datatype=\"\(Self.textType([remark.text]))\" arraysize=\"*\" "
          + "value=\"\(Self.escaped(remark.text))\"/>")
    }
    return lines
  }

  private func field(_ column: CellTable.Column) -> String {
    let type =
      switch column.kind {
      case .text: "datatype=\"\(Self.textType(column.cells.map(\.plain)))\" arraysize=\"*\""
      case .integer: "datatype=\"long\""
      case .real: "datatype=\"double\""
      case .boolean: "datatype=\"boolean\""
      }
    let unit = column.unit.isEmpty ? "" : " unit=\"\(column.unit)\""
    let ucd = Self.ucds[column.name].map { " ucd=\"\($0)\"" } ?? ""
    let time = Self.timeSystems.contains { $0.column == column.name } ? " ref=\"time_\(column.name)\"" : ""
    return "<FIELD name=\"\(column.name)\" ID=\"\(column.name)\" \(type)\(unit)\(ucd)\(time)>"
      + "<DESCRIPTION>\(Self.escaped(column.sentence))</DESCRIPTION></FIELD>"
  }

  private func value(_ cell: Cell) -> String {
    if case .boolean(let value) = cell { return value ? "true" : "false" }
    return Self.escaped(cell.plain)
  }

  private static func textType(_ texts: [String]) -> String {
    texts.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } } ? "char" : "unicodeChar"
  }

  /// Text between tags and in quotes. Control characters, which XML does not have, go.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if let entity = MarkupText.entity(of: scalar) {
        result += entity
        continue
      }
      switch scalar {
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
