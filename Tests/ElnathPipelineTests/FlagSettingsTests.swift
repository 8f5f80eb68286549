import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite struct FlagSettingsTests {
  private func settings(_ toml: String) throws -> FlagSettings {
    try Project(file: "p.toml", toml: "[flag]\n" + toml, assignments: []).configuration.flag
  }

  @Test func everyLimitIsAKeyOfTheTable() throws {
    #expect(try settings("") == FlagSettings())
    var wanted = FlagSettings()
    wanted.exclude = ["seeing", "patchy_cloud"]
    wanted.verdicts = "my_flags.csv"
    wanted.limits.maxFWHMPx = 8
    wanted.limits.minTransparency = 0.1
    wanted.limits.seeingSpike = 0.5
    wanted.limits.extinction = ["R": 0.12]
    let toml = """
      exclude = ["seeing", "patchy_cloud"]
      verdicts = "my_flags.csv"
      max_fwhm_px = 8
      min_transparency = 0.1
      seeing_spike = 0.5
      extinction = { R = 0.12 }
      """
    #expect(try settings(toml) == wanted)
    #expect(try settings(toml).excludedFlags() == [.seeing, .patchyCloud])
  }

  @Test func aMisspeltKeyIsRefusedWithTheNearest() {
    #expect {
      _ = try settings("min_transparancy = 0.1")
    } throws: { error in
      "\(error)".contains("did you mean 'flag.min_transparency'?")
    }
  }

  @Test func aMisspeltFlagIsRefusedWithTheNearest() {
    var flag = FlagSettings()
    flag.exclude = ["seing"]
    #expect {
      _ = try flag.excludedFlags()
    } throws: { error in
      "\(error)" == "flag.exclude: no flag of frames is called 'seing'; did you mean 'seeing'?"
    }
    // A bit of single stars is none of frames.
    flag.exclude = ["saturated"]
    #expect(throws: PipelineError.self) { try flag.excludedFlags() }
  }

  @Test func rowsThatNameNoFrameAreRefused() throws {
    var flag = FlagSettings()
    flag.verdicts = "my_flags.csv"
    let frames = (1...5).map {
      FrameSummary(frame: $0, file: "f\($0)", filter: "R", night: "n", jdUTC: Double($0), exposure: 60)
    }
    let good = UserVerdicts.Row(frames: "2-3", action: "exclude", reason: "wind")
    #expect(try flag.userVerdicts([good], frames: frames).byFrame.count == 2)
    #expect {
      _ = try flag.userVerdicts([good, UserVerdicts.Row(frames: "9", action: "exclude")], frames: frames)
    } throws: { error in
      "\(error)" == "my_flags.csv: row 2: no frames 9: the series has 5"
    }
  }
}
