import ElnathCore

/// How a result came about: the content of `run.json`. The same input gives the same bytes, but for `timings`.
public struct Provenance: Sendable {
  /// A file that went in.
  public struct Input: Sendable, Equatable {
    /// As it stands in tables.
    public var file: String
    /// Bytes.
    public var size: Int
    /// Of the last change, seconds since 1970.
    public var modified: Double
    /// XXH64 of the content, in hexadecimal digits.
    public var hash: String

    /// Looks at the file at `path` and reads all of it once, unless a past run found the same size and time of change or
    /// its hash is `known`.
    public init(file: String, path: String, past: Input? = nil, known: String? = nil) throws(PipelineError) {
      guard let stamp = FileStamp(path: path) else { throw FileFault.reading(path) }
      self.file = file
      size = stamp.size
      modified = Double(stamp.seconds) + DecimalRounding.decimals(Double(stamp.nanoseconds) / 1e9, 6)
      if let past, past.file == file, past.size == size, past.modified == modified {
        hash = past.hash
      } else if let known {
        hash = known
      } else {
        hash = try ContentHash(path: path).text
      }
    }

    /// An entry of `inputs` in `run.json`; nil where it is none.
    init?(tree: SettingsTree) {
      guard case .text(let file) = tree[["file"]], case .integer(let size) = tree[["size"]],
        case .real(let modified) = tree[["modified"]], case .text(let hash) = tree[["xxh64"]]
      else { return nil }
      (self.file, self.size, self.modified, self.hash) = (file, size, modified, hash)
    }
  }

  public var settings: SettingsLayers
  public var inputs: [Input]
  /// What was counted, by a name that tells what: `frames_used`, `stars`.
  public var counts: [(name: String, count: Int)]
  /// The measured camera beside the stated one; nil where nothing was measured.
  public var camera: SettingsTree?
  /// Wall-clock seconds of each step; nil for one that an earlier run had made.
  public var timings: [(step: String, seconds: Double?)]

  public init(
    settings: SettingsLayers, inputs: [Input], counts: [(name: String, count: Int)],
    timings: [(step: String, seconds: Double?)]
  ) {
    self.settings = settings
    self.inputs = inputs
    self.counts = counts
    self.timings = timings
  }

  /// The content of `run.json`.
  public var json: String { tree.json }

  public var tree: SettingsTree {
    var root = SettingsTable()
    root["versions"] = table(ElnathVersion.all.map { ($0.name, .text($0.version)) })
    root["settings"] = settings.tree
    root["origins"] = table(settings.values.map { (SettingsProblem.name(of: $0.path), .text("\($0.origin)")) })
    root["inputs"] = .array(
      inputs.map {
        table([
          ("file", .text($0.file)), ("size", .integer($0.size)), ("modified", .real($0.modified)),
          ("xxh64", .text($0.hash)),
        ])
      })
    root["counts"] = table(counts.map { ($0.name, .integer($0.count)) })
    if let camera { root["camera"] = camera }
    root["timings"] = table(
      timings.map { step, seconds in
        (step, seconds.map { .real(DecimalRounding.decimals($0, 3)) } ?? .text("unchanged"))
      })
    return .table(root)
  }

  private func table(_ entries: [(String, SettingsTree)]) -> SettingsTree { .keyed(entries) }
}
