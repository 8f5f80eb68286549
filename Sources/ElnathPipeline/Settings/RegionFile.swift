import ElnathCore

/// DS9 regions: circles, annuli, ellipses, boxes and points in `fk5`, `icrs` or `image` (FITS pixels of the trimmed
/// reference frame), each a star. `text={name}` names it, `tag={target}` (or another role) says what it is for; one
/// without a name is R1, R2 ...
enum RegionFile {
  private enum System { case sky, image }

  private static let systems: [String: System] = [
    "fk5": .sky, "j2000": .sky, "icrs": .sky, "image": .image,
  ]
  private static let unknownSystems: Set<String> = [
    "fk4", "b1950", "galactic", "ecliptic", "physical", "linear", "amplifier", "detector", "wcs",
  ]
  private static let shapes: Set<String> = ["circle", "annulus", "ellipse", "box", "point"]

  static func read(_ text: String, file: String, role: Star.Role) throws(PipelineError) -> [StarSettings] {
    let list = try StarListText(text, file: file)
    var system: System?
    var stars: [StarSettings] = []
    for (number, line) in list.lines.enumerated() {
      for command in commands(line) {
        let start = command.text.prefix { $0.isWhitespace || $0 == "+" }
        let content = command.text.dropFirst(start.count)
        let column = command.column + start.count
        let word = content.prefix { $0.isLetter || $0.isNumber }.lowercased()
        if content.isEmpty || content.first == "#" || word == "global" { continue }
        // What DS9 leaves out is no star.
        if content.first == "-" { continue }
        if let known = systems[word], content.dropFirst(word.count).allSatisfy(\.isWhitespace) {
          system = known
          continue
        }
        if unknownSystems.contains(word) {
          throw list.fault(number, column, "positions in \(word) are not read; save the regions as fk5, icrs or image")
        }
        guard shapes.contains(word) else {
          throw list.fault(
            number, column,
            "'\(word.isEmpty ? String(content.prefix(12)) : word)' is no star; circle, annulus, ellipse, box and point are"
          )
        }
        guard let system else {
          throw list.fault(number, column, "nothing says what the positions count: fk5, icrs or image")
        }
        var star = try Self.star(content.dropFirst(word.count), system, list, number, column + word.count)
        let properties = Properties(content)
        star.name = properties.text.isEmpty ? "R\(stars.count + 1)" : properties.text
        star.role = properties.tags.lazy.compactMap { Star.Role(rawValue: $0.lowercased()) }.first ?? role
        star.extended = properties.tags.contains { $0.lowercased() == "extended" }
        stars.append(star)
      }
    }
    return stars
  }

  /// Parts of a line between semicolons, but for those within braces or quotes and behind `#`.
  private static func commands(_ line: Substring) -> [(text: Substring, column: Int)] {
    var parts: [(Substring, Int)] = []
    var start = line.startIndex
    var column = 0
    var isComment = false
    var place = line.startIndex
    while place < line.endIndex {
      if line[place] == "#" { isComment = true }
      if line[place] == ";", !isComment {
        parts.append((line[start..<place], column))
        start = line.index(after: place)
        column = line.distance(from: line.startIndex, to: start)
      }
      place = line.index(after: place)
    }
    return parts + [(line[start...], column)]
  }

  private static func star(
    _ rest: Substring, _ system: System, _ list: StarListText, _ line: Int, _ column: Int
  ) throws(PipelineError) -> StarSettings {
    var arguments = rest.prefix { $0 != "#" }
    var column = column
    let blanks = arguments.prefix { $0.isWhitespace }
    arguments = arguments.dropFirst(blanks.count)
    column += blanks.count
    if arguments.first == "(" {
      guard let end = arguments.firstIndex(of: ")") else { throw list.fault(line, column, "a bracket is never closed") }
      arguments = arguments[arguments.index(after: arguments.startIndex)..<end]
      column += 1
    }
    let mark: Character = arguments.contains(",") ? "," : " "
    let cells = StarListText.parts(arguments, dividedBy: mark).filter { mark == "," || !$0.text.isEmpty }
    guard cells.count >= 2 else { throw list.fault(line, column, "a position needs two numbers") }
    var star = StarSettings("", .measure)
    let (first, second) = (cells[0], cells[1])
    switch system {
    case .sky:
      guard let ra = RightAscension.inCell(first.text) else {
        throw list.fault(line, column + first.column, "'\(first.text)' is not a right ascension")
      }
      guard let dec = Declination.inCell(second.text) else {
        throw list.fault(line, column + second.column, "'\(second.text)' is not a declination")
      }
      (star.rightAscension, star.declination) = (ra, dec)
    case .image:
      for cell in [first, second] where Double(cell.text)?.isFinite != true {
        throw list.fault(line, column + cell.column, "'\(cell.text)' is not a place in pixels")
      }
      (star.x, star.y) = (Double(first.text), Double(second.text))
    }
    return star
  }

  /// What stands behind `#`.
  private struct Properties {
    var text = ""
    var tags: [String] = []

    init(_ line: Substring) {
      guard let mark = line.firstIndex(of: "#") else { return }
      var rest = line[line.index(after: mark)...]
      while let equals = rest.firstIndex(of: "=") {
        let key = rest[..<equals].split(whereSeparator: \.isWhitespace).last ?? ""
        rest = rest[rest.index(after: equals)...]
        var value = rest.prefix { !$0.isWhitespace }
        if let open = rest.first, let close: Character = ["{": "}", "\"": "\"", "'": "'"][open] {
          let inner = rest.dropFirst()
          value = inner.prefix { $0 != close }
          rest = inner.dropFirst(value.count + 1)
        } else {
          rest = rest.dropFirst(value.count)
        }
        if key == "text" { text = value.withoutOuterBlanks }
        if key == "tag" { tags.append(value.withoutOuterBlanks) }
      }
    }
  }
}
