import ElnathCore

/// A table by columns, for forms that tell the type of each.
struct CellTable {
  enum Kind {
    case text, integer, real, boolean
  }

  struct Column {
    var name: String
    /// As FITS 4.0, VOUnits and astropy write it; empty for none.
    var unit: String
    var sentence: String
    var kind: Kind
    var cells: [Cell]
  }

  var columns: [Column]
  var rows: Int

  init<Row>(_ rows: [Row], _ columns: [ElnathPipeline.Column<Row>]) {
    self.rows = rows.count
    self.columns = columns.map { column in
      let cells = rows.map { column.value($0) }
      return Column(
        name: column.name, unit: Self.units[column.unit] ?? column.unit, sentence: column.sentence,
        kind: Self.kind(of: cells), cells: cells)
    }
  }

  /// A column without any value counts as one of numbers.
  private static func kind(of cells: [Cell]) -> Kind {
    for cell in cells {
      switch cell {
      case .text, .path: return .text
      case .integer: return .integer
      case .real, .time: return .real
      case .boolean: return .boolean
      case .empty: continue
      }
    }
    return .real
  }

  /// Our units that have another spelling in the standards.
  private static let units = ["px": "pix", "e-": "electron", "e-/px": "electron/pix", "ADU": "adu"]
}

extension Cell {
  /// The text of a cell as tables write it, without the quotes of CSV.
  var plain: String {
    switch self {
    case .text(let text): return CSVText.cleaned(text)
    case .path(let path): return CSVText.cleaned(path: path)
    case .boolean(let value): return value ? "1" : "0"
    case .integer(let value): return "\(value)"
    case .real(let value): return DecimalText.shortest(value)
    case .time(let value): return DecimalText.shortest(value.roundedTime)
    case .empty: return ""
    }
  }

  /// The number of a cell, NaN without one.
  var number: Double {
    switch self {
    case .real(let value): value.isFinite ? value : .nan
    case .time(let value): value.isFinite ? value.roundedTime : .nan
    case .integer(let value): Double(value)
    case .boolean(let value): value ? 1 : 0
    case .text, .path, .empty: .nan
    }
  }
}
