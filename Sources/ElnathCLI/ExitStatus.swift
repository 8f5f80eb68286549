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

  /// For the end of `--help`.
  static let table = """
    EXIT STATUS
      0 done; 1 done, but more frames rejected than allowed; 64 usage; 65 bad data; 66 no input; 69 gnuplot missing \
    (data and scripts are still written); 70 internal; 73 cannot create output; 74 input/output; 77 permission; \
    78 configuration; 130 interrupted; 143 terminated
    """
}
