/// Where a setting comes from.
public enum SettingsOrigin: Sendable, Equatable, CustomStringConvertible {
  case standard
  /// The project file of this path.
  case file(String)
  /// `--set` with this text.
  case assignment(String)
  /// The option of this name, as `--reference`.
  case option(String)

  public var description: String {
    switch self {
    case .standard: "default"
    case .file(let path): path.split(separator: "/").last.map(String.init) ?? path
    case .assignment: "--set"
    case .option(let name): name
    }
  }

  /// How messages about a value of this origin begin.
  var subject: String {
    switch self {
    case .standard: ""
    case .file(let path): path
    case .assignment(let text): "--set \(text)"
    case .option(let name): name
    }
  }
}

/// Settings put over each other: defaults, project file, `--set`, named options; the later wins, value by value, and
/// each value knows where it comes from.
public struct SettingsLayers: Sendable, Equatable {
  public private(set) var tree: SettingsTree
  private let schema: SettingsTree
  private var origins: [[String]: SettingsOrigin] = [:]

  public init(defaults: SettingsTree) {
    tree = defaults
    schema = defaults
  }

  /// Puts a layer on top. All its unknown keys are refused at once, each with the key that was perhaps meant.
  public mutating func add(_ layer: SettingsTree, from origin: SettingsOrigin) throws(PipelineError) {
    let unknown = layer.unknownKeys(against: schema)
    guard unknown.isEmpty else {
      throw PipelineError(.configuration, origin.subject, unknown.map(\.description).joined(separator: "; "))
    }
    tree = tree.merged(with: layer)
    for leaf in layer.leaves() { origins[leaf.path] = origin }
  }

  /// Puts a `--set` text (`measure.centroid=windowed`) on top. A value that is not TOML is taken as text.
  public mutating func add(assignment text: String) throws(PipelineError) {
    try add(Self.assignment(text), from: .assignment(text))
  }

  /// Where the value at `path` comes from; places within a list come from where the list does.
  public func origin(of path: [String]) -> SettingsOrigin {
    for length in stride(from: path.count, to: 0, by: -1) {
      if let origin = origins[Array(path.prefix(length))] { return origin }
    }
    return .standard
  }

  /// Where to look for the cause of a problem at `path`, which may be a key that is missing: its own origin, else that
  /// of what stands beside it.
  func originOfProblem(at path: [String]) -> SettingsOrigin {
    for length in stride(from: path.count, to: 0, by: -1) {
      let part = Array(path.prefix(length))
      if let origin = origins[part] { return origin }
      let beside = tree[part]?.leaves(below: part).lazy.compactMap { origins[$0.path] }.first
      if let beside { return beside }
    }
    return .standard
  }

  /// Every value with its path and origin, in the order of the defaults.
  public var values: [(path: [String], value: SettingsTree, origin: SettingsOrigin)] {
    tree.leaves().map { ($0.path, $0.value, origin(of: $0.path)) }
  }

  /// The TOML of the merged settings with the origin of each value in a comment; `changedOnly` leaves out defaults.
  public func toml(changedOnly: Bool = false) -> String {
    guard changedOnly else { return tree.toml { "\(origin(of: $0))" } }
    return values.filter { $0.origin != .standard }
      .reduce(SettingsTree.empty) { $0.merged(with: SettingsTree(path: $1.path, value: $1.value)) }
      .toml { "\(origin(of: $0))" }
  }

  /// The tree of `a.b=value`.
  static func assignment(_ text: String) throws(PipelineError) -> SettingsTree {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
    guard parts.count == 2, !path.contains("") else {
      throw PipelineError(.usage, "--set \(text)", "not of the form key=value; write, for example, measure.sky=3")
    }
    let value = String(parts[1])
    let parsed = try? SettingsTree.parse(toml: "value = \(value)", file: "").table
    guard let parsed, parsed.keys == ["value"], let tree = parsed["value"] else {
      return SettingsTree(path: path, value: .text(value))
    }
    return SettingsTree(path: path, value: tree)
  }
}
