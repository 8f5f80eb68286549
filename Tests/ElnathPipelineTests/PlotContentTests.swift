// What the plots show is what the tables say.
import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

@Suite("content of the plots")
struct PlotContentTests {
  static let table = PhotometrySimulation(target: 3000, comparisons: 12)(seed: 1)
  static let product = LightCurveBuilder()(table)

  /// The columns of one table of a plot, as numbers.
  private func columns(_ plot: Plot, _ name: String, _ wanted: String...) throws -> [[Double]] {
    let bytes = try #require(plot.tables.first { $0.name == name }).bytes
    let reader = try CSVReader(bytes, file: name)
    let columns = try wanted.map { try reader.column($0) }
    var rows: [[Double]] = []
    try reader.forEachRow { row throws(PipelineError) in
      var cells: [Double] = []
      for column in columns { cells.append(try row.real(column)) }
      rows.append(cells)
    }
    return rows
  }

  @Test("error bars are the errors of the points, not the points themselves")
  func errorBars() throws {
    let curve = try #require(Self.product.curves.first)
    let plot = try #require(LightCurvePlot(curve, filter: "R", comparisons: [], binning: nil)?.plot(name: "c"))
    let rows = try columns(plot, "c.csv", "delta_mag", "error")
    #expect(rows.count == 120)
    for (row, point) in zip(rows, curve.points) {
      #expect(row == [point.deltaMagnitude, point.deltaMagnitudeErrorScaled])
    }
  }

  @Test("scatter against magnitude: every star with its kind, under the noise that is expected")
  func scatter() throws {
    let plot = try #require(ScatterPlot(Self.product, filter: "R", table: Self.table)?.plot(name: "rms"))
    let rows = try columns(plot, "rms.csv", "mag", "rms", "kind")
    #expect(rows.count == 13)
    let kinds = rows.map { $0[2] }
    #expect(kinds.filter { $0 == 2 }.count == 1)
    #expect(kinds.filter { $0 == 1 }.count == Self.product.comparisons.filter(\.used).count)
    let noise = try columns(plot, "rms_noise.csv", "mag", "total", "source", "background", "scintillation")
    // Photons rule the bright end less than the faint one, scintillation is the same everywhere.
    let bright = try #require(noise.first)
    let faint = try #require(noise.last)
    for column in [0, 2, 3] { #expect(bright[column] < faint[column]) }
    let twinkle: Double = bright[4]
    #expect(abs(twinkle - 0.00217) < 1e-4)
    #expect(abs(twinkle - faint[4]) < 1e-9)
    let totals: [Double] = noise.map { $0[1] }
    #expect(totals == totals.sorted())
    #expect(ScatterPlot(LightCurves(), filter: "R", table: Self.table) == nil)
  }

  @Test("magnitudes against seeing, each about its mean of the night")
  func leakage() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 12)
    simulation.nights = ["a", "b"]
    simulation.seeing = (0..<120).map { frame -> Double in
      let level: Double = frame < 60 ? 4 : 6
      return level + 0.3 * Double(frame % 5)
    }
    simulation.radii = [8.8]
    let curve = try #require(LightCurveBuilder()(simulation(seed: 1)).curves.first)
    let plot = try #require(LeakagePlot(curve, filter: "R")?.plot(name: "leakage"))
    let rows = try columns(plot, "leakage.csv", "fwhm", "delta_mag")
    #expect(rows.count == 120 && rows.allSatisfy { abs($0[0]) < 0.61 })
    for night in [rows[..<60], rows[60...]] {
      let sum = night.reduce(0.0) { $0 + $1[1] }
      #expect(abs(sum) < 1e-9)
    }
    #expect(LeakagePlot(curve, filter: "V") == nil)
  }
}
