import ElnathCore

/// One step of the chain. A stage holds its settings and what it needs from earlier steps, calls the algorithms of
/// `ElnathCore` and has no other state.
public protocol Stage<Input, Output>: Sendable {
  associatedtype Input: Sendable
  associatedtype Output: Sendable
  /// Defaults, and the reasons for them, stand beside each property.
  associatedtype Settings: Codable & Sendable & Equatable
  /// The one word: command, TOML table, folder, test and article share it.
  static var name: String { get }
  var settings: Settings { get }
  func callAsFunction(_ input: Input) throws(StageError) -> Output
}

/// Why one frame (or the whole series) cannot pass a stage: the flags to set and a reason for people.
public struct StageError: Error, Sendable, Equatable {
  public var flags: QualityFlags
  public var reason: String

  public init(_ flags: QualityFlags, _ reason: String) {
    self.flags = flags
    self.reason = reason
  }
}
