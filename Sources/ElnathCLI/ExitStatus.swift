import ArgumentParser
import ElnathPipeline

/// The exit statuses of the program: a contract with scripts.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  /// Done, but more frames were rejected than the project allows.
  case manyRejected = 1
  case usage = 64
  case badData = 65
  case noInput = 66
  case plotterMissing = 69
  case internalFault = 70
  case cannotCreate = 73
  case inputOutput = 74
  case permission = 77
  case configuration = 78
  case interrupted = 130
  case terminated = 143

  /// `compare` found a difference: done, like frames rejected, but not as one may have hoped.
  static let different = ExitStatus.manyRejected

  init(_ code: PipelineError.Code) {
    self =
      switch code {
      case .usage: .usage
      case .badData: .badData
      case .noInput: .noInput
      case .plotterMissing: .plotterMissing
      case .internalFault: .internalFault
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      case .permission: .permission
      case .configuration: .configuration
      }
  }

  var exitCode: ExitCode { ExitCode(rawValue) }

  var meaning: String {
    switch self {
    case .done: "done"
    case .manyRejected: "done, but more frames rejected than allowed, or compare found a difference"
    case .usage: "usage"
    case .badData: "bad data"
    case .noInput: "no input"
    case .plotterMissing: "gnuplot missing (data and scripts are still written)"
    case .internalFault: "internal fault"
    case .cannotCreate: "cannot create output"
    case .inputOutput: "input/output"
    case .permission: "permission"
    case .configuration: "configuration"
    case .interrupted: "interrupted"
    case .terminated: "terminated"
    }
  }

  /// For help.
  static let table =
    "EXIT STATUS\n"
    + allCases.map { "  \($0.rawValue)" + ($0.rawValue < 10 ? "    " : $0.rawValue < 100 ? "   " : "  ") + $0.meaning }
    .joined(separator: "\n")
}
