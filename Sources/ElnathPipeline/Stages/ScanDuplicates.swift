import ElnathCore
import ElnathFITS

#if canImport(Glibc)
  import Glibc
#endif

/// Finds frames that are there twice: a copy under another name, the same exposure packed and unpacked.
enum ScanDuplicates {
  /// Flags all but the first of each, in the order given, and says which frame they repeat.
  ///
  /// A frame repeats another of its kind with the same time if it has also the same exposure of a second or more and the
  /// same filter, since two such exposures cannot share their middle, or the same name but for the ending; and any frame
  /// with the same header and the same bytes.
  static func mark(_ files: inout [ScannedFile]) {
    var first: [Key: Int] = [:]
    for index in files.indices where files[index].error == nil {
      for key in keys(of: files[index]) {
        guard let other = first[key] else {
          first[key] = index
          continue
        }
        flag(index, repeating: other, by: "same time, exposure and filter as", in: &files)
        break
      }
    }
    markCopies(&files)
  }

  private enum Key: Hashable {
    case exposure(Observation.Kind, time: Double, length: Double, filter: String)
    case name(Observation.Kind, time: Double, stem: String)
  }

  private static func keys(of file: ScannedFile) -> [Key] {
    let seen = file.observation
    guard seen.jdUTC.isFinite else { return [] }
    var keys = [Key.name(seen.kind, time: seen.jdUTC, stem: stem(seen.file))]
    if seen.exposure >= 1 {
      let filter = seen.kind == .light || seen.kind == .flat ? seen.filter : ""
      keys.append(.exposure(seen.kind, time: seen.jdUTC, length: seen.exposure, filter: filter))
    }
    return keys
  }

  /// Name without its folder and the endings of images.
  private static func stem(_ file: String) -> String {
    var name = ProjectFolder.split(file).name.lowercased()
    for ending in [".gz", ".fz", ".fits", ".fit", ".fts"] where name.hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
    }
    return name
  }

  /// Only files of equal size and header are read: two exposures of one camera seldom have both.
  private static func markCopies(_ files: inout [ScannedFile]) {
    let alike = Dictionary(grouping: files.indices.filter { files[$0].error == nil }) { files[$0].contentMark }
    var found: [(copy: Int, of: Int)] = []
    for (mark, members) in alike where mark != nil && members.count > 1 {
      var known: [String: Int] = [:]
      for index in members {
        guard let hash = try? ContentHash(path: files[index].path).text else { continue }
        if let other = known[hash] { found.append((index, other)) } else { known[hash] = index }
      }
    }
    for (copy, other) in found.sorted(by: { $0.copy < $1.copy }) {
      flag(copy, repeating: other, by: "same content as", in: &files)
    }
  }

  private static func flag(_ index: Int, repeating other: Int, by what: String, in files: inout [ScannedFile]) {
    guard !files[index].flags.contains(.duplicate) else { return }
    files[index].flags.insert(.duplicate)
    files[index].observation.problems.append("\(what) \(files[other].observation.file)")
  }
}

extension ReadHeader {
  /// What two copies of a file have in common, seen without reading their pixels; nil where the header is not known.
  var contentMark: ScannedFile.ContentMark? {
    var status = stat()
    guard let header, stat(FileName.systemPath(path), &status) == 0 else { return nil }
    var hash = ContentHash()
    for card in header.cards {
      let value =
        switch card.value {
        case .text(let text): text
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .logical(let flag): "\(flag)"
        case nil: ""
        }
      var text = Array("\(card.key) \(value)\n".utf8)
      text.withUnsafeMutableBytes { hash.add(UnsafeRawBufferPointer($0)) }
    }
    return ScannedFile.ContentMark(size: Int(status.st_size), header: hash.value)
  }
}
