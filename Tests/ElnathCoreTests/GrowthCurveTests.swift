import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct GrowthCurveTests {
  /// Gaussian stars, whose growth is known; apertures share the noise of the inner ones.
  @Test func fractionsAndTheirErrorsAreTrue() {
    let simulation = PhotometrySimulation(comparisons: 12, rates: 2000...20000)
    let table = simulation(seed: 61)
    let sigma = simulation.fwhm / 2.354820045
    func enclosed(_ r: Double) -> Double { 1 - exp(-r * r / (2 * sigma * sigma)) }
    let widest = enclosed(simulation.radii.last!)
    var pulls = Pulls()
    for measured in table.measurements {
      let points = GrowthCurve(measured, stars: table.stars).points
      #expect(points.map(\.radius) == simulation.radii && points.allSatisfy { $0.stars == 13 })
      #expect(points.last?.fraction == 1 && points.last?.correction == 0)
      for k in [0, 3, 6] {
        pulls.add(
          points[k].fraction, truth: enclosed(points[k].radius) / widest,
          variance: points[k].fractionError * points[k].fractionError)
      }
    }
    // 360 pulls, three a frame that share noise: the mean is good to 0.09, the scatter to 5 per cent. The error is the
    // larger of two estimates, hence on the large side.
    #expect(abs(pulls.mean) < 0.27)
    #expect(pulls.sigma > 0.75 && pulls.sigma < 1.15, "\(pulls.sigma)")
  }

  @Test func starsThatTellNothingAreLeftOut() {
    let simulation = PhotometrySimulation(comparisons: 3)
    let table = simulation(seed: 62)
    var measured = table.measurements[0]
    let radii = measured.radii
    measured[0, radii - 1].flags.insert(.saturated)
    measured[1, radii - 1].contamination = 0.05
    measured[2, 0].flux = .nan
    measured[3, radii - 1].flux = 1
    let points = GrowthCurve(measured, stars: table.stars).points
    #expect(points.count == radii)
    #expect(points.allSatisfy { $0.stars == 0 && $0.fraction.isNaN && $0.correction.isNaN && $0.correctionError.isNaN })
    #expect(GrowthCurve(FrameMeasurements(frame: 1, stars: [], apertures: []), stars: []).points.isEmpty)
  }
}
