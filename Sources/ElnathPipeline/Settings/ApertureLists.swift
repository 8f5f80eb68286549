import ElnathCore

/// AstroImageJ's `.radec`: right ascension (hours, decimal or sexagesimal), declination (degrees), and where they are
/// there 1 for a comparison star or 0 for a target, 1 for centroiding (not used here), a magnitude (99 and more: none).
/// Without the third column the first star is the target. The stars are named T1, C2 ... as AstroImageJ does.
enum RadecFile {
  static func read(_ text: String, file: String) throws(PipelineError) -> [StarSettings] {
    let list = try StarListText(text, file: file)
    var stars: [StarSettings] = []
    for (number, line) in list.lines.enumerated() {
      let content = line.drop { $0.isWhitespace }
      if content.isEmpty || content.first == "#" { continue }
      let cells = StarListText.parts(line, dividedBy: ",")
      guard (2...5).contains(cells.count) else {
        throw list.fault(
          number, 0, "\(cells.count) values where 2 to 5 are expected: RA, Dec, comparison, centroid, mag")
      }
      guard let hours = Self.hours(cells[0].text) else {
        throw list.fault(number, cells[0].column, "'\(cells[0].text)' is not a right ascension in hours")
      }
      guard let declination = Declination(cells[1].text) else {
        throw list.fault(number, cells[1].column, "'\(cells[1].text)' is not a declination in degrees")
      }
      for flag in cells.dropFirst(2).prefix(2) where !["", "0", "1"].contains(flag.text) {
        throw list.fault(number, flag.column, "'\(flag.text)' is neither 0 nor 1")
      }
      let flag = cells.count > 2 ? cells[2].text : ""
      let isComparison = flag.isEmpty ? !stars.isEmpty : flag == "1"
      var star = StarSettings((isComparison ? "C" : "T") + "\(stars.count + 1)", isComparison ? .comparison : .target)
      (star.rightAscension, star.declination) = (hours, declination)
      if cells.count > 4, !cells[4].text.isEmpty {
        guard let magnitude = Double(cells[4].text), magnitude.isFinite else {
          throw list.fault(number, cells[4].column, "'\(cells[4].text)' is not a magnitude")
        }
        if magnitude < 99 { star.magnitude = magnitude }
      }
      stars.append(star)
    }
    return stars
  }

  private static func hours(_ text: String) -> RightAscension? {
    if let hours = Double(text) { return RightAscension(degrees: hours * 15) }
    return RightAscension(text)
  }
}

/// AstroImageJ's older `.apertures`, lines of `.multiaperture.xapertures=512.3,88.1` and so on: places in pixels of the
/// reference frame, counted from its upper left corner.
enum AperturesFile {
  /// - Parameter height: of the reference frame, trimmed.
  static func read(_ text: String, file: String, height: Int?) throws(PipelineError) -> [StarSettings] {
    let list = try StarListText(text, file: file)
    if list.lines.first?.hasPrefix("AIJ APERTURES FILE") == true {
      throw list.fault(
        0, 0, "AstroImageJ's newer aperture files are not read; save the apertures as .radec there")
    }
    var values: [String: (line: Int, cells: [(text: String, column: Int)])] = [:]
    for (number, line) in list.lines.enumerated() {
      guard let mark = line.firstIndex(of: "="), line.first != "#", line.first != "!" else { continue }
      let key = String(line[..<mark].split(separator: ".").last ?? "").withoutOuterBlanks
      let offset = line.distance(from: line.startIndex, to: mark) + 1
      let rest = line[line.index(after: mark)...]
      let cells = StarListText.parts(rest, dividedBy: ",").map { ($0.text, $0.column + offset) }
      values[key] = (number, cells)
    }
    guard let x = values["xapertures"], let y = values["yapertures"] else {
      throw list.fault(0, 0, "holds no xapertures and yapertures of AstroImageJ")
    }
    guard x.cells.count == y.cells.count else {
      throw list.fault(y.line, 0, "\(y.cells.count) values of y for \(x.cells.count) of x")
    }
    guard let height else {
      throw PipelineError(
        .configuration, file,
        "gives pixels of a frame; name the light frame they were read off as reference under [align]")
    }
    let flags = values["isrefstar"]
    if let flags, flags.cells.count != x.cells.count {
      throw list.fault(flags.line, 0, "\(flags.cells.count) values of isrefstar for \(x.cells.count) apertures")
    }
    func number(_ cell: (text: String, column: Int), _ line: Int) throws(PipelineError) -> Double {
      guard let value = Double(cell.text), value.isFinite else {
        throw list.fault(line, cell.column, "'\(cell.text)' is not a place in pixels")
      }
      return value
    }
    var stars: [StarSettings] = []
    for k in x.cells.indices {
      var isComparison = k > 0
      if let flags {
        guard ["true", "false"].contains(flags.cells[k].text) else {
          throw list.fault(flags.line, flags.cells[k].column, "'\(flags.cells[k].text)' is neither true nor false")
        }
        isComparison = flags.cells[k].text == "true"
      }
      var star = StarSettings((isComparison ? "C" : "T") + "\(k + 1)", isComparison ? .comparison : .target)
      star.x = try number(x.cells[k], x.line) + 0.5
      star.y = Double(height) - (try number(y.cells[k], y.line)) + 0.5
      stars.append(star)
    }
    return stars
  }
}
