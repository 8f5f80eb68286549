import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite struct ReduceSettingsTests {
  private func settings(_ toml: String) throws -> ReduceSettings {
    try Project(file: "p.toml", toml: "[reduce]\n" + toml, assignments: []).configuration.reduce
  }

  @Test func theOverscanRuleIsChosenByKeys() throws {
    #expect(try settings("").overscanRule == Overscan(order: 1, method: .fit))
    #expect(try settings("overscan_order = 3").overscanRule == Overscan(order: 3, method: .fit))
    #expect(try settings("overscan = \"rows\"").overscanRule.method == .rows)
    #expect(try settings("overscan = \"median\"").overscanRule.method == .median)
  }

  @Test(arguments: ["overscan_order = 6", "overscan_order = -1", "overscan = \"mean\""])
  func whatIsNoRuleIsRefused(_ toml: String) {
    #expect {
      _ = try settings(toml)
    } throws: { error in
      "\(error)".contains("reduce.overscan")
    }
  }
}
