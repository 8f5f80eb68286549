import Testing

@testable import ElnathPipeline

@Suite("plots: axes")
struct PlotAxisTests {
  @Test("a night is one panel across the whole width")
  func aNightIsOnePanelAcrossTheWholeWidth() throws {
    let axis = try #require(NightAxis((0..<100).map { (2_458_867.6 + 0.002 * Double($0), .nan) }))
    #expect(axis.isBarycentric && axis.zero == 2_458_867 && axis.panels.count == 1)
    #expect(axis.label == "BJD_{TDB} \u{2212} 2458867 (d)")
    #expect(axis.panels[0].from < 0.6 && axis.panels[0].to > 0.798)
    #expect(abs(axis.panels[0].left - 0.155) < 1e-12 && abs(axis.panels[0].right - 0.97) < 1e-12)
    #expect(axis.place(2_458_867.75, .nan) == 0.75)
  }

  @Test("nights apart are panels as wide as they are long")
  func nightsApartArePanelsAsWideAsTheyAreLong() throws {
    let first = (0..<50).map { (Double.nan, 2_458_867.6 + 0.004 * Double($0)) }
    let second = (0..<50).map { (Double.nan, 2_458_869.6 + 0.002 * Double($0)) }
    let axis = try #require(NightAxis(first + second, width: .twoColumns))
    #expect(!axis.isBarycentric && axis.panels.count == 2)
    let scales = axis.panels.map { ($0.right - $0.left) / ($0.to - $0.from) }
    #expect(abs(scales[0] - scales[1]) < 1e-9 * scales[0])
    #expect(axis.panels[0].right < axis.panels[1].left && axis.panels[0].to < axis.panels[1].from)
    #expect(abs(axis.panels[1].right - 0.985) < 1e-12)
  }

  @Test("many nights share one axis")
  func manyNightsShareOneAxis() throws {
    let axis = try #require(NightAxis((0..<30).map { (2_458_867.6 + Double($0), .nan) }))
    #expect(axis.panels.count == 1 && axis.step >= 2)
  }

  /// Six short nights: each panel is hardly wider than a number.
  @Test("numbers of neighbouring nights keep clear of each other")
  func numbersKeepClear() throws {
    for night in [0.05, 0.11, 0.25] {
      for count in 2...8 {
        var times: [(bjd: Double, jd: Double)] = []
        for day in 0..<count {
          let start: Double = 2_458_867.602 + Double(day)
          for frame in 0...20 { times.append((bjd: start + night * Double(frame) / 20, jd: .nan)) }
        }
        let axis = try #require(NightAxis(times, width: .twoColumns))
        #expect(axis.panels.count == count)
        var previous = -1.0
        for (n, panel) in axis.panels.enumerated() {
          let (first, last) = axis.numbers(of: n)
          #expect(first >= panel.from - axis.step / 2 && last <= panel.to + axis.step / 2 && first <= last)
          let scale = (panel.right - panel.left) / (panel.to - panel.from)
          // A number of this axis is 0.07 of the picture wide; one in the middle of a narrow panel has half of that.
          let least = first == last ? 0.035 : 0.069
          #expect(panel.left + (first - panel.from) * scale - previous > least, "\(night) d, \(count) nights")
          previous = panel.left + (last - panel.from) * scale
        }
      }
    }
  }

  @Test(
    "an axis has some numbers and not too many", arguments: [(208.2, 297.6), (0.97, 1.47), (-23.7, 41.5), (1.7, 8.2)])
  func someNumbers(range: (Double, Double)) {
    let step = RoundStep.between(range.0, range.1, most: 4)
    let highest: Double = (range.1 / step).rounded(.down)
    let lowest: Double = (range.0 / step).rounded(.up)
    let count = highest - lowest + 1
    #expect((2...4).contains(count))
  }

  @Test("one frame has an axis and none has not")
  func oneFrameHasAnAxisAndNoneHasNot() throws {
    let axis = try #require(NightAxis([(2_458_867.6, 2_458_867.59)]))
    #expect(axis.panels.count == 1 && axis.panels[0].from < axis.panels[0].to && axis.step > 0)
    #expect(NightAxis([]) == nil)
    #expect(NightAxis([(.nan, .nan)]) == nil)
    #expect(NightAxis([(1e300, .nan)]) == nil)
  }

  @Test("used points with their bars fill the range")
  func usedPointsWithTheirBarsFillTheRange() throws {
    let range = try #require(ValueRange([0, 1, .nan], errors: [0.2, 0.3, 5], least: 0.01))
    #expect(range.lower < -0.2 && range.lower > -0.4 && range.upper > 1.3 && range.upper < 1.5)
    #expect(range.edge(of: 0.5) == nil)
    let edge = try #require(range.edge(of: -7))
    #expect(edge > range.lower && edge < -0.1)
    // One bar of 100 must not flatten a curve that spans 1.
    let capped = try #require(ValueRange([0, 1], errors: [100, 0.1], least: 0.01))
    #expect(capped.lower > -1 && capped.upper < 2)
    let constant = try #require(ValueRange([3, 3], least: 0.05))
    #expect(constant.upper - constant.lower >= 0.1 - 1e-12)
    #expect(ValueRange([.nan], least: 1) == nil && ValueRange([1e300], least: 1) == nil)
  }

  @Test("steps are round")
  func stepsAreRound() {
    #expect(RoundStep.atLeast(0.3) == 0.5)
    #expect(abs(RoundStep.atLeast(0.011) - 0.02) < 1e-15)
    #expect(RoundStep.atLeast(20) == 20 && RoundStep.atLeast(21) == 50)
    #expect(RoundStep.atLeast(0) == 1 && RoundStep.atLeast(.nan) == 1)
  }

  @Test("text in a script is never expanded")
  func textInAScriptIsNeverExpanded() {
    let (name, value) = Gnuplot.array("names", ["a'b", "`date`\n", "\"x\"; system 'ls'"])
    #expect(name == "array names[3]" && value == "['a''b', '`date`', '\"x\"; system ''ls''']")
  }
}
