import ElnathCore

/// One star on one bare frame in one aperture.
public struct BareRow: Sendable, Equatable {
  public var file: String
  public var row: PhotometryRow

  public init(file: String, row: PhotometryRow) {
    self.file = file
    self.row = row
  }
}

/// What `measure` writes of bare frames: `photometry.csv` with the name of the file.
public enum BareColumns {
  public static let all: [Column<BareRow>] = {
    let columns = PhotometryColumns.all.map { column in
      Column<BareRow>(column.name, column.unit, column.sentence) { column.value($0.row) }
    }
    let file = Column<BareRow>("file", "", "Path as it was given.") { .path($0.file) }
    return [columns[0], file] + columns.dropFirst()
  }()
}
