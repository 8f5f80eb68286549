/// Tables as CSV: RFC 4180, UTF-8, LF, one header row.
public enum CSVFormat {
  public static func bytes<Row>(of rows: some Sequence<Row>, columns: [Column<Row>]) -> [UInt8] {
    var csv = CSVBytes(capacity: (rows.underestimatedCount + 1) * columns.count * 10)
    appendHeader(columns, to: &csv)
    for row in rows {
      for (index, column) in columns.enumerated() {
        if index > 0 { csv.comma() }
        csv.append(column.value(row))
      }
      csv.endRow()
    }
    return csv.bytes
  }

  static func appendHeader<Row>(_ columns: [Column<Row>], to csv: inout CSVBytes) {
    for (index, column) in columns.enumerated() {
      if index > 0 { csv.comma() }
      csv.append(text: column.name)
    }
    csv.endRow()
  }
}
