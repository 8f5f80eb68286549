import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Seeded series without pixels: no good frame may be unused, no bad one used.
@Suite struct FrameVerdictsTests {
  static let seeds: [UInt64] = Array(1...40)

  /// Counts over all seeds.
  struct Tally {
    var good = 0
    var goodUnused = 0
    var goodFlagged = 0
    var bad = 0
    var badUsed = 0
    var remarkable = 0
    var unremarked = 0
    var examples: [String] = []

    mutating func add(_ series: SyntheticSeries, limits: FlagLimits = FlagLimits()) {
      let table = FrameVerdicts(limits: limits)(series.table())
      for (truth, frame) in zip(series.truth, table.frames) {
        let isUnused = frame.status == .unused || frame.status == .rejected
        let note = "seed \(series.seed) frame \(frame.frame) \(frame.status): \(frame.reason)"
        if truth.isBad {
          bad += 1
          if !isUnused {
            badUsed += 1
            examples.append("bad, used: " + note)
          }
        } else if truth.deservesFlag {
          remarkable += 1
          if frame.status == .used {
            unremarked += 1
            examples.append("unremarked: " + note)
          }
        } else {
          good += 1
          if frame.status == .flagged { goodFlagged += 1 }
          if frame.status != .used { examples.append("good: " + note) }
          if isUnused { goodUnused += 1 }
        }
      }
    }

    var summary: String {
      "good \(good): unused \(goodUnused), flagged \(goodFlagged); bad \(bad): used \(badUsed); "
        + "remarkable \(remarkable): unremarked \(unremarked)\n" + examples.prefix(12).joined(separator: "\n")
    }
  }

  /// Puts the usual faults on every twelfth frame or so, beginning at `first`.
  static func spoil(_ series: inout SyntheticSeries, from first: Int, every: Int) {
    var place = first
    var kind = 0
    while place < series.frames.count {
      switch kind % 6 {
      case 0:
        series.frames[place].cloud += 4.5
        series.frames[place].isBad = true
      case 1:
        series.frames[place].fwhm *= 2.6
        series.frames[place].isBad = true
      case 2:
        series.frames[place].elongation = 2.6
        series.frames[place].isBad = true
      case 3:
        series.frames[place].patchiness = 0.6
        series.frames[place].isBad = true
      case 4:
        series.frames[place].residual = 4.5
        series.frames[place].isBad = true
      default:
        series.frames[place].shiftX += 90
        series.frames[place].deservesFlag = true
      }
      place += every
      kind += 1
    }
  }

  static func tally(_ build: (UInt64) -> SyntheticSeries) -> Tally {
    var tally = Tally()
    for seed in seeds { tally.add(build(seed)) }
    return tally
  }

  static func night(_ seed: UInt64, count: Int = 80, change: (Int, inout SyntheticSeries.Frame) -> Void = { _, _ in })
    -> SyntheticSeries
  {
    var series = SyntheticSeries(seed: seed)
    series.addNight("2025-01-01", start: 2_460_000.6, count: count, change: change)
    spoil(&series, from: 5, every: 11)
    return series
  }

  static func expectSpotless(_ tally: Tally, flagged: Double = 0.01) {
    #expect(tally.goodUnused == 0, "\(tally.summary)")
    #expect(tally.badUsed == 0, "\(tally.summary)")
    #expect(tally.unremarked == 0, "\(tally.summary)")
    #expect(Double(tally.goodFlagged) <= flagged * Double(tally.good), "\(tally.summary)")
  }

  @Test func plainNight() { Self.expectSpotless(Self.tally { Self.night($0) }) }

  @Test func moonlitNight() {
    Self.expectSpotless(
      Self.tally { Self.night($0) { index, frame in frame.sky = 2 + 30 * Double(index * index) / 6400 } })
  }

  @Test func driftingFocus() {
    Self.expectSpotless(
      Self.tally { Self.night($0) { index, frame in frame.fwhm = 3 + 2.5 * Double(index) / 80 } })
  }

  @Test func evenThinCloud() {
    Self.expectSpotless(
      Self.tally { seed in
        var random = SeededGenerator(seed: seed, part: 7)
        return Self.night(seed) { _, frame in frame.cloud = 0.15 + 0.06 * random.normal() }
      })
  }

  @Test func twoNightsOfDifferentSeeing() {
    Self.expectSpotless(
      Self.tally { seed in
        var series = SyntheticSeries(seed: seed)
        series.addNight("2025-01-01", start: 2_460_000.6, count: 50) { _, frame in frame.fwhm = 2.8 }
        series.addNight("2025-01-02", start: 2_460_001.6, count: 30) { _, frame in frame.fwhm = 6.2 }
        return series
      }, flagged: 1)
  }

  @Test func refocus() {
    Self.expectSpotless(
      Self.tally { Self.night($0) { index, frame in frame.fwhm = index < 42 ? 5 : 3.2 } })
  }

  @Test func interleavedFilters() {
    Self.expectSpotless(
      Self.tally {
        Self.night($0) { index, frame in
          guard index % 2 == 1 else { return }
          frame.filter = "Ha"
          frame.exposure = 300
          frame.sky = 0.1
          frame.fwhm = 3.1
        }
      })
  }

  @Test func twelveFramesOnly() { Self.expectSpotless(Self.tally { Self.night($0, count: 12) }) }

  @Test func wholeNightOfRisingAirmass() {
    Self.expectSpotless(
      Self.tally { Self.night($0) { index, frame in frame.airmass = 1.05 + 1.4 * Double(index * index) / 6400 } })
  }

  @Test func halfTheNightUnderThickCloud() {
    Self.expectSpotless(
      Self.tally { seed in
        Self.night(seed) { index, frame in
          guard index >= 40 else { return }
          frame.cloud = 0.6 + 2.2 * Double(index - 40) / 40
          frame.deservesFlag = true
        }
      })
  }

  /// A telescope that drifts across a tenth of the field, and a small camera that drifts by half of it.
  @Test(arguments: [(2048.0, 2.5), (700.0, 4.0)])
  func driftingField(size: Double, step: Double) {
    Self.expectSpotless(
      Self.tally { seed in
        var series = SyntheticSeries(seed: seed, size: size)
        series.addNight("2025-01-01", start: 2_460_000.6, count: 80) { index, frame in
          frame.shiftX = step * Double(index)
          frame.shiftY = -step * Double(index) / 3
        }
        Self.spoil(&series, from: 5, every: 11)
        return series
      }, flagged: size < 1000 ? 0.5 : 0.01)
  }

  /// Without a flat field, drift alone makes stars on one side fade and those on the other brighten.
  @Test(arguments: [0.0, 0.4])
  func driftWithoutFlatField(acrossTheDrift: Double) {
    Self.expectSpotless(
      Self.tally { seed in
        var series = SyntheticSeries(seed: seed, size: 800)
        series.vignetting = 0.25
        series.addNight("2025-01-01", start: 2_460_000.6, count: 80) { index, frame in
          frame.shiftX = 2.0 * Double(index)
          frame.shiftY = acrossTheDrift * Double((index - 40) * (index - 40)) / 20
        }
        Self.spoil(&series, from: 5, every: 11)
        return series
      }, flagged: 0.02)
  }

  /// The edge of a cloud on single frames.
  @Test func cloudEdges() {
    Self.expectSpotless(
      Self.tally {
        Self.night($0) { index, frame in
          guard index % 11 == 9 else { return }
          frame.cloud = 0.2
          frame.cloudSlope = 0.25
          frame.deservesFlag = true
        }
      })
  }

  @Test func ditheredSeries() {
    Self.expectSpotless(
      Self.tally { seed in
        var random = SeededGenerator(seed: seed, part: 9)
        var series = SyntheticSeries(seed: seed)
        series.addNight("2025-01-01", start: 2_460_000.6, count: 60) { _, frame in
          frame.shiftX = 60 * (random.uniform() - 0.5)
          frame.shiftY = 60 * (random.uniform() - 0.5)
        }
        return series
      })
  }

  @Test func meridianFlipAndNewPointing() {
    Self.expectSpotless(
      Self.tally {
        Self.night($0) { index, frame in
          frame.flipped = index >= 30
          frame.shiftX = (index >= 30 ? 40 : 0) + (index >= 60 ? 80 : 0)
        }
      })
  }

  @Test func shortAndLongExposuresInTurn() {
    Self.expectSpotless(
      Self.tally {
        Self.night($0) { index, frame in frame.exposure = index % 2 == 0 ? 5 : 120 }
      })
  }

  /// Fields of a dozen faint stars and of four: noisy zero points are no fault of a frame.
  @Test(arguments: [(14, 1500.0), (4, 20000.0)])
  func poorFields(count: Int, brightest: Double) {
    Self.expectSpotless(
      Self.tally { seed in
        var series = SyntheticSeries(seed: seed, stars: count, brightest: brightest)
        series.addNight("2025-01-01", start: 2_460_000.6, count: 60)
        series.frames[20].cloud = 5
        series.frames[20].isBad = true
        return series
      }, flagged: 0.05)
  }

  /// Beyond -12 degrees a remark, beyond -6 no use.
  @Test func twilightAtBothEnds() {
    Self.expectSpotless(
      Self.tally {
        Self.night($0) { index, frame in
          let hours = min(Double(index), Double(79 - index)) / 20
          frame.sunAltitude = -2 - 14 * hours
          frame.sky = 2 + 300 * exp(-4 * hours)
          frame.isBad = frame.sunAltitude > -6
          frame.deservesFlag = !frame.isBad && frame.sunAltitude > -12
        }
      }, flagged: 0.05)
  }
}
