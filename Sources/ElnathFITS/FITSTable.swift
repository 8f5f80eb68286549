#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A binary table to be written as one extension.
public struct FITSTable: Sendable, Equatable {
  /// The values of one column, one for each row.
  public enum Values: Sendable, Equatable {
    /// TFORM D; NaN is kept.
    case real([Double])
    /// TFORM K; nil is written as `nullInteger`, which TNULL tells.
    case integer([Int?])
    /// TFORM L.
    case logical([Bool])
    /// TFORM rA; what is not printable ASCII becomes a question mark.
    case text([String])

    public var count: Int {
      switch self {
      case .real(let values): values.count
      case .integer(let values): values.count
      case .logical(let values): values.count
      case .text(let values): values.count
      }
    }
  }

  /// A column of a binary table.
  public struct Column: Sendable, Equatable {
    /// TTYPE: letters, digits and underscores.
    public var name: String
    /// TUNIT; empty for none.
    public var unit: String
    /// TCOMM: what the column holds; empty for none.
    public var sentence: String
    public var values: Values

    public init(_ name: String, _ unit: String, _ sentence: String, _ values: Values) {
      self.name = name
      self.unit = unit
      self.sentence = sentence
      self.values = values
    }
  }

  /// What stands for an integer without a value.
  public static let nullInteger = Int64.min

  /// EXTNAME.
  public var name: String
  public var columns: [Column]
  public var cards: [HeaderCard]

  public init(name: String, columns: [Column], cards: [HeaderCard] = []) {
    precondition(Set(columns.map(\.values.count)).count <= 1, "columns must be equally long")
    self.name = name
    self.columns = columns
    self.cards = cards
  }

  var rows: Int { columns.first?.values.count ?? 0 }
}

extension FITSWriter {
  /// Writes a file of an empty primary with `primary` as its cards, and the table behind it; else as `write`.
  public static func write(_ table: FITSTable, primary: [HeaderCard] = [], to path: String) throws(FITSError) {
    let pending = try PendingFile(path: path)
    // cfitsio makes its files itself.
    unlink(pending.temporary)
    var file = FITSOutput(temporary: pending.temporary, path: path)
    file.appendEmptyPrimary(primary)
    file.append(table)
    try file.close()
    try pending.commit()
  }
}
