// An airmass that cannot be, as a wrong site makes it, must not judge frames.
import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite struct CredibleAirmassTests {
  /// A clear night judged with these airmasses.
  private func judged(_ airmass: (Int) -> Double) -> [FrameSummary] {
    var table = FrameVerdictsTests.night(3).table()
    for i in table.frames.indices { table.frames[i].airmass = airmass(i) }
    return FrameVerdicts()(table).frames
  }

  @Test func whatCannotBeIsSaidAndNotUsed() {
    let unknown = judged { _ in .nan }
    // From 1.5 up to the horizon and below it: 5 to 30 airmasses would be a loss of 3 mag and seeing three times as wide.
    let absurd = judged { $0 < 60 ? 1.5 + 0.5 * Double($0) : .nan }
    for (frame, plain) in zip(absurd, unknown) {
      var expected = plain.flags
      if frame.airmass > FlagLimits().warnAirmass { expected.insert(.highAirmass) }
      #expect(frame.flags == expected, "frame \(frame.frame): \(frame.reason)")
      #expect((frame.status == .unused) == (plain.status == .unused))
    }
    let last = absurd[59]
    #expect(last.reason.contains("airmass 31.0 cannot be: site, time or coordinates are wrong"), "\(last.reason)")
    #expect(!absurd[10].reason.contains("cannot be"))
  }

  @Test func aLowFieldKeepsItsAirmass() {
    let frames = FrameVerdictsTests.night(3).table().frames
    let run = Array(frames.indices)
    for airmass in [1.0, 3.5, 11] {
      var low = frames
      for i in run { low[i].airmass = airmass }
      #expect(CredibleAirmass.frames(low, run: run).allSatisfy { $0.airmass == airmass })
      low[7].airmass = 14
      #expect(CredibleAirmass.frames(low, run: run).allSatisfy { $0.airmass.isNaN })
      #expect(CredibleAirmass.frames(low, run: Array(run.dropFirst(20))).first?.airmass == airmass)
    }
  }
}
