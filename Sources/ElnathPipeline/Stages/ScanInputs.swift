import FoundationEssentials

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

  static func isImage(_ name: String) -> Bool {
    let lower = name.lowercased()
    return !name.hasPrefix(".") && endings.contains { lower.hasSuffix("." + $0) }
  }

  /// Files in the order of the entries, those of one entry by name, each once; and the entries that match none.
  /// A plain file name is taken whether the file exists or not, so that its absence can be told in its place.
  func files(_ entries: [String]) throws(PipelineError) -> (paths: [String], unmatched: [String]) {
    var paths: [String] = []
    var unmatched: [String] = []
    for entry in entries {
      let found = try expand(entry)
      if found.isEmpty { unmatched.append(entry) }
      paths += found
    }
    return (uniqued(paths), unmatched)
  }

  /// The file itself, behind symbolic links: by this a file is known to be given twice.
  func identity(_ path: String) -> String {
    let absolute = folder.absolute(path)
    guard let resolved = realpath(absolute, nil) else { return absolute }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func uniqued(_ paths: [String]) -> [String] {
    var seen: Set<String> = []
    return paths.filter { seen.insert(identity($0)).inserted }
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
    if isFolder(path) { return images(inFolder: path) }
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
    names(inFolder: path).map { join(path, $0) }.filter { isFolder($0) && !isLink($0) }
      .flatMap { [$0] + foldersBelow($0) }
  }

  /// Sorted, without hidden ones; empty when the folder cannot be read.
  private func names(inFolder path: String) -> [String] {
    let all = try? FileManager.default.contentsOfDirectory(atPath: folder.absolute(path))
    return (all ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  private func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.absolute(path))
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: folder.absolute(path), isDirectory: &isFolder) && isFolder
  }

  private func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: folder.absolute(path))) != nil
  }

  private func join(_ head: String, _ name: String) -> String {
    head == "." ? name : (head == "/" ? "/" + name : head + "/" + name)
  }
}
