/// A column of a binary table: where it lies in a row, and for variable-length arrays how their place is told.
struct TableColumn {
  let name: String
  let offset: Int
  let end: Int
  /// Nil for columns of fixed length.
  let pointer: ArrayPointer?

  /// Nil when `format` is not a TFORM value.
  init?(name: String, format: String, offset: Int) {
    let digits = format.prefix { $0.isASCII && $0.isNumber }
    guard let repeats = digits.isEmpty ? 1 : Int(digits), (0...1 << 30).contains(repeats),
      let letter = format.dropFirst(digits.count).first
    else { return nil }
    let element = format.dropFirst(digits.count + 1).first
    self.name = name
    self.offset = offset
    switch letter {
    case "P", "Q":
      guard repeats == 1, let element, let length = Self.lengths[element] else { return nil }
      pointer = ArrayPointer(isWide: letter == "Q", elementLength: length)
      end = offset + (letter == "Q" ? 16 : 8)
    case "X":
      pointer = nil
      end = offset + (repeats + 7) / 8
    default:
      guard let length = Self.lengths[letter] else { return nil }
      pointer = nil
      end = offset + repeats * length
    }
  }

  private static let lengths: [Character: Int] = [
    "L": 1, "B": 1, "A": 1, "I": 2, "J": 4, "E": 4, "K": 8, "D": 8, "C": 8, "M": 16,
  ]

  /// Count and place in the heap of a variable-length array.
  struct ArrayPointer {
    let isWide: Bool
    let elementLength: Int

    func read(from data: UnsafeRawBufferPointer, at offset: Int) -> (count: Int, offset: Int) {
      if isWide {
        let count = Int64(bigEndian: data.loadUnaligned(fromByteOffset: offset, as: Int64.self))
        let place = Int64(bigEndian: data.loadUnaligned(fromByteOffset: offset + 8, as: Int64.self))
        return (Int(count), Int(place))
      }
      let count = Int32(bigEndian: data.loadUnaligned(fromByteOffset: offset, as: Int32.self))
      let place = Int32(bigEndian: data.loadUnaligned(fromByteOffset: offset + 4, as: Int32.self))
      return (Int(count), Int(place))
    }
  }
}
