import ElnathCore

/// Text of a page in which nothing that comes from a header, a path or a setting is taken for markup.
struct HTML: Sendable, ExpressibleByStringInterpolation {
  private(set) var markup: String

  /// Markup as it stands in this program; what is interpolated is text.
  init(stringLiteral markup: String) { self.markup = markup }

  init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

  /// Markup that needs no escaping, such as a picture made by gnuplot.
  init(markup: String) { self.markup = markup }

  init(_ parts: [HTML]) { markup = parts.map(\.markup).joined() }

  /// Text of several lines, to stand where lines are kept.
  init(lines text: String) {
    markup = text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.escaped(String($0)) }
      .joined(separator: "\n")
  }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { markup += literal }

    mutating func appendInterpolation(_ html: HTML) { markup += html.markup }

    mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }

    mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }
  }

  static func + (a: HTML, b: HTML) -> HTML { HTML(markup: a.markup + b.markup) }

  /// The text with what would end it escaped, and without control characters.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if let entity = MarkupText.entity(of: scalar) {
        result += entity
        continue
      }
      switch scalar {
      // Direction marks could make a name read as another one.
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}",
        "\u{2066}"..."\u{2069}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A number with so many decimals; a dash where there is none.
  static func number(_ value: Double, decimals: Int = 2) -> String {
    guard value.isFinite else { return "\u{2013}" }
    guard abs(value) < 1e12 else { return "\(value)" }
    let text = "\(DecimalRounding.decimals(value, decimals))"
    guard decimals > 0 else { return text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
    guard let point = text.firstIndex(of: "."), !text.contains("e") else { return text }
    let lacking = decimals - text.distance(from: point, to: text.endIndex) + 1
    return text + String(repeating: "0", count: max(0, lacking))
  }
}

/// A table of a page.
struct HTMLTable {
  var columns: [String]
  /// Columns whose cells are numbers, set flush right.
  var numeric: Set<Int> = []
  var rows: [[HTML]] = []

  init(_ columns: [String], numeric: Set<Int> = []) {
    (self.columns, self.numeric) = (columns, numeric)
  }

  mutating func add(_ cells: [HTML]) { rows.append(cells) }

  /// `class` tells the style sheet of a number; a wide table scrolls by itself.
  var html: HTML {
    func mark(_ place: Int) -> String { numeric.contains(place) ? " class=\"n\"" : "" }
    let head = columns.enumerated().map { "<th scope=\"col\"\(mark($0))>\(HTML.escaped($1))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + row.enumerated().map { "<td\(mark($0))>\($1.markup)</td>" }.joined() + "</tr>\n"
    }.joined()
    return HTML(
      markup:
        "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)</tbody></table></div>\n"
    )
  }
}
