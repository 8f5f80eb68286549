import ElnathCore

/// What every listed file is, by the project's word or by its header, and where the two do not agree.
struct ScanKinds {
  private(set) var files: [ScannedFile] = []
  private(set) var problems: [String] = []

  /// Files that were counted, and the first of them.
  private typealias Tally = (count: Int, first: String)

  init(_ listed: [ScanLists.Listed], headers: [ReadHeader], decoder: HeaderDecoder) {
    var contradicted: [String: Tally] = [:]
    var unwanted: [Observation.Kind: Tally] = [:]
    for (file, header) in zip(listed, headers) {
      // An unreadable file is a light where it may be one: so it has a row that tells.
      let unread = header.error != nil && file.allowed.contains(.light) ? Observation.Kind.light : nil
      let seen = header.decoded(by: decoder, listed: file.kind == nil ? unread : nil)
      let kind = seen.observation.kind
      guard let stated = file.kind else {
        if file.allowed.contains(kind) || kind == .unknown { files.append(seen) }
        if !file.allowed.contains(kind) { Self.count(file.path, in: &unwanted[kind]) }
        continue
      }
      files.append(kind == stated && seen.error == nil ? seen : header.decoded(by: decoder, listed: stated))
      if seen.error == nil, kind != .unknown, kind != stated {
        Self.count(file.path, in: &contradicted["\(Self.lists[stated] ?? "") \(stated) \(kind)"])
      }
    }
    for (key, tally) in contradicted.sorted(by: { $0.key < $1.key }) {
      let words = key.split(separator: " ")
      problems.append(
        "input.\(words[0]): \(Self.files(tally, "is", "are")) \(words[2]) by header or name and taken as \(words[1]) all "
          + "the same; list them elsewhere, or name their folder under input.files to let the headers decide")
    }
    for (kind, tally) in unwanted.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      problems.append(
        kind == .unknown
          ? "\(Self.files(tally, "is", "are")) of unknown kind and not used; name them in the list of their kind"
          : "\(Self.files(tally, "is", "are")) \(kind) by header or name and not used, since "
            + "input.\(Self.lists[kind] ?? "") does not name them")
    }
  }

  private static let lists: [Observation.Kind: String] = [
    .light: "lights", .bias: "biases", .dark: "darks", .flat: "flats",
  ]

  private static func count(_ path: String, in tally: inout Tally?) {
    tally = tally.map { ($0.count + 1, $0.first) } ?? (1, path)
  }

  private static func files(_ tally: Tally, _ one: String, _ many: String) -> String {
    tally.count == 1 ? "\(tally.first) \(one)" : "\(tally.count) files (first \(tally.first)) \(many)"
  }
}
