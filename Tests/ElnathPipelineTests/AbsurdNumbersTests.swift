// Tables may be edited by hand: whatever number stands in them, nothing may trap.
import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

@Suite("absurd numbers in the tables")
struct AbsurdNumbersTests {
  private static var frameFields: [WritableKeyPath<FrameSummary, Double>] {
    [
      \.jdUTC, \.exposure, \.airmass, \.shiftX, \.shiftY, \.fwhm, \.elongation, \.sky, \.transparency, \.zeroPoint,
      \.zeroPointError, \.sunAltitude,
    ]
  }
  private static let values = [1e300, -1e300, 1e-300, 0, 4e18]

  private func work(_ table: PhotometryTable) {
    let judged = FrameVerdicts()(table)
    var builder = LightCurveBuilder()
    builder.excess = LineExcess(line: "R", continuum: "V")
    var context = LightCurveContext()
    context.arcsecPerPixel = 0.5
    let result = builder(judged, context: context)
    for curve in result.curves {
      for binning in [Binning.night, .cycle, .minutes(5)] { _ = curve.binned(binning) }
      _ = LeakagePlot(curve, filter: "R")?.plot(name: "x")
      _ = LightCurvePlot(curve, filter: "R", comparisons: [], binning: nil)?.plot(name: "x")
      _ = CSVFormat.bytes(of: curve.points, columns: LightCurveColumns.all)
    }
    _ = QualityPlot(judged.frames)?.plot()
    _ = ScatterPlot(result, filter: "R", table: judged)?.plot(name: "x")
    _ = CSVFormat.bytes(of: result.slopes, columns: SlopeColumns.all)
    _ = CSVFormat.bytes(of: result.variability, columns: VariabilityColumns.all)
    #expect(judged.frames.count == table.frames.count)
  }

  private func table() -> PhotometryTable {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 6)
    simulation.frames = 16
    simulation.radii = [3, 5, 8]
    return simulation(seed: 1)
  }

  @Test("in one frame, or in all") func frames() {
    for field in Self.frameFields {
      for value in Self.values {
        var table = table()
        table.frames[7][keyPath: field] = value
        work(table)
        for frame in table.frames.indices { table.frames[frame][keyPath: field] = value }
        work(table)
      }
    }
    for count in [Int.max, Int.min, 999_999_999_999_999_999] {
      var table = table()
      table.frames[7].segment = count
      table.frames[8].detections = count
      table.frames[9].comparisons = count
      table.frames[10].registration?.matched = count
      table.frames[11].registration?.residual = 1e300
      work(table)
    }
  }

  @Test("in the photometry") func photometry() {
    for value in Self.values + [-1e-300] {
      for all in [false, true] {
        var table = table()
        for frame in table.measurements.indices where all || frame == 5 {
          for star in 0..<table.stars.count {
            table.measurements[frame].stars[star].peakADU = value
            table.measurements[frame].stars[star].fwhm = value
            table.measurements[frame].stars[star].position = PixelPoint(x: value, y: value)
            for aperture in 0..<3 {
              table.measurements[frame][star, aperture].contamination = value
              if star % 2 == 0 {
                table.measurements[frame][star, aperture].flux = value
                table.measurements[frame][star, aperture].budget.source = value
              }
            }
          }
        }
        work(table)
      }
    }
  }
}
