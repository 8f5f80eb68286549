import ElnathCore
import Testing

@Suite("binned light curves")
struct BinnedCurveTests {
  /// Points at the given minutes, all of one night.
  private func curve(_ points: [(minute: Double, flux: Double, error: Double)], filter: (Int) -> String = { _ in "R" })
    -> LightCurve
  {
    let points = points.enumerated().map { index, given in
      var point = LightCurvePoint(
        frame: FrameSummary(
          frame: index + 1, file: "", filter: filter(index), night: "2020-01-18",
          jdUTC: 2_458_867.5 + given.minute / 1440, exposure: 60))
      point.relativeFlux = given.flux
      point.relativeFluxError = given.error
      point.deltaMagnitude = 1 - given.flux
      point.deltaMagnitudeError = given.error
      point.used = true
      return point
    }
    return LightCurve(target: Star(name: "T", role: .target, position: PixelPoint(x: 0, y: 0)), points: points)
  }

  @Test("the mean is weighted by inverse variance and its error is the formal one for quiet points")
  func weightedMean() throws {
    let bins = curve([(0, 1, 0.1), (1, 1.1, 0.2)]).binned(.night)
    let bin = try #require(bins.first)
    #expect(bins.count == 1 && bin.frames == 2)
    // Weights 100 and 25.
    #expect(abs(bin.relativeFlux - 1.02) < 1e-12)
    #expect(abs(bin.relativeFluxError - (1.0 / 125).squareRoot()) < 1e-12)
    // A Julian date in one Double is good to 4.7e-10 d.
    #expect(abs(bin.jdUTC - (2_458_867.5 + 0.2 / 1440)) < 1e-9)
  }

  @Test("scatter beyond the errors makes the error of the bin")
  func scatter() throws {
    let bin = try #require(curve([(0, 0.8, 0.01), (1, 1.2, 0.01)]).binned(.night).first)
    // Standard deviation 0.2828 over the square root of 2.
    #expect(abs(bin.relativeFluxError - 0.2) < 1e-12)
  }

  @Test("a gap beyond 20 minutes or another filter in between ends a cycle")
  func cycles() {
    let times = [0.0, 2, 4, 40, 42].map { (minute: $0, flux: 1.0, error: 0.01) }
    #expect(curve(times).binned(.cycle).map(\.frames) == [3, 2])
    let interleaved = curve(times) { $0 == 1 ? "Ha" : "R" }
    #expect(interleaved.binned(.cycle).map(\.frames) == [1, 1, 1, 2])
    #expect(curve(times).binned(.minutes(3)).map(\.frames) == [2, 1, 1, 1])
  }

  @Test("points that are not used never enter")
  func unused() {
    var curve = curve([(0, 1, 0.1), (1, 5, 0.1)])
    curve.points[1].used = false
    #expect(curve.binned(.night).map(\.relativeFlux) == [1])
    curve.points[0].used = false
    #expect(curve.binned(.night).isEmpty)
  }
}
