import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Single cases: what a frame shows and what is said about it.
@Suite struct FrameVerdictsCasesTests {
  static func series(
    _ count: Int = 30, seed: UInt64 = 3, stars: Int = 60,
    change: (Int, inout SyntheticSeries.Frame) -> Void = { _, _ in }
  ) -> SyntheticSeries {
    var series = SyntheticSeries(seed: seed, stars: stars)
    series.addNight("2025-01-01", start: 2_460_000.6, count: count, change: change)
    return series
  }

  static func judged(_ series: SyntheticSeries, limits: FlagLimits = FlagLimits(), context: FlagContext = FlagContext())
    -> [FrameSummary]
  {
    FrameVerdicts(limits: limits, context: context)(series.table()).frames
  }

  @Test func appliedTwiceGivesTheSameTable() {
    var series = Self.series(60) { index, frame in frame.rejected = index == 4 }
    FrameVerdictsTests.spoil(&series, from: 6, every: 7)
    let verdicts = FrameVerdicts(
      context: FlagContext(
        exclude: [.trackingJump],
        user: UserVerdicts([3: .init(.exclude, reason: "wind"), 7: .init(.include, reason: "looks fine")])))
    let once = verdicts(series.table())
    let twice = verdicts(once)
    // NaN differs from itself, so the frames are compared as text.
    #expect("\(once.frames)" == "\(twice.frames)")
    let other = FrameVerdicts()(once)
    #expect("\(other.frames)" == "\(FrameVerdicts()(series.table()).frames)")
  }

  @Test func neitherOrderOfStarsNorOfMeasurementsMatters() {
    var series = Self.series(60)
    FrameVerdictsTests.spoil(&series, from: 6, every: 7)
    let table = series.table()
    let count = table.stars.count
    let order = (0..<count).map { ($0 * 7 + 3) % count }
    precondition(Set(order).count == count, "7 and the number of stars share no divisor")
    let shuffled = PhotometryTable(
      stars: order.map { table.stars[$0] }, frames: table.frames,
      measurements: table.measurements.reversed().map { frame in
        FrameMeasurements(
          frame: frame.frame, stars: order.map { frame.stars[$0] },
          apertures: order.flatMap { star in (0..<frame.radii).map { frame[star, $0] } })
      })
    for (a, b) in zip(FrameVerdicts()(table).frames, FrameVerdicts()(shuffled).frames) {
      #expect(a.status == b.status && a.flags == b.flags && a.reason == b.reason)
      // Sums in another order differ by rounding.
      #expect(a.zeroPoint == b.zeroPoint || abs(a.zeroPoint - b.zeroPoint) < 1e-9 || a.zeroPoint.isNaN)
    }
  }

  /// A young star may do what it likes: only its own row changes.
  @Test func theTargetHasNoVoice() {
    var series = Self.series()
    let calm = Self.judged(series)
    series.stars[0].amplitude = 2
    series.stars[1].amplitude = 1
    #expect("\(Self.judged(series))" == "\(calm)")
  }

  @Test func aFrameWithoutAnyStarlightIsNeverUsed() {
    let frames = Self.judged(Self.series { index, frame in frame.cloud = index == 9 ? 30 : 0 })
    #expect(frames[9].status == .unused)
    #expect(frames[9].flags.contains(.transparency))
    #expect(frames[9].transparency < 0.01)
    #expect(
      frames[9].reason.contains("transparency 0.00 below 0.05") || frames[9].reason.contains("transparency -0.00"))
    #expect(frames.filter { $0.status == .unused }.count == 1)
  }

  @Test func starsTooBroadToMeasureAreSeeing() {
    var table = Self.series().table()
    table.frames[11].fwhm = .nan
    for star in table.stars.indices { table.measurements[11].stars[star].fwhm = .nan }
    let frame = FrameVerdicts()(table).frames[11]
    #expect(frame.status == .unused)
    #expect(frame.flags == .seeing)
  }

  @Test func aFrameThatWasNotMeasuredIsUnused() {
    var table = Self.series().table()
    table.measurements.remove(at: 4)
    let frame = FrameVerdicts()(table).frames[4]
    #expect(frame.status == .unused)
    #expect(frame.flags.contains(.fewComparisons))
    #expect(frame.transparency.isNaN && frame.zeroPoint.isNaN)
  }

  @Test func oneOfTwoFramesIsCloudy() {
    let frames = Self.judged(Self.series(2) { index, frame in frame.cloud = index == 1 ? 4.5 : 0 })
    #expect(frames.map(\.status) == [.used, .unused])
  }

  @Test func oneFrameAloneIsUsed() {
    let frames = Self.judged(Self.series(1))
    #expect(frames.map(\.status) == [.used])
    #expect(frames[0].zeroPoint == 0)
  }

  @Test func withoutComparisonStarsEveryFrameSaysSo() {
    var table = Self.series(10).table()
    for star in table.stars.indices { table.stars[star].role = .target }
    for frame in FrameVerdicts()(table).frames {
      #expect(frame.status == .flagged)
      #expect(frame.flags == .fewComparisons)
      #expect(frame.transparency.isNaN)
    }
  }

  @Test func lostStarsAreCounted() {
    var table = Self.series().table()
    func lose(_ part: Double, on frame: Int) {
      for star in 0..<Int(part * Double(table.stars.count)) {
        for aperture in 0..<table.measurements[frame].radii {
          table.measurements[frame][star, aperture].flags.insert(.pastEdge)
        }
      }
    }
    lose(0.45, on: 5)
    lose(0.75, on: 6)
    let frames = FrameVerdicts()(table).frames
    #expect(frames[5].status == .flagged && frames[5].flags == .fewComparisons)
    #expect(frames[6].status == .unused && frames[6].flags == .fewComparisons)
  }

  @Test func skyNearSaturation() {
    let series = Self.series { index, frame in frame.sky = index == 3 ? 900 : 2 }
    // 900 e-/px/s for 60 s: 54 000 e-/px.
    let context = FlagContext(saturation: Array(repeating: 100_000, count: 30))
    let frame = Self.judged(series, context: context)[3]
    #expect(frame.status == .unused && frame.flags.contains(.sky))
    #expect(Self.judged(series)[3].flags.contains(.sky))
  }

  @Test func theSafetyValveSaysSo() {
    // A third of the night at 2.4 times the FWHM: so was the night.
    let frames = Self.judged(Self.series { index, frame in frame.fwhm = index >= 20 ? 8.4 : 3.5 })
    for frame in frames[20...] {
      #expect(frame.status == .flagged)
      #expect(frame.reason.contains("a warning only"))
    }
    // The user's own limit stands.
    var limits = FlagLimits()
    limits.maxFWHMPx = 6
    let strict = Self.judged(Self.series { index, frame in frame.fwhm = index >= 20 ? 8.4 : 3.5 }, limits: limits)
    #expect(strict[20...].allSatisfy { $0.status == .unused })
  }

  @Test func theUserWins() {
    let series = Self.series { index, frame in
      if index == 5 { frame.cloud = 4.5 }
      frame.rejected = index == 6
    }
    let user = UserVerdicts([
      3: .init(.exclude, reason: "clouds"), 4: .init(.include), 6: .init(.include, reason: "needed"),
      7: .init(.include),
    ])
    let frames = Self.judged(series, context: FlagContext(user: user))
    #expect(
      frames[2].status == .unused && frames[2].flags == .user && frames[2].reason == "excluded by the user: clouds")
    #expect(frames[3].status == .used && frames[3].flags.isEmpty)
    #expect(frames[5].status == .flagged && frames[5].flags.isSuperset(of: [.user, .transparency]))
    #expect(frames[5].reason.hasPrefix("kept by the user: needed; "))
    #expect(frames[6].status == .rejected && frames[6].flags == .notRegistered && frames[6].reason == "no transform")
  }

  @Test func excludedBitsUnuseFromTheWarnLimitOn() {
    let series = Self.series { index, frame in frame.cloud = index == 5 ? 0.8 : 0 }
    #expect(Self.judged(series)[5].status == .flagged)
    let strict = Self.judged(series, context: FlagContext(exclude: .transparency))
    #expect(strict[5].status == .unused)
    #expect(strict[5].reason.hasSuffix("(excluded by the settings)"))
    #expect(strict.filter { $0.status == .unused }.count == 1)
  }

  @Test func flagsOfEarlierStepsStay() {
    var table = Self.series().table()
    table.frames[2].flags = [.predictedTransform]
    table.frames[3].flags = [.duplicate]
    let frames = FrameVerdicts()(table).frames
    #expect(frames[2].status == .flagged && frames[2].flags == .predictedTransform)
    #expect(frames[2].reason == "the transform comes from neighbouring frames in time")
    #expect(frames[3].status == .unused && frames[3].flags == .duplicate)
  }

  @Test func zeroPointsAreTiedToTheCatalogue() {
    let series = Self.series(20)
    var table = series.table()
    for star in table.stars.indices where table.stars[star].role == .measure {
      // 25 mag gives 1 e-/s above the atmosphere.
      table.stars[star].magnitude = 25 - 2.5 * log10(series.stars[star].rate)
      table.stars[star].band = "R"
    }
    for frame in FrameVerdicts()(table).frames {
      // 0.1 mag per airmass at X = 1.2; the aperture misses up to 0.1 mag of the simulated wings.
      #expect(frame.zeroPoint < 25 - 0.12 && frame.zeroPoint > 25 - 0.12 - 0.1)
      #expect(abs(frame.transparency - 1) < 0.02)
    }
  }
}
