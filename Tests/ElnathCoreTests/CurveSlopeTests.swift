// Slopes of curves against conditions: exact ones, false alarms, correlated conditions; steps between segments.
import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("slopes against conditions")
struct CurveSlopeTests {
  /// Points with conditions that wander.
  private func points(
    _ count: Int, seed: UInt64, nights: Int = 1, error: Double = 0.01,
    magnitude: (Int, LightCurvePoint, inout SeededGenerator) -> Double
  ) -> [LightCurvePoint] {
    var random = SeededGenerator(seed: seed)
    var fwhm = 0.0
    return (0..<count).map { index in
      let night = index * nights / count
      let within = Double(index - night * count / nights) / (Double(count) / Double(nights))
      var frame = FrameSummary(
        frame: index + 1, file: "", filter: "R", night: "n\(night)",
        jdUTC: 2_459_000.5 + Double(night) + 0.3 * within, exposure: 60)
      // Seeing that remembers: an autoregressive series.
      fwhm = 0.8 * fwhm + 0.6 * random.normal()
      frame.fwhm = 4 + 0.2 * fwhm
      frame.sky = 600 * (1 + 0.1 * within * within) + 6 * random.normal()
      frame.airmass = 1.9 - 0.9 * within + 0.3 * within * within
      var point = LightCurvePoint(frame: frame)
      point.airmass = frame.airmass
      point.position = PixelPoint(x: 100 + 3 * within + 0.3 * random.normal(), y: 200 + 0.3 * random.normal())
      point.deltaMagnitudeError = error
      point.used = true
      point.deltaMagnitude = magnitude(index, point, &random)
      return point
    }
  }

  private let star = Star(name: "T", role: .target, position: PixelPoint(x: 0, y: 0))

  private func slope(_ points: [LightCurvePoint], _ quantity: CurveSlope.Quantity) throws -> CurveSlope {
    try #require(CurveSlope.slopes(of: star, points).first { $0.quantity == quantity })
  }

  @Test("a plain slope comes back exactly, alone and jointly")
  func exact() throws {
    let row = try slope(points(60, seed: 1) { _, point, _ in 0.03 * point.frame.fwhm + 2 }, .fwhm)
    #expect(abs(row.alone.slope - 0.03) < 1e-12 && abs(row.joint.slope - 0.03) < 1e-12)
    #expect(row.points == 60 && row.groups == 1)
  }

  @Test("what changes from night to night is not asked")
  func withinNights() throws {
    var curve = points(90, seed: 2, nights: 3) { index, _, random in 0.4 * Double(index / 30) + 0.01 * random.normal() }
    for i in curve.indices { curve[i].frame.fwhm += Double(i / 30) }
    let row = try slope(curve, .fwhm)
    // The nights differ by 0.4 mag and 1 px: a slope over all of them would be 0.4.
    #expect(abs(row.alone.slope) < 5 * row.alone.error && abs(row.alone.slope) < 0.05)
    #expect(row.groups == 3)
  }

  @Test("correlated conditions share a slope alone, not jointly")
  func correlated() throws {
    var curve = points(150, seed: 3) { _, point, random in 0.05 * point.frame.fwhm + 0.005 * random.normal() }
    var random = SeededGenerator(seed: 4)
    for i in curve.indices {
      curve[i].position.x = 100 + 4 * curve[i].frame.fwhm + 0.4 * random.normal()
    }
    let (place, seeing) = (try slope(curve, .x), try slope(curve, .fwhm))
    #expect(abs(place.alone.significance) > 5)
    #expect(abs(place.joint.significance) < 4)
    #expect(abs(seeing.joint.slope - 0.05) < 4 * seeing.joint.error)
    #expect(seeing.joint.significance > 4)
    #expect(place.independent < 0.5)
  }

  /// Noise, white or red, must not make slopes: the significances scatter by 1. With residuals that remember ten frames
  /// there are few independent ones, whose memory is not known well either.
  @Test(arguments: [(0.0, 1.12), (0.6, 1.2), (0.9, 1.3)]) func falseAlarms(memory: Double, limit: Double) throws {
    var (squares, joint, n, beyond) = (0.0, 0.0, 0.0, 0)
    for seed in 1...250 {
      var level = 0.0
      let curve = points(120, seed: UInt64(seed)) { _, _, random in
        level = memory * level + (1 - memory * memory).squareRoot() * random.normal()
        return 0.01 * level
      }
      for row in CurveSlope.slopes(of: star, curve) where row.quantity == .fwhm || row.quantity == .y {
        squares += row.alone.significance * row.alone.significance
        joint += row.joint.significance * row.joint.significance
        if CurveSlope.chance(of: row.joint.significance, trials: 5) < CurveSlope.remarkable { beyond += 1 }
        n += 1
      }
    }
    let (alone, together) = ((squares / n).squareRoot(), (joint / n).squareRoot())
    #expect(alone < limit && alone > 0.85, "\(alone)")
    #expect(together < limit && together > 0.85, "\(together)")
    // 500 trials at 1 in 5000.
    #expect(beyond <= 2, "\(beyond)")
  }

  @Test("chances add up over trials")
  func chances() {
    // Two-sided normal probabilities of 1.960, 3.291 and 4.417 standard deviations: 5 %, 1 in 1000, 1 in 100,000.
    for (deviation, probability) in [(1.960, 0.05), (3.2905, 1e-3), (4.4172, 1e-5)] {
      #expect(abs(CurveSlope.chance(of: deviation, trials: 1) / probability - 1) < 1e-3)
      let hundred = 1 - pow(1 - probability, 100)
      #expect(abs(CurveSlope.chance(of: -deviation, trials: 100) / hundred - 1) < 1e-3)
    }
    #expect(CurveSlope.chance(of: 0, trials: 3) == 1)
  }

  @Test("few points, or conditions that nobody measured, give no slope")
  func unknown() throws {
    #expect(try slope(points(8, seed: 5) { _, _, _ in 0 }, .fwhm).alone.slope.isNaN)
    var curve = points(40, seed: 6) { _, _, random in random.normal() }
    for i in curve.indices { curve[i].airmass = .nan }
    #expect(try slope(curve, .airmass).alone.slope.isNaN)
    #expect(try slope(curve, .sky).joint.slope.isFinite)
    for i in curve.indices { curve[i].frame.fwhm = 4 }
    #expect(try slope(curve, .fwhm).joint.slope.isNaN)
    #expect(CurveSlope.slopes(of: star, []).isEmpty)
  }

  @Test(
    "Student's t becomes a normal deviate", arguments: [(2.228, 10.0, 1.960), (3.169, 10, 2.576), (4.303, 2, 1.960)])
  func deviates(t: Double, freedom: Double, normal: Double) {
    // Two-sided five and one per cent points of Student's t; Wallace's formula is good to 2 per cent at two degrees.
    #expect(abs(WithinNights.normalDeviate(t, freedom: freedom) / normal - 1) < 0.02)
    #expect(WithinNights.normalDeviate(-t, freedom: freedom) == -WithinNights.normalDeviate(t, freedom: freedom))
  }

  @Test("a target that leaks is told of, the constant ones are not; unknown colours are")
  func remarks() {
    var simulation = PhotometrySimulation(target: 8000, comparisons: 10)
    var random = SeededGenerator(seed: 8)
    simulation.seeing = (0..<120).map { _ in 4 + 0.3 * random.normal() }
    simulation.airmasses = (0..<120).map { 1 + 0.006 * Double($0) }
    simulation.members[0].change = simulation.seeing.map { 0.05 * ($0 - 4) }
    let result = LightCurveBuilder()(simulation(seed: 1))
    #expect(result.remarks.contains { $0.hasPrefix("R: T goes with the FWHM within nights: 0.0") })
    #expect(result.remarks.contains { $0.hasPrefix("no colours are known") })
    #expect(result.slopes.contains { $0.isCheck && $0.quantity == .fwhm })
    simulation.members[0].change = []
    #expect(!LightCurveBuilder()(simulation(seed: 1)).remarks.contains { $0.contains("goes with") })
  }

  @Test("a step across a segment is measured for comparison and check stars")
  func segments() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 10)
    for frame in 60..<120 { simulation.segments[frame] = 2 }
    // S4 gains 30 mmag after the flip, as on another part of a flat that is wrong.
    simulation.members[4].change = (0..<120).map { $0 < 60 ? 0 : -0.03 }
    var builder = LightCurveBuilder()
    builder.comparisons = .named((1...9).map { "S\($0)" })
    builder.check = "S10"
    let result = builder(simulation(seed: 2))
    #expect(result.segmentSteps.count == 10)
    let step = try #require(result.segmentSteps.first { $0.star == "S4" })
    #expect(abs(step.step + 0.03) < 5 * step.error && step.significance < -10)
    #expect(step.pointsBefore == 60 && step.pointsAfter == 60 && step.frame == 61 && step.cause == .refocus)
    let check = try #require(result.segmentSteps.first { $0.isCheck })
    #expect(check.star == "S10" && abs(check.significance) < 5)
    #expect(
      result.remarks.contains { $0.hasPrefix("R: segment 2 begins at frame 61 (refocus): comparison stars step by") })
    #expect(LightCurveBuilder()(PhotometrySimulation(comparisons: 8)(seed: 1)).segmentSteps.isEmpty)
  }
}
