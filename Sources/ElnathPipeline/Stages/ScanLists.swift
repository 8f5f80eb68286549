import ElnathCore

/// The files that the lists of table [input] name, each once.
///
/// An entry that stands for one kind decides on the kind of its files; of a file that two such entries name the
/// calibration list wins, so that `lights = ["*.fits"]` may take in what `biases = ["bias*.fits"]` names. Where entries of
/// several lists stand for the same files, as with one folder a night, or where `files` names them, their headers decide.
struct ScanLists {
  struct Listed: Equatable {
    /// As it stands in tables.
    var path: String
    /// What the project says that the file is; nil where its header decides.
    var kind: Observation.Kind?
    /// Where the header decides: the kinds that the project asks for.
    var allowed: Set<Observation.Kind> = []
  }

  private(set) var files: [Listed] = []
  private(set) var problems: [String] = []

  private struct Entry {
    /// Nil for `files`.
    var kind: Observation.Kind?
    var text: String
    var paths: [String]
    var identities: Set<String>
    var isMixed = false
  }

  /// Kinds in the order in which they win over each other.
  private static let kinds: [Observation.Kind] = [.bias, .dark, .flat, .light]

  init(_ settings: InputSettings, inputs: ScanInputs) throws(PipelineError) {
    let lists: [(key: String, kind: Observation.Kind?, entries: [String])] = [
      ("biases", .bias, settings.biases), ("darks", .dark, settings.darks), ("flats", .flat, settings.flats),
      ("lights", .light, settings.lights), ("files", nil, settings.files),
    ]
    var entries: [Entry] = []
    for list in lists {
      for text in list.entries {
        let (paths, unmatched, links) = try inputs.files([text])
        problems += unmatched.map { "input.\(list.key): \"\($0)\" matches no file" }
        if let link = links.first { problems.append(Self.sentence(links.count, link)) }
        entries.append(
          Entry(kind: list.kind, text: text, paths: paths, identities: Set(paths.map(inputs.identity))))
      }
    }
    Self.markMixed(&entries)
    take(entries, inputs: inputs)
  }

  private static func sentence(_ count: Int, _ link: ScanInputs.Link) -> String {
    count == 1
      ? "\(link.name) is the same file as \(link.file); counted once"
      : "\(count) files are listed by links too, first \(link.name), the same as \(link.file); counted once"
  }

  /// A single file that is plainly named twice is a slip, not a folder of many kinds.
  private static func markMixed(_ entries: inout [Entry]) {
    for index in entries.indices where entries[index].kind == nil { entries[index].isMixed = true }
    let general = entries.indices.filter { index in
      let entry = entries[index]
      return !entry.paths.isEmpty && !(NamePattern(entry.text).isLiteral && entry.paths == [entry.text])
    }
    for a in general {
      for b in general
      where entries[a].kind != entries[b].kind && entries[a].identities == entries[b].identities {
        entries[a].isMixed = true
      }
    }
  }

  private mutating func take(_ entries: [Entry], inputs: ScanInputs) {
    var places: [String: Int] = [:]
    // What the project says comes before what it leaves to the headers.
    for entry in entries.filter({ !$0.isMixed }) + entries.filter(\.isMixed) {
      for path in entry.paths {
        let identity = inputs.identity(path)
        guard let place = places[identity] else {
          places[identity] = files.count
          let allowed: Set<Observation.Kind> = entry.kind.map { [$0] } ?? Set(Self.kinds)
          files.append(
            Listed(
              path: path, kind: entry.isMixed ? nil : entry.kind, allowed: entry.isMixed ? allowed : []))
          continue
        }
        if entry.isMixed {
          files[place].allowed.formUnion(entry.kind.map { [$0] } ?? Self.kinds)
        } else if let kind = files[place].kind, let other = entry.kind, other != kind, other != .light {
          problems.append("\(path) is listed as \(kind) and as \(other); taken as \(kind)")
        }
      }
    }
  }
}
