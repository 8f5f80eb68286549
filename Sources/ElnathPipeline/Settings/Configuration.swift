import ElnathCore

/// A project file, decoded: one property for each table.
public struct Configuration: Codable, Sendable, Equatable {
  /// The version of the format that this program reads.
  public static let currentVersion = 1

  public var version = Configuration.currentVersion
  public var input = InputSettings()
  public var solve = SolveSettings()
  public var reduce = ReduceSettings()
  public var align = AlignSettings()
  public var stack = StackSettings()
  public var measure = MeasureSettings()
  public var flag = FlagSettings()
  public var lightcurve = LightCurveSettings()
  public var output = OutputSettings()
  public var star: [StarSettings] = []

  public init() {}
}

/// A project: its settings, where each comes from, and the folder that its paths are relative to.
public struct Project: Sendable, Equatable {
  /// Path of the project file, as given; nil for bare frames.
  public let file: String?
  public let configuration: Configuration
  public let layers: SettingsLayers

  /// The folder that paths in the project file are relative to.
  public var folder: String {
    guard let file, let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  /// Reads and checks the project file; `assignments` are the texts of `--set`, `options` named options with the
  /// setting that each stands for.
  public init(
    file: String?, assignments: [String] = [],
    options: [(name: String, path: [String], value: SettingsTree)] = []
  ) throws(PipelineError) {
    let toml: String? =
      if let file { try FileBytes.text(of: file) } else { nil }
    try self.init(file: file, toml: toml, assignments: assignments, options: options)
  }

  init(
    file: String?, toml: String?, assignments: [String] = [],
    options: [(name: String, path: [String], value: SettingsTree)] = []
  ) throws(PipelineError) {
    var layers = SettingsLayers(defaults: .encode(Configuration()))
    if let file, let toml {
      let tree = try SettingsTree.parse(toml: toml, file: file)
      try Self.checkStarKeys(of: tree, file: file)
      try layers.add(tree, from: .file(file))
    }
    for text in assignments { try layers.add(assignment: text) }
    for option in options {
      try layers.add(SettingsTree(path: option.path, value: option.value), from: .option(option.name))
    }
    try Self.checkVersion(of: layers)
    self.file = file
    self.layers = layers
    do {
      configuration = try layers.tree.withStarDefaults.decode(Configuration.self, below: [])
      try StarSettings.check(configuration.star)
      try configuration.solve.check()
      try configuration.reduce.check()
    } catch {
      throw PipelineError(.configuration, layers.originOfProblem(at: error.place).subject, error.description)
    }
  }

  private static func checkVersion(of layers: SettingsLayers) throws(PipelineError) {
    guard let version = layers.tree[["version"]], version != .integer(Configuration.currentVersion) else { return }
    throw PipelineError(
      .configuration, layers.origin(of: ["version"]).subject,
      "version: expected \(Configuration.currentVersion), found \(version.inWords); this project file is meant for "
        + "another release of Elnath")
  }

  /// The keys of every `[[star]]` at once.
  private static func checkStarKeys(of tree: SettingsTree, file: String) throws(PipelineError) {
    guard case .array(let stars) = tree[["star"]] else { return }
    let schema = SettingsTree.encode(StarSettings())
    let unknown = stars.enumerated().flatMap { index, star in
      star.unknownKeys(against: schema, below: ["star", "[\(index + 1)]"])
    }
    let others = tree.unknownKeys(against: .encode(Configuration()))
    guard !unknown.isEmpty else { return }
    throw PipelineError(.configuration, file, (others + unknown).map(\.description).joined(separator: "; "))
  }
}

extension SettingsTree {
  /// Each `[[star]]` completed by the defaults of a star.
  fileprivate var withStarDefaults: SettingsTree {
    guard case .table(var table) = self, case .array(let stars) = table["star"] else { return self }
    let defaults = SettingsTree.encode(StarSettings())
    table["star"] = .array(stars.map { defaults.merged(with: $0) })
    return .table(table)
  }
}
