/// An image of a file with several, by the number of its header-data unit (0 is the primary) or by its EXTNAME.
public enum ImageExtension: Codable, Sendable, Equatable {
  case number(Int)
  case name(String)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = Int(text).map { .number($0) } ?? .name(text)
    } else {
      self = .number(try container.decode(Int.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .number(let number): try number.encode(to: encoder)
    case .name(let name): try name.encode(to: encoder)
    }
  }

  /// True for the image of this unit and name; upper and lower case of names count the same, as in FITS.
  func isImage(unit: Int, name: String) -> Bool {
    switch self {
    case .number(let number): unit == number
    case .name(let wanted): name.lowercased() == wanted.lowercased()
    }
  }
}

extension ImageExtension: CustomStringConvertible {
  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .name(let name): "'\(name)'"
    }
  }
}
