import ElnathFITS

/// What `run.json` tells of the last run in a folder, which must have ended well.
struct PastRun: Sendable {
  /// The measured camera beside the stated one; nil where nothing was measured.
  let camera: SettingsTree?
  /// Files that went in, by name.
  let inputs: [String: Provenance.Input]

  /// Nil where there is no such file or it is not understood.
  init?(folder: String) {
    guard let text = try? FileBytes.text(of: folder + "/run.json"), let tree = SettingsTree(json: text) else {
      return nil
    }
    camera = tree[["camera"]]
    var inputs: [String: Provenance.Input] = [:]
    if case .array(let files) = tree[["inputs"]] {
      for input in files.compactMap(Provenance.Input.init(tree:)) { inputs[input.file] = input }
    }
    self.inputs = inputs
  }
}
