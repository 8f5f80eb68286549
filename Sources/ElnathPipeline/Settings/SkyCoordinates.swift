/// A right ascension in degrees, 0 ..< 360; in files decimal degrees, or hours as `04:31:37.47`, `04 31 37.47` or
/// `04h31m37.47s`.
public struct RightAscension: Sendable, Equatable, Codable {
  public var degrees: Double

  /// Nil for any other text, and outside 0 ..< 360 degrees.
  public init?(_ text: String) {
    guard let angle = SexagesimalAngle(text) else { return nil }
    self.init(degrees: angle.unit == .hours || angle.unit == .none ? angle.value * 15 : angle.value)
  }

  public init?(degrees: Double) {
    guard degrees >= 0 && degrees < 360 else { return nil }
    self.degrees = degrees
  }

  public init(from decoder: any Decoder) throws {
    let (degrees, text) = try degreesOrText(decoder)
    guard let value = text.map(RightAscension.init) ?? degrees.flatMap(RightAscension.init(degrees:)) else {
      throw corrupted(decoder, "right ascension", text ?? "\(degrees ?? .nan)", "'04:31:37.47' or 0 to 360 degrees")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws { try degrees.encode(to: encoder) }
}

/// A declination in degrees, -90 ... 90; in files decimal degrees, or `+18:12:24.5`, `+18 12 24.5` or `+18d12m24.5s`.
public struct Declination: Sendable, Equatable, Codable {
  public var degrees: Double

  /// Nil for any other text, and beyond the poles.
  public init?(_ text: String) {
    guard let angle = SexagesimalAngle(text), angle.unit != .hours else { return nil }
    self.init(degrees: angle.value)
  }

  public init?(degrees: Double) {
    guard abs(degrees) <= 90 else { return nil }
    self.degrees = degrees
  }

  public init(from decoder: any Decoder) throws {
    let (degrees, text) = try degreesOrText(decoder)
    guard let value = text.map(Declination.init) ?? degrees.flatMap(Declination.init(degrees:)) else {
      throw corrupted(decoder, "declination", text ?? "\(degrees ?? .nan)", "'+18:12:24.5' or -90 to 90 degrees")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws { try degrees.encode(to: encoder) }
}

private func degreesOrText(_ decoder: any Decoder) throws -> (degrees: Double?, text: String?) {
  let container = try decoder.singleValueContainer()
  if let text = try? container.decode(String.self) { return (nil, text) }
  return (try container.decode(Double.self), nil)
}

private func corrupted(_ decoder: any Decoder, _ what: String, _ seen: String, _ form: String) -> DecodingError {
  .dataCorrupted(
    .init(codingPath: decoder.codingPath, debugDescription: "'\(seen)' is not a \(what); write \(form)"))
}

/// One to three numbers, the later ones sixtieths of the one before.
struct SexagesimalAngle {
  enum Unit { case none, hours, degrees, decimal }

  var value: Double
  /// What the text says about the first number; `decimal` for one number without a sign of its unit.
  var unit: Unit

  init?(_ text: String) {
    var rest = Substring(text.replacing("\u{2212}", with: "-"))[...]
    rest = rest.drop { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    var sign = 1.0
    if let first = rest.first, first == "-" || first == "+" {
      sign = first == "-" ? -1 : 1
      rest.removeFirst()
    }
    unit = .decimal
    var fields: [Double] = []
    var whole = true
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      guard fields.count < 3, whole, let first = digits.first, first != ".", let number = Double(digits) else {
        return nil
      }
      whole = !digits.contains(".")
      guard fields.isEmpty || number < 60 else { return nil }
      fields.append(number)
      rest = rest.dropFirst(digits.count)
      let mark = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
      rest = rest.dropFirst(mark.count)
      switch (fields.count, mark.filter { $0 != " " }) {
      case (1, "h"): unit = .hours
      case (1, "d"), (1, "\u{B0}"): unit = .degrees
      case (1, ":"): unit = .none
      case (1, "") where !mark.isEmpty: unit = .none
      case (2, ":"), (2, "m"), (2, "'"), (2, "\u{2032}"), (3, "s"), (3, "\""), (3, "\u{2033}"): break
      case (2, "") where !mark.isEmpty || rest.isEmpty: break
      case (_, "") where rest.isEmpty: break
      default: return nil
      }
      // A separator must separate something.
      if mark.contains(":") && rest.isEmpty { return nil }
    }
    guard !fields.isEmpty else { return nil }
    let seconds = zip(fields, [3600.0, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
    value = fields.count == 1 ? sign * fields[0] : sign * seconds / 3600
  }
}
