// Table [lightcurve]: what it may hold, and what it makes of it.
import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite struct LightCurveSettingsTests {
  private func settings(_ assignments: String...) throws -> LightCurveSettings {
    try Project(file: nil, assignments: assignments.map { "lightcurve." + $0 }).configuration.lightcurve
  }

  @Test func leftOutIsListedElseAutomatic() throws {
    let settings = try settings()
    #expect(settings == LightCurveSettings())
    let builder = try settings.builder()
    #expect(builder.comparisons == .listedElseAutomatic)
    #expect(builder.method == .zeropoint && builder.wanted == nil && builder.radius == nil)
  }

  @Test func comparisonsAreAWordOrAList() throws {
    #expect(try settings("comparisons=\"auto\"").builder().comparisons == .automatic)
    #expect(try settings("comparisons=[\"S0004\", \"S0007\"]").builder().comparisons == .named(["S0004", "S0007"]))
    #expect(try settings("comparisons=\"S0004\"").builder().comparisons == .named(["S0004"]))
  }

  @Test func everyKeyReachesTheBuilder() throws {
    let builder = try settings(
      "ensemble=\"sum\"", "wanted=8", "exclude=[\"S0001\"]", "check=\"S0002\"", "radius=5", "saturation_share=0.7",
      "signal_to_noise=10", "contamination=0.02", "coverage=0.5"
    ).builder()
    #expect(builder.method == .sum && builder.wanted == 8 && builder.excluded == ["S0001"])
    #expect(builder.check == "S0002" && builder.radius == 5)
    #expect(builder.candidates.saturationShare == 0.7 && builder.candidates.contamination == 0.02)
    #expect(builder.candidates.signalToNoise == 10 && builder.candidates.fallbackSignalToNoise == 10)
    #expect(builder.candidates.coverage == 0.5)
  }

  @Test func colourTermIsAWordOrANumber() throws {
    #expect(try settings("colour_term=\"fit\"").builder().colourTerm == .fitted)
    #expect(try settings("colour_term=-0.08").builder().colourTerm == .given(-0.08))
    #expect(throws: PipelineError.self) { try settings("colour_term=\"yes\"") }
  }

  @Test func lineAndContinuum() throws {
    #expect(try settings().builder().excess == nil)
    let chosen = try settings("line=\"Ha\"", "continuum=\"R\"", "pairing=\"cycle\"", "widths={ Ha = 6.5 }")
    let known = try chosen.builder(profileWidths: ["Ha": 8, "R": 130])
    let excess = try #require(known.excess)
    #expect(excess.line == "Ha" && excess.continuum == "R" && excess.pairing == .cycle)
    #expect(excess.lineWidth == 6.5 && excess.continuumWidth == 130)
    let unknown = try chosen.builder()
    #expect(unknown.excess?.continuumWidth.isNaN == true)
  }

  @Test(arguments: [
    ["line=\"Ha\""], ["continuum=\"R\""], ["line=\"Ha\"", "continuum=\"Ha\""],
    ["line=\"Ha\"", "continuum=\"R\"", "widths={ Ha = 8, R = 6 }"],
    ["line=\"Ha\"", "continuum=\"R\"", "widths={ Ha = -8 }"],
    ["line=\"Ha\"", "continuum=\"R\"", "longest_gap_min=0"],
  ])
  func linesThatCannotBeAreRefused(assignments: [String]) throws {
    let settings = try Project(file: nil, assignments: assignments.map { "lightcurve." + $0 }).configuration.lightcurve
    let error = #expect(throws: PipelineError.self) { try settings.builder() }
    #expect(error?.code == .configuration)
  }

  @Test(arguments: ["wanted=0", "wanted=201", "radius=-1", "coverage=1.5", "signal_to_noise=0", "comparisons=[]"])
  func whatCannotBeIsRefused(assignment: String) throws {
    let settings = try settings(assignment)
    let key = String(assignment.prefix { $0 != "=" })
    let error = #expect(throws: PipelineError.self) { try settings.builder() }
    #expect(error?.code == .configuration)
    #expect(error?.subject == "lightcurve." + key)
  }
}
