import ElnathCore

/// The zero level of one output of one light frame: a row of `overscan.csv`.
struct OverscanRecord: Sendable {
  /// Number of the frame.
  let frame: Int
  let file: String
  /// Name of the output; empty for the only one.
  let amplifier: String
  /// Nil where its overscan told no level.
  let level: Overscan.Level?

  /// One for each output that has an overscan.
  static func of(_ frame: FrameReduction, row: FrameSummary) -> [OverscanRecord] {
    zip(frame.observation.outputs, frame.levels).filter { $0.0.overscan != nil }.map { output, level in
      OverscanRecord(frame: row.frame, file: row.file, amplifier: output.name, level: level)
    }
  }
}

/// `overscan.csv`: one row for each output of each light frame that has an overscan.
enum OverscanColumns {
  static let all: [Column<OverscanRecord>] = [
    Column("frame", "", "Number of the frame.") { .integer($0.frame) },
    Column("file", "", "Path of the frame.") { .path($0.file) },
    Column("amplifier", "", "Name of the output; empty for the only one.") { .text($0.amplifier) },
    Column("overscan_adu", "ADU", "Zero level in the middle of the overscan.") { .real(rounded($0.level?.middle)) },
    Column("drift_adu", "ADU", "Rise of the zero level from the first line of the overscan to the last.") {
      .real(rounded($0.level?.drift))
    },
    Column("sigma_adu", "ADU", "Scatter of one overscan pixel about the level.") { .real(rounded($0.level?.sigma)) },
    Column("damaged_columns", "", "Columns of the overscan that were left out.") { .integer($0.level?.damaged) },
  ]

  private static func rounded(_ value: Double?) -> Double? { value.map { DecimalRounding.decimals($0, 4) } }
}
