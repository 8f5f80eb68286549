import ElnathCore

/// ECSV 1.0 (Enhanced Character Separated Values, astropy APE 6): all points and all columns of the light curve, with
/// units, types and meanings. `used` and `flags` tell which points to trust.
struct ECSVFormat: CurveFormat {
  let keepsEveryPoint = true

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let table = CellTable(curve.points, LightCurveColumns.all)
    var head = ["%ECSV 1.0", "---", "delimiter: ','", "datatype:"]
    for column in table.columns {
      let unit = column.unit.isEmpty ? "" : "unit: \(Self.quoted(column.unit)), "
      head.append(
        "- {name: \(column.name), \(unit)datatype: \(column.kind.ecsvType), description: \(Self.quoted(column.sentence))}"
      )
    }
    head.append("meta: !!omap")
    for remark in curve.remarks(options) { head.append("- {\(remark.key): \(Self.quoted(remark.text))}") }
    head.append("schema: astropy-2.0")

    var csv = CSVBytes(capacity: (table.rows + 1) * table.columns.count * 10)
    for (index, column) in table.columns.enumerated() {
      if index > 0 { csv.comma() }
      csv.append(text: column.name)
    }
    csv.endRow()
    for row in 0..<table.rows {
      for (index, column) in table.columns.enumerated() {
        if index > 0 { csv.comma() }
        if case .boolean(let value) = column.cells[row] {
          csv.append(text: value ? "True" : "False")
        } else {
          csv.append(column.cells[row])
        }
      }
      csv.endRow()
    }
    let bytes = head.flatMap { Array("# \($0)\n".utf8) } + csv.bytes
    return [ExportProduct(ending: ".ecsv", content: .bytes(bytes), rows: table.rows)]
  }

  /// A YAML scalar in double quotes: letters beyond ASCII and control characters are escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case " "..."~": result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return result + "\""
  }
}

extension CellTable.Kind {
  fileprivate var ecsvType: String {
    switch self {
    case .text: "string"
    case .integer: "int64"
    case .real: "float64"
    case .boolean: "bool"
    }
  }
}
