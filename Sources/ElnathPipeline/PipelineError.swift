import ElnathFITS

/// What ends a run: before the first pixel wherever possible.
public struct PipelineError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is; each has one exit status (contract of the command line).
  public enum Code: Sendable, CaseIterable {
    case usage, badData, noInput, plotterMissing, internalFault, cannotCreate, inputOutput, permission, configuration
  }

  public var code: Code
  /// File (or `file: key`) that the message is about; empty when it is about none.
  public var subject: String
  /// What is wrong, with the value seen; then what to do.
  public var message: String
  public var underlying: (any Error)?

  public init(_ code: Code, _ subject: String = "", _ message: String, underlying: (any Error)? = nil) {
    self.code = code
    self.subject = subject
    self.message = message
    self.underlying = underlying
  }

  /// `FILE: what is wrong; what to do`, in one line.
  public var description: String { subject.isEmpty ? message : "\(subject): \(message)" }
}
