/// A key that nothing reads, and the known key that was perhaps meant.
public struct UnknownKey: Sendable, Equatable {
  public var path: [String]
  public var nearest: [String]?

  /// `unknown key 'measure.radiii'; did you mean 'measure.radii'?`
  public var description: String {
    let known = nearest.map { "; did you mean '\(SettingsProblem.name(of: $0))'?" } ?? ""
    return "unknown key '\(SettingsProblem.name(of: path))'" + known
  }
}

extension SettingsTree {
  /// Keys of this tree that `schema` (the encoded defaults, with their absent keys) does not have. Lists, absent keys
  /// and dictionaries of the schema take anything: decoding looks into them.
  public func unknownKeys(against schema: SettingsTree, below path: [String] = []) -> [UnknownKey] {
    guard case .table(let mine) = self, case .table(let known) = schema, !known.takesAnyKey else { return [] }
    return mine.entries.flatMap { entry in
      let place = path + [entry.key]
      if let value = known[entry.key] { return entry.value.unknownKeys(against: value, below: place) }
      return [UnknownKey(path: place, nearest: Spelling.nearest(entry.key, among: known.keys).map { path + [$0] })]
    }
  }
}

/// Which known word a misspelt one may stand for.
public enum Spelling {
  /// The known word with the fewest changes, the first of equals; nil when even that needs changes in more than half
  /// of the letters.
  public static func nearest(_ word: String, among known: [String]) -> String? {
    let ranked = known.map { (word: $0, changes: changes(from: word, to: $0)) }
    guard let best = ranked.min(by: { $0.changes < $1.changes }) else { return nil }
    return best.changes <= max(1, max(word.count, best.word.count) / 2) ? best.word : nil
  }

  /// Letters inserted, removed, replaced, or swapped with their neighbour (Damerau 1964, Commun. ACM 7, 171; each
  /// letter takes part once), capitals and small letters being the same.
  static func changes(from word: String, to other: String) -> Int {
    let a = Array(word.lowercased())
    let b = Array(other.lowercased())
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var current = [i + 1]
      for j in 0..<b.count {
        var best = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        current.append(best)
      }
      before = previous
      previous = current
    }
    return previous[b.count]
  }
}
