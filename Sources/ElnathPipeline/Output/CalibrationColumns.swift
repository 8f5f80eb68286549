import ElnathCore

/// What calibrates a light frame: a row of `calibration.csv`.
public struct CalibrationRow: Sendable, Equatable {
  public var frame: Int
  public var file: String
  /// File names of masters; empty for none.
  public var bias = ""
  public var dark = ""
  /// What the dark is multiplied by; NaN without a dark.
  public var darkScale = Double.nan
  public var flat = ""
  /// What is borrowed from another night.
  public var borrowed: [String] = []

  /// One row for each light.
  static func rows(of lights: [ScannedFile], _ library: MasterLibrary) -> [CalibrationRow] {
    zip(lights, library.assignment.choices).enumerated().map { index, light in
      CalibrationRow(index + 1, light.0.observation, light.1, library.plan)
    }
  }

  init(_ frame: Int, _ light: Observation, _ choice: CalibrationAssignment.Choice?, _ plan: CalibrationPlan) {
    self.frame = frame
    file = light.file
    guard let choice else { return }
    for (name, number) in [(\Self.bias, choice.bias), (\.dark, choice.dark), (\.flat, choice.flat)] {
      guard let group = number.map({ plan.groups[$0] }) else { continue }
      self[keyPath: name] = group.fileName
      if !group.night.isEmpty && group.night != light.night { borrowed.append("\(group.kind) of \(group.night)") }
    }
    if choice.dark != nil { darkScale = choice.darkScale }
  }
}

/// `calibration.csv`: one row for each light frame.
public enum CalibrationColumns {
  public static let all: [Column<CalibrationRow>] = [
    Column("frame", "", "Number of the light frame.") { .integer($0.frame) },
    Column("file", "", "Path, relative to the project file.") { .path($0.file) },
    Column("bias", "", "Master bias, in masters/.") { .text($0.bias) },
    Column("dark", "", "Master dark, in masters/.") { .text($0.dark) },
    Column("dark_scale", "", "What the dark is multiplied by.") { .real($0.darkScale) },
    Column("flat", "", "Master flat, in masters/.") { .text($0.flat) },
    Column("borrowed", "", "What is of another night, and of which, joined by '; '.") {
      .text($0.borrowed.joined(separator: "; "))
    },
  ]
}
