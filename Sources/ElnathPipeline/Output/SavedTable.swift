/// A table of the products as it was written: cells as text, found by the name of their column.
struct SavedTable: Sendable {
  let columns: [String]
  let rows: [[String]]
  private let places: [String: Int]

  /// Nil where there is no such file.
  init?(path: String) throws(PipelineError) {
    let reader: CSVReader
    do throws(PipelineError) {
      reader = try CSVReader(path: path)
    } catch {
      guard error.code == .noInput else { throw error }
      return nil
    }
    columns = reader.names
    places = Dictionary(reader.names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var columns: [CSVColumn] = []
    for name in reader.names { columns.append(try reader.column(name)) }
    var rows: [[String]] = []
    try reader.forEachRow { row throws(PipelineError) in
      var cells: [String] = []
      for column in columns { cells.append(try row.text(column)) }
      rows.append(cells)
    }
    self.rows = rows
  }

  /// The cell of a column, empty where the table has no such column.
  func text(_ row: [String], _ column: String) -> String { places[column].map { row[$0] } ?? "" }

  /// NaN where the cell is no number.
  func real(_ row: [String], _ column: String) -> Double { Double(text(row, column)) ?? .nan }
}
