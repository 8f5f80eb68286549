import ElnathCore
import ElnathFITS

#if canImport(Glibc)
  import Glibc
#endif

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

    /// Looks at the file at `path` and reads all of it once.
    public init(file: String, path: String) throws(PipelineError) {
      var status = stat()
      guard stat(FileName.systemPath(path), &status) == 0 else { throw FileFault.reading(path) }
      self.file = file
      size = Int(status.st_size)
      modified = Double(status.st_mtim.tv_sec) + DecimalRounding.decimals(Double(status.st_mtim.tv_nsec) / 1e9, 6)
      hash = try ContentHash(path: path).text
    }
  }

  public var settings: SettingsLayers
  public var inputs: [Input]
  /// What was counted, by a name that tells what: `frames_used`, `stars`.
  public var counts: [(name: String, count: Int)]
  /// The measured camera beside the stated one; nil where nothing was measured.
  public var camera: SettingsTree?
  /// Wall-clock seconds of each step.
  public var timings: [(step: String, seconds: Double)]

  public init(
    settings: SettingsLayers, inputs: [Input], counts: [(name: String, count: Int)],
    timings: [(step: String, seconds: Double)]
  ) {
    self.settings = settings
    self.inputs = inputs
    self.counts = counts
    self.timings = timings
  }

  /// The content of `run.json`.
  public var json: String {
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
    root["timings"] = table(timings.map { ($0.step, .real(DecimalRounding.decimals($0.seconds, 3))) })
    return SettingsTree.table(root).json
  }

  private func table(_ entries: [(String, SettingsTree)]) -> SettingsTree {
    var table = SettingsTable()
    for (key, value) in entries { table[key] = value }
    return .table(table)
  }
}
