import ElnathCore
import Testing

@Suite struct SeriesLimitsTests {
  private func frame(
    _ number: Int, filter: String = "R", night: String = "n1", exposure: Double = 60, jd: Double? = nil,
    segment: Int = 1
  ) -> FrameSummary {
    var frame = FrameSummary(
      frame: number, file: "f\(number)", filter: filter, night: night, jdUTC: jd ?? Double(number), exposure: exposure)
    frame.segment = segment
    return frame
  }

  @Test func groupsShareFilterExposureNightAndSegment() {
    let frames = [
      frame(1), frame(2, filter: "Ha"), frame(3), frame(4, exposure: 10), frame(5, exposure: 60.02),
      frame(6, segment: 2), frame(7, night: "n2"),
    ]
    let limits = SeriesLimits(frames: frames)
    #expect(limits.groups == [[0, 2, 4], [1], [3], [5], [6]])
    #expect(limits.runs == [[0, 2, 3, 4, 5, 6], [1]])
  }

  @Test func rejectedFramesBelongToNoGroupAndTimelessOnesComeLast() {
    var frames = [frame(1, jd: .nan), frame(2), frame(3)]
    frames[1].status = .rejected
    #expect(SeriesLimits(frames: frames).groups == [[2, 0]])
  }

  /// With the second copy of frame 11, three of five frames in a row would be broad.
  @Test func aFrameGivenTwiceIsNoRefocus() {
    var frames = (1...30).map { frame($0) }
    for index in frames.indices { frames[index].fwhm = [10, 11, 14].contains(index) ? 7 : 2.7 }
    #expect(Set(SeriesSegments.numbers(frames)).count > 1)
    frames[11].flags = .duplicate
    #expect(Set(SeriesSegments.numbers(frames)) == [1])
  }

  @Test func aLinearDriftHasNoSpikesBetweenItsEnds() {
    let spikes = SeriesLimits.spikes((0..<20).map { 3 + 0.1 * Double($0) })
    // The medians of three before and three after cancel exactly but for rounding.
    for place in 3..<17 { #expect(abs(spikes.departures[place]) < 1e-12) }
  }

  @Test func aSpikeStandsOutByItsOwnHeight() {
    var values = Array(repeating: 4.0, count: 15)
    values[7] = 6
    values[9] = .nan
    let spikes = SeriesLimits.spikes(values)
    #expect(spikes.departures[7] == 2)
    #expect(spikes.levels[8] == 4)
    #expect(spikes.departures[9].isNaN)
    #expect(spikes.sigma == 0)
  }

  @Test func lowerPercentileIsOneOfTheValues() {
    #expect(SeriesLimits.lowerPercentile([9, 3], 0.25) == 3)
    #expect(SeriesLimits.lowerPercentile([5, 1, 4, 2, 3], 0.25) == 2)
    #expect(SeriesLimits.lowerPercentile([.nan, 7], 0.25) == 7)
    #expect(SeriesLimits.lowerPercentile([], 0.25).isNaN)
  }

  @Test func clearEndByNumberOfFrames() {
    #expect(SeriesLimits.clearEnd([]).isNaN)
    #expect(SeriesLimits.clearEnd([4, 0.1]) == 0.1)
    #expect(SeriesLimits.clearEnd([3, 0.2, -1, 0.1]) == 0.1)
    // Ten values from 0 to 9: nine tenths of the way from the smallest to the next.
    #expect(abs(SeriesLimits.clearEnd((0..<10).map(Double.init)) - 0.9) < 1e-12)
  }

  @Test(arguments: [(1, 2, false), (2, 10, false), (3, 10, true), (2, 4, true), (0, 5, false)])
  func safetyValve(count: Int, total: Int, opens: Bool) {
    #expect(SeriesLimits.isTooMany(count, of: total, fraction: 0.20) == opens)
  }
}

@Suite struct SeriesSegmentsTests {
  private func series(_ fwhm: [Double], flippedFrom flip: Int = .max, filters: [String] = ["R"]) -> [FrameSummary] {
    fwhm.enumerated().map { index, value in
      var frame = FrameSummary(
        frame: index + 1, file: "f\(index)", filter: filters[index % filters.count], night: "n",
        jdUTC: 2_460_000 + Double(index) / 500, exposure: 60)
      frame.fwhm = value
      frame.registration = Registration(
        transform: SimilarityTransform(a: index >= flip ? -1 : 1, b: 0.01, tx: 0, ty: 0), method: .stars, matched: 50,
        residual: 0.05)
      return frame
    }
  }

  @Test func aMeridianFlipBeginsASegment() {
    let numbers = SeriesSegments.numbers(series(Array(repeating: 3, count: 12), flippedFrom: 5))
    #expect(numbers == Array(repeating: 1, count: 5) + Array(repeating: 2, count: 7))
  }

  @Test func aRefocusBeginsASegmentAndOneBadFrameDoesNot() {
    var random = SeededGenerator(seed: 5)
    var fwhm = (0..<40).map { ($0 < 22 ? 5 : 3) * (1 + 0.03 * random.normal()) }
    fwhm[10] = 9
    let numbers = SeriesSegments.numbers(series(fwhm))
    #expect(numbers == Array(repeating: 1, count: 22) + Array(repeating: 2, count: 18))
  }

  @Test func filtersThatTakeTurnsSeeOneRefocus() {
    var random = SeededGenerator(seed: 6)
    let fwhm = (0..<60).map { ($0 < 33 ? 5 : 3.2) * ($0 % 2 == 0 ? 1 : 0.9) * (1 + 0.02 * random.normal()) }
    let numbers = SeriesSegments.numbers(series(fwhm, filters: ["R", "Ha"]))
    #expect(numbers == Array(repeating: 1, count: 33) + Array(repeating: 2, count: 27))
  }

  @Test func driftAndScatterBeginNone() {
    for seed in UInt64(1)...50 {
      var random = SeededGenerator(seed: seed)
      let fwhm = (0..<80).map { (3 + 3 * Double($0) / 80) * (1 + 0.08 * random.normal()) }
      #expect(Set(SeriesSegments.numbers(series(fwhm))) == [1])
    }
  }
}

@Suite struct UserVerdictsTests {
  private let frames = (1...142).map {
    FrameSummary(
      frame: $0, file: $0 == 7 ? "lights/a,b-7.fits" : "lights/f\($0).fits", filter: "R", night: "n",
      jdUTC: Double($0), exposure: 60)
  }

  private func resolve(_ text: String, action: String = "exclude") -> (verdicts: UserVerdicts, faults: [String]) {
    UserVerdicts.resolve([UserVerdicts.Row(frames: text, action: action, reason: "clouds")], frames: frames)
  }

  @Test func numbersRangesAndNames() {
    #expect(resolve("63,96, 107-110").verdicts.byFrame.keys.sorted() == [63, 96, 107, 108, 109, 110])
    #expect(resolve("lights/f12.fits").verdicts.byFrame.keys.sorted() == [12])
    #expect(resolve("f12.fits, 3").verdicts.byFrame.keys.sorted() == [3, 12])
    #expect(resolve("a,b-7.fits").verdicts.byFrame.keys.sorted() == [7])
    #expect(resolve("5", action: " Include ").verdicts.byFrame == [5: UserVerdicts.Verdict(.include, reason: "clouds")])
  }

  @Test(arguments: ["143", "140-150", "120-110", "f999.fits", "", "3-5-7", "x", "-4"])
  func whatNamesNoFrameIsAFault(text: String) {
    let (verdicts, faults) = resolve(text)
    #expect(verdicts.byFrame.isEmpty)
    #expect(faults.count == 1)
  }

  @Test func anUnknownActionIsAFaultAndALaterRowWins() {
    #expect(resolve("3", action: "delete").faults == ["row 1: action \"delete\" is neither exclude nor include"])
    let rows = [
      UserVerdicts.Row(frames: "1-5", action: "exclude", reason: "wind"),
      UserVerdicts.Row(frames: "4", action: "include", reason: "fine"),
    ]
    let (verdicts, faults) = UserVerdicts.resolve(rows, frames: frames)
    #expect(faults.isEmpty)
    #expect(verdicts.byFrame[4] == UserVerdicts.Verdict(.include, reason: "fine"))
    #expect(verdicts.byFrame[5] == UserVerdicts.Verdict(.exclude, reason: "wind"))
  }
}
