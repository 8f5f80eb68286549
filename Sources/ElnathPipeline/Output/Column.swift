import ElnathCore

/// One column of a table: what it is called and what it holds. To add a column, add one to the list of its table.
public struct Column<Row>: Sendable {
  public let name: String
  /// Empty for text, counts and ratios.
  public let unit: String
  public let sentence: String
  public let value: @Sendable (Row) -> Cell

  public init(_ name: String, _ unit: String = "", _ sentence: String, value: @escaping @Sendable (Row) -> Cell) {
    self.name = name
    self.unit = unit
    self.sentence = sentence
    self.value = value
  }
}

/// One value of a table. Numbers that are not finite are no values.
public enum Cell: Sendable, Equatable {
  case text(String)
  /// A path; see `CSVText.cleaned(path:)`.
  case path(String)
  case integer(Int)
  case real(Double)
  /// A Julian date, kept to 1e-8 d (0.9 ms): a double near 2.5 million holds no more than twenty times that.
  case time(Double)
  case boolean(Bool)
  case empty

  public static func integer(_ value: Int?) -> Cell { value.map { .integer($0) } ?? .empty }
  public static func real(_ value: Double?) -> Cell { value.map { .real($0) } ?? .empty }

  /// A decimal sum of bits.
  public static func flags(_ raw: UInt64) -> Cell { .integer(Int(clamping: raw)) }
}

extension Double {
  /// A Julian date as tables keep it.
  public var roundedTime: Double { DecimalRounding.decimals(self, 8) }
}
