// A reader of plain FITS files that shares nothing with the one under test: uncompressed images of bytes and of floats,
// as products are written (FITS standard 4.0, sections 3 and 5).
import FoundationEssentials

/// The units of a product: its primary and its extensions by name.
public struct PlainFITS: Sendable {
  public struct Unit: Sendable {
    public var cards: [String: String]
    public var width: Int
    public var height: Int
    public var values: [Double]

    public subscript(x: Int, y: Int) -> Double { values[y * width + x] }
  }

  /// Why a file is not what a product must be.
  public struct Fault: Error {
    public var reason: String
  }

  private let units: [String: Unit]

  public init(_ path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var units: [String: Unit] = [:]
    var offset = 0
    while offset + 2880 <= bytes.count {
      var cards: [String: String] = [:]
      var ended = false
      while !ended && offset + 2880 <= bytes.count {
        for card in stride(from: offset, to: offset + 2880, by: 80) {
          let line = String(decoding: bytes[card..<(card + 80)], as: UTF8.self)
          if line.hasPrefix("END ") {
            ended = true
            break
          }
          guard line.dropFirst(8).hasPrefix("= ") else { continue }
          let key = line.prefix(8).filter { $0 != " " }
          let value = line.dropFirst(10).prefix { $0 != "/" }
          cards[key] = value.filter { $0 != "'" }.trimmingSpaces
        }
        offset += 2880
      }
      let (unit, length) = try Self.unit(cards, bytes, offset)
      units[cards["EXTNAME"] ?? "PRIMARY"] = unit
      offset += (length + 2879) / 2880 * 2880
    }
    self.units = units
  }

  private static func unit(_ cards: [String: String], _ bytes: [UInt8], _ offset: Int) throws -> (Unit, Int) {
    guard let width = cards["NAXIS1"].flatMap({ Int($0) }), let height = cards["NAXIS2"].flatMap({ Int($0) }),
      let bits = cards["BITPIX"].flatMap({ Int($0) }), bits == 8 || bits == -32
    else { throw Fault(reason: "no image of bytes or floats: \(cards)") }
    let count = width * height
    guard offset + count * abs(bits) / 8 <= bytes.count else { throw Fault(reason: "cut short") }
    let values: [Double] = (0..<count).map { i in
      guard bits == -32 else { return Double(bytes[offset + i]) }
      let place = offset + 4 * i
      let high = UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16
      return Double(Float(bitPattern: high | UInt32(bytes[place + 2]) << 8 | UInt32(bytes[place + 3])))
    }
    return (Unit(cards: cards, width: width, height: height, values: values), count * abs(bits) / 8)
  }

  /// The unit of this name, `PRIMARY` for the first.
  public func unit(_ name: String) throws -> Unit {
    guard let unit = units[name] else { throw Fault(reason: "no \(name), only \(units.keys.sorted())") }
    return unit
  }

  /// Pixels outside the mask without a value or without a positive variance, and pixels in the mask.
  public func flaws() throws -> (wrong: Int, masked: Int) {
    let (image, variance, mask) = (try image, try variance, try mask)
    guard image.values.count == variance.values.count && image.values.count == mask.values.count else {
      throw Fault(reason: "planes of different size")
    }
    var (wrong, masked) = (0, 0)
    for i in image.values.indices {
      if mask.values[i] != 0 {
        masked += 1
      } else if !image.values[i].isFinite || !(variance.values[i] > 0) || !variance.values[i].isFinite {
        wrong += 1
      }
    }
    return (wrong, masked)
  }

  public var image: Unit { get throws { try unit("PRIMARY") } }
  public var variance: Unit { get throws { try unit("VARIANCE") } }
  public var mask: Unit { get throws { try unit("MASK") } }
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
