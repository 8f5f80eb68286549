import ElnathCore

/// A machine-readable table of the AAS journals (https://journals.aas.org/mrt-standards/): used points in columns of fixed
/// width, described byte by byte, no digit beyond the second figure of the error; with a LaTeX stub of five rows.
struct MRTFormat: CurveFormat {
  let keepsEveryPoint = false

  private static let stubRows = 5
  /// Camera clocks and shutters are not better than a tenth of a second.
  private static let timeDecimals = 6
  private static let mostDecimals = 6

  /// A column of text that is ready but for its width.
  private struct Field {
    var label: String
    var unit: String
    var sentence: String
    var decimals: Int
    /// Empty for no value.
    var values: [String]

    var width: Int { max(1, values.map(\.count).max() ?? 1) }
    var isNullable: Bool { values.contains { $0.allSatisfy { $0 == " " } } }
  }

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let fields = try fields(of: curve, options)
    var lines = [
      "Title: \(Self.plain(options.title ?? "Light curve of \(curve.name(options))"))",
      "Authors: \(Self.plain(options.authors ?? ""))",
      "Table: Light curve of \(Self.plain(curve.name(options))) in filter \(Self.plain(curve.filter))",
      Self.rule("="), "Byte-by-byte Description of file: \(curve.stem).mrt.txt", Self.rule("-"),
      "   Bytes Format Units  Label    Explanations", Self.rule("-"),
    ]
    var start = 1
    for field in fields {
      let end = start + field.width - 1
      let bytes =
        field.width == 1 ? Self.right("\(start)", 8) : Self.right("\(start)", 4) + "-" + Self.right("\(end)", 3)
      let format = field.decimals > 0 ? "F\(field.width).\(field.decimals)" : "A\(field.width)"
      lines.append(
        "\(bytes) \(Self.left(format, 6)) \(Self.left(field.unit, 6)) \(Self.left(field.label, 8)) "
          + (field.isNullable && field.decimals > 0 ? "? " : "") + field.sentence)
      start = end + 2
    }
    lines += [
      Self.rule("-"), "Note: errors are \(options.errors.rawValue); magnitudes are \(magnitudeWords(curve)).",
      Self.rule("-"),
    ]
    let rows = curve.points.indices.map { row in
      fields.map { Self.left($0.values[row], $0.width) }.joined(separator: " ")
    }
    lines += rows.map(Self.withoutTrailingBlanks)
    return [
      ExportProduct(ending: ".mrt.txt", content: .text(lines.joined(separator: "\n") + "\n"), rows: rows.count),
      ExportProduct(ending: ".tex", content: .text(stub(fields, curve, options)), rows: 0),
    ]
  }

  private func fields(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [Field] {
    let points = curve.points
    let time = options.time ?? .bjd
    var times: [String] = []
    for point in points {
      _ = try curve.timeText(point, time)
      times.append(DecimalText.fixed(curve.time(point, time), Self.timeDecimals) ?? "")
    }
    let words =
      switch time {
      case .jd: ("JD", "Julian Date (UTC), mid-exposure")
      case .hjd: ("HJD", "Heliocentric Julian Date (UTC), mid-exposure")
      case .bjd: ("BJD", "Barycentric Julian Date (TDB), mid-exposure")
      }
    var fields = [
      Field(label: words.0, unit: "d", sentence: words.1, decimals: Self.timeDecimals, values: times),
      Self.field("Airmass", "---", "Airmass", points.map(\.airmass), errors: points.map { _ in 0.01 }),
    ]
    fields += Self.pair(
      "RFlux", "---", "Flux relative to the comparison stars", points.map(\.relativeFlux),
      errors: points.map { curve.relativeError($0, options) })
    if curve.isCalibrated {
      fields += magnitudes(of: curve, options)
    } else {
      fields += Self.pair(
        "dmag", "mag", "Magnitude minus its median", points.map(\.deltaMagnitude),
        errors: points.map { curve.deltaError($0, options) })
    }
    return fields
  }

  /// Catalogue-scale magnitudes, with limits where the star was too faint.
  private func magnitudes(of curve: ExportedCurve, _ options: ExportOptions) -> [Field] {
    let points = curve.points
    let isLimit = points.map { $0.limitMagnitude.isFinite }
    let values = zip(points, isLimit).map { point, limit in limit ? point.limitMagnitude : point.magnitude }
    let errors = zip(points, isLimit).map { point, limit in limit ? .nan : curve.magnitudeError(point, options) }
    var fields = Self.pair(
      "mag", "mag", "Magnitude in \(Self.plain(curve.filter))", values, errors: errors)
    if isLimit.contains(true) {
      let flag = Field(
        label: "l_mag", unit: "---", sentence: "Limit flag on mag: 3-sigma", decimals: 0,
        values: isLimit.map { $0 ? ">" : " " })
      fields.insert(flag, at: 0)
    }
    return fields
  }

  /// A column and that of its errors.
  private static func pair(
    _ label: String, _ unit: String, _ sentence: String, _ values: [Double], errors: [Double]
  ) -> [Field] {
    [
      field(label, unit, sentence, values, errors: errors),
      field("e_" + label, unit, "Uncertainty in \(label)", errors, errors: errors),
    ]
  }

  /// Each value with as many decimals as its own error has to the second figure, their points under each other.
  private static func field(
    _ label: String, _ unit: String, _ sentence: String, _ values: [Double], errors: [Double]
  ) -> Field {
    let decimals = errors.map { $0.isFinite ? DecimalText.decimals(forError: $0, atMost: mostDecimals) : 3 }
    let most = max(1, decimals.max() ?? 1)
    let texts = zip(values, decimals).map { value, decimals -> String in
      guard let text = DecimalText.fixed(value, max(1, decimals)) else { return "" }
      return text + String(repeating: " ", count: most - max(1, decimals))
    }
    let width = texts.map(\.count).max() ?? 1
    return Field(
      label: label, unit: unit, sentence: sentence, decimals: most,
      values: texts.map { $0.isEmpty ? "" : right($0, width) })
  }

  private func magnitudeWords(_ curve: ExportedCurve) -> String {
    curve.isCalibrated ? "on the catalogue scale of the comparison stars" : "differential"
  }

  private func stub(_ fields: [Field], _ curve: ExportedCurve, _ options: ExportOptions) -> String {
    var lines = [
      "\\begin{deluxetable}{\(String(repeating: "r", count: fields.count))}",
      "\\tablecaption{Light curve of \(LaTeX.escaped(curve.name(options))) in \(LaTeX.escaped(curve.filter))"
        + "\\label{tab:lightcurve}}",
      "\\tablehead{" + fields.map { "\\colhead{\(LaTeX.escaped($0.label))}" }.joined(separator: " & ") + " \\\\",
      fields.map { "\\colhead{\($0.unit == "---" ? "" : "(\($0.unit))")}" }.joined(separator: " & ") + "}",
      "\\startdata",
    ]
    for row in curve.points.indices.prefix(Self.stubRows) {
      let cells = fields.map { field in
        let text = field.values[row].withoutOuterBlanks
        return text.isEmpty ? "\\nodata" : text == ">" ? "$>$" : text.hasPrefix("-") ? "$\(text)$" : text
      }
      lines.append(cells.joined(separator: " & ") + " \\\\")
    }
    lines += [
      "\\enddata",
      "\\tablecomments{Table~\\ref{tab:lightcurve} is published in its entirety in the machine-readable format. "
        + "A portion is shown here for guidance regarding its form and content.}",
      "\\end{deluxetable}", "",
    ]
    return lines.joined(separator: "\n")
  }

  /// Printable ASCII, which is all that such a table may hold.
  private static func plain(_ text: String) -> String {
    String(text.map { $0.isASCII && $0 >= " " && $0 <= "~" ? $0 : "?" })
  }

  private static func rule(_ mark: Character) -> String { String(repeating: mark, count: 80) }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func withoutTrailingBlanks(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
  }
}

/// Text for LaTeX, in which ten signs are commands.
enum LaTeX {
  static func escaped(_ text: String) -> String {
    CSVText.cleaned(text).map { character in
      switch character {
      case "\\": "\\textbackslash{}"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "`": "\\textasciigrave{}"
      case "<": "\\textless{}"
      case ">": "\\textgreater{}"
      case "|": "\\textbar{}"
      case "\"": "\\textquotedbl{}"
      case "#", "$", "%", "&", "_", "{", "}": "\\\(character)"
      default: String(character)
      }
    }.joined()
  }
}
