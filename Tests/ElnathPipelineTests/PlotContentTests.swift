// What the plots show is what the tables say.
import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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

  /// What the tables of a run say of `product`, as the plots read it.
  private func saved<Row>(_ name: String, _ columns: [Column<Row>], _ rows: [Row]) throws -> SavedTable {
    let folder = try TemporaryFolder()
    try AtomicFile.write(CSVFormat.bytes(of: rows, columns: columns), to: folder.path + "/" + name)
    return try #require(try SavedTable(path: folder.path + "/" + name))
  }

  @Test("the scan of the radii shows every aperture, the chosen and the excluded ones")
  func apertureScan() throws {
    let scan = try #require(Self.product.apertureScans.first)
    let table = try saved("aperture_scan.csv", ApertureScanColumns.all, ApertureScanRow.rows([scan]))
    let plot = try #require(ApertureScanPlot(table, target: "T", filter: "R")?.plot(name: "a"))
    let rows = try columns(plot, "a.csv", "radius", "scatter", "expected", "eligible", "chosen")
    #expect(rows.map { $0[0] } == scan.points.map(\.radius))
    for (row, point) in zip(rows, scan.points) {
      #expect(abs(row[1] - 1000 * point.scatter) < 1e-9 && abs(row[2] - 1000 * point.expected) < 1e-9)
      #expect(row[3] == (point.refusal.isEmpty ? 1 : 0))
    }
    #expect(rows.filter { $0[4] == 1 }.map { $0[0] } == [scan.points[scan.chosen].radius])
    #expect(plot.variables.contains { $0.name == "chosen" && $0.value == "\(scan.points[scan.chosen].radius)" })
    #expect(ApertureScanPlot(table, target: "T", filter: "V") == nil)
  }

  @Test("the curve of growth is that of the frames in use")
  func growth() throws {
    var table = Self.table
    table.frames[0].status = .unused
    let rows = table.measurements.flatMap { measured in
      GrowthCurve(measured, stars: table.stars).points.map { GrowthRow(point: $0, filter: "R", fwhm: 4) }
    }
    let growth = try saved("growth.csv", GrowthColumns.all, rows)
    let scans = try saved(
      "aperture_scan.csv", ApertureScanColumns.all, ApertureScanRow.rows(Self.product.apertureScans))
    let plot = try #require(GrowthPlot(growth, filter: "R", frames: table.frames, scans: scans)?.plot(name: "g"))
    let shown = try columns(plot, "g.csv", "radius", "fraction", "low", "high", "least", "most", "frames")
    #expect(shown.count == 10 && shown.allSatisfy { $0[6] == 119 })
    for row in shown {
      #expect(row[4] <= row[2] && row[2] <= row[1] && row[1] <= row[3] && row[3] <= row[5])
      // Gaussian stars of 4 px: 1 - exp(-r^2/2 sigma^2) of their light, a part in 10,000 beyond the widest aperture.
      let sigma = 4 / 2.354820045
      #expect(abs(row[1] - (1 - 1 / exp(row[0] * row[0] / (2 * sigma * sigma)))) < 0.003)
    }
    #expect(GrowthPlot(growth, filter: "V", frames: table.frames, scans: nil) == nil)
  }

  @Test("the curve made in other ways is shown minus the curve")
  func otherWays() throws {
    let verdicts = try saved("distrust.csv", DistrustColumns.all, Self.product.distrustVerdicts)
    let all = try #require(Self.product.distrust["T"])
    let points = try saved("distrust_t.csv", DistrustColumns.points, all)
    let plot = try #require(DistrustPlot(verdicts, points, target: "T", filter: "R")?.plot(name: "d"))
    let ways = Self.product.distrustVerdicts.map(\.way)
    #expect(ways.count == 4)
    for (place, way) in ways.enumerated() {
      let rows = try columns(plot, "d.csv", way.rawValue, "error")
      #expect(rows.count == 120)
      for (row, point) in zip(rows, all) {
        let other = try #require(point.others[way])
        #expect(abs(row[0] - (other - point.deltaMagnitude)) < 1e-12 && row[1] == point.error)
      }
      let rms = (rows.reduce(0.0) { $0 + $1[0] * $1[0] } / 120).squareRoot()
      #expect(abs(rms - Self.product.distrustVerdicts[place].rms) < 1e-9)
    }
  }

  @Test("an extended target in three radii, the lower panel from the chosen one")
  func threeRadii() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 12)
    simulation.members[0].star.extended = true
    let product = LightCurveBuilder()(simulation(seed: 2))
    let table = try saved(
      "radii_t.csv", ExtendedRadiusColumns.points, ExtendedRadiusRow.rows(product.extendedRadii))
    let plot = try #require(RadiiPlot(table, target: "T", filter: "R")?.plot(name: "r"))
    let rows = try columns(plot, "r.csv", "radius", "delta_mag", "difference")
    #expect(rows.count == 360)
    for number in [1.0, 2, 3] {
      let own = rows.filter { $0[0] == number }
      #expect(own.map { $0[1] } == product.extendedRadii[Int(number) - 1].points.map(\.deltaMagnitude))
      #expect(own.allSatisfy { $0[2] == 0 } == (number == 2))
    }
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
