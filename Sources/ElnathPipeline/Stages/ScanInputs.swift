import ElnathFITS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns the lists of table [input] into files.
struct ScanInputs {
  let folder: ProjectFolder

  /// Endings of images, which a folder or a glob that ends in `*` is searched for; each also in capitals.
  static let endings = ["fits", "fit", "fts"].flatMap { [$0, $0 + ".fz", $0 + ".gz"] } + ["fz"]

  /// Folder of the products where nothing else is said: `**` does not look into it, for masters are no raw frames.
  static let products = "elnath-out"

  static func isImage(_ name: String) -> Bool {
    let lower = name.lowercased()
    return !name.hasPrefix(".") && endings.contains { lower.hasSuffix("." + $0) }
  }

  /// A name that was left out, since it stands for the same file as another.
  struct Link: Equatable {
    var name: String
    var file: String
  }

  /// Files in the order of the entries, those of one entry by name, each once; the entries that match none; and the
  /// links that stand beside their file. A plain file name is taken whether the file exists or not, so that its absence
  /// can be told in its place.
  func files(
    _ entries: [String]
  ) throws(PipelineError) -> (paths: [String], unmatched: [String], links: [Link]) {
    var paths: [String] = []
    var unmatched: [String] = []
    for entry in entries {
      let found = try expand(entry)
      if found.isEmpty { unmatched.append(entry) }
      paths += found
    }
    let (kept, links) = uniqued(paths)
    return (kept, unmatched, links)
  }

  /// The file itself, behind symbolic links: by this a file is known to be given twice.
  func identity(_ path: String) -> String {
    let absolute = folder.absolute(path)
    guard let resolved = realpath(FileName.systemPath(absolute), nil) else { return absolute }
    defer { free(resolved) }
    return FileName.text(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
  }

  /// Of several names of one file the one that is no link stays, else the first.
  private func uniqued(_ paths: [String]) -> (paths: [String], links: [Link]) {
    var kept: [String: String] = [:]
    let own = paths.map { (path: $0, identity: identity($0)) }
    for (path, identity) in own {
      guard let other = kept[identity] else {
        kept[identity] = path
        continue
      }
      if folder.absolute(other) != identity && folder.absolute(path) == identity { kept[identity] = path }
    }
    var seen: Set<String> = []
    var unique: [String] = []
    var links: [Link] = []
    for (path, identity) in own where seen.insert(path).inserted {
      let file = kept[identity] ?? path
      if file == path { unique.append(path) } else { links.append(Link(name: path, file: file)) }
    }
    return (unique, links)
  }

  private func expand(_ entry: String, withinList: String? = nil) throws(PipelineError) -> [String] {
    let path = folder.relative(entry.hasPrefix("@") ? String(entry.dropFirst()) : entry)
    let lower = path.lowercased()
    if entry.hasPrefix("@") || lower.hasSuffix(".txt") || lower.hasSuffix(".lst") {
      if let list = withinList {
        throw PipelineError(.configuration, list, "names another list file (\(path)); give both in the project file")
      }
      return try list(path)
    }
    if isFolder(path) {
      // A night that is sorted into bias/, flat/ ... has its frames one level down.
      let own = images(inFolder: path)
      return own.isEmpty ? foldersBelow(path).flatMap { images(inFolder: $0) } : own
    }
    if isName(path) { return [path] }
    return glob(path)
  }

  private func list(_ path: String) throws(PipelineError) -> [String] {
    let text = try FileBytes.text(of: folder.absolute(path))
    var paths: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let entry = line.withoutOuterBlanks
      if entry.isEmpty || entry.hasPrefix("#") { continue }
      let inside = entry.hasPrefix("/") ? entry : ProjectFolder.split(path).folder + "/" + entry
      paths += try expand(inside, withinList: path)
    }
    return paths
  }

  /// True where the text stands for itself. Brackets may stand in real names; a name with a star would hide all the
  /// files that it stands for.
  private func isName(_ text: String, in head: String = ".") -> Bool {
    NamePattern(text).isLiteral || !text.contains { "*?".contains($0) } && exists(join(head, text))
  }

  private func glob(_ path: String) -> [String] {
    var heads = [path.hasPrefix("/") ? "/" : "."]
    let parts = path.split(separator: "/").map(String.init)
    for (depth, part) in parts.enumerated() {
      let isLast = depth == parts.count - 1
      if part == "**" {
        heads = heads.flatMap { [$0] + foldersBelow($0) }
        if isLast { return heads.flatMap { images(inFolder: $0) } }
        continue
      }
      let pattern = NamePattern(part)
      heads = heads.flatMap { head in
        if isName(part, in: head) {
          return exists(join(head, part)) ? [join(head, part)] : []
        }
        return names(inFolder: head).filter { pattern.matches($0) }.map { join(head, $0) }
      }
    }
    let wantsAnything = path.hasSuffix("*")
    return heads.flatMap { match -> [String] in
      if isFolder(match) { return images(inFolder: match) }
      return !wantsAnything || Self.isImage(ProjectFolder.split(match).name) ? [match] : []
    }
  }

  private func images(inFolder path: String) -> [String] {
    names(inFolder: path).filter(Self.isImage).map { join(path, $0) }.filter { !isFolder($0) }
  }

  private func foldersBelow(_ path: String) -> [String] {
    names(inFolder: path).filter { $0 != Self.products }.map { join(path, $0) }.filter { isFolder($0) && !isLink($0) }
      .flatMap { [$0] + foldersBelow($0) }
  }

  /// Sorted, without hidden ones; empty when the folder cannot be read.
  private func names(inFolder path: String) -> [String] {
    (FileName.names(inFolder: folder.absolute(path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  private func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(FileName.systemPath(folder.absolute(path)), &status) == 0
  }

  private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(FileName.systemPath(folder.absolute(path)), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(FileName.systemPath(folder.absolute(path)), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private func join(_ head: String, _ name: String) -> String {
    head == "." ? name : (head == "/" ? "/" + name : head + "/" + name)
  }
}
