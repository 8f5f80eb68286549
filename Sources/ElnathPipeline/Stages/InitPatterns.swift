import ElnathCore

/// The shortest entries for table [input] that take in the files of one kind and no others.
struct InitPatterns {
  /// Every image found, with its kind; nil for one that belongs into no list.
  let files: [(path: String, kind: Observation.Kind?)]

  func entries(of kind: Observation.Kind?) -> [String] {
    let folders = Set(files.filter { $0.kind == kind }.map { ProjectFolder.split($0.path).folder }).sorted()
    return folders.flatMap { folder in
      entries(of: kind, in: files.filter { ProjectFolder.split($0.path).folder == folder })
        .map { folder == "." ? $0 : folder + "/" + $0 }
    }
  }

  private typealias Name = (name: String, kind: Observation.Kind?)

  private func entries(of kind: Observation.Kind?, in folder: [(path: String, kind: Observation.Kind?)]) -> [String] {
    let names: [Name] = folder.map { (ProjectFolder.split($0.path).name, $0.kind) }
    let wanted = names.filter { $0.kind == kind }.map(\.name)
    let others = names.filter { $0.kind != kind }.map(\.name)
    // A name that is itself a pattern can only be given as it is.
    let plain = wanted.filter { NamePattern($0).isLiteral }
    let byEnding = grouped(plain) { "*" + Self.ending($0) }
    let entries = byEnding.flatMap { pattern, members -> [String] in
      if Self.isFree(pattern, of: others) { return [pattern] }
      return grouped(members, by: Self.template).flatMap { template, alike -> [String] in
        Self.isFree(template, of: others) ? [template] : ranges(alike, others)
      }
    }
    return entries + wanted.filter { !NamePattern($0).isLiteral }
  }

  /// Numbers from-to where only one number of the names changes; else the names.
  private func ranges(_ names: [String], _ others: [String]) -> [String] {
    let rows = names.map { (name: $0, parts: Self.parts($0)) }
    guard let first = rows.first, rows.count > 1 else { return names }
    let varying = first.parts.indices.filter { place in rows.contains { $0.parts[place] != first.parts[place] } }
    guard varying.count == 1, let place = varying.first,
      rows.allSatisfy({ $0.parts[place].count == first.parts[place].count })
    else { return names }

    // Files of other kinds whose names differ from these in that number only: a range must not run over them.
    let foreign = others.map(Self.parts).filter { parts in
      parts.count == first.parts.count && parts[place].count == first.parts[place].count
        && parts.indices.allSatisfy { $0 == place || parts[$0] == first.parts[$0] }
    }
    let numbers = rows.map { ($0.parts[place], true) } + foreign.map { ($0[place], false) }
    var runs: [[String]] = [[]]
    for (number, isWanted) in numbers.sorted(by: { $0.0 < $1.0 }) {
      if isWanted {
        runs[runs.count - 1].append(number)
      } else {
        runs.append([])
      }
    }
    return runs.compactMap { run in
      guard let low = run.first, let high = run.last else { return nil }
      var parts = first.parts
      parts[place] = low == high ? low : "[\(low)-\(high)]"
      return parts.joined()
    }
  }

  private static func isFree(_ pattern: String, of names: [String]) -> Bool {
    let pattern = NamePattern(pattern)
    return !names.contains { pattern.matches($0) }
  }

  private func grouped(_ names: [String], by key: (String) -> String) -> [(key: String, names: [String])] {
    Dictionary(grouping: names, by: key).map { ($0.key, $0.value.sorted()) }.sorted { $0.0 < $1.0 }
  }

  private static func ending(_ name: String) -> String {
    let lower = name.lowercased()
    let length = ScanInputs.endings.filter { lower.hasSuffix("." + $0) }.map(\.count).max() ?? 0
    return String(name.suffix(length + 1))
  }

  /// The name with a star for every number.
  private static func template(_ name: String) -> String {
    parts(name).map { $0.first.map(isDigit) == true ? "*" : $0 }.joined()
  }

  /// Runs of digits and what lies between them.
  private static func parts(_ name: String) -> [String] {
    name.reduce(into: [String]()) { parts, character in
      if let last = parts.last?.last, isDigit(last) == isDigit(character) {
        parts[parts.count - 1].append(character)
      } else {
        parts.append(String(character))
      }
    }
  }

  private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}
