import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

@Suite("finder chart")
struct FinderPlotTests {
  @Test("names cover neither each other nor a mark while there is room, and stay inside")
  func labels() {
    var random = SeededGenerator(seed: 4)
    let marks = (0..<14).map { (k: Int) -> (x: Double, y: Double, radius: Double) in
      let (column, row) = (Double(k % 4), Double(k / 4))
      return (x: 0.08 + 0.28 * column + 0.02 * random.uniform(), y: 0.1 + 0.25 * row, radius: 0.012)
    }
    var placement = LabelPlacement(height: 1, marks: marks)
    let names = marks.indices.map { $0 % 3 == 0 ? "LkHa 358" : "S00\($0)" }
    let boxes = marks.indices.map { k -> (left: Double, right: Double, y: Double) in
      let label = placement.place(names[k], at: k)
      let width = 0.015 * Double(names[k].count)
      let left = label.alignment == .left ? label.x : label.alignment == .right ? label.x - width : label.x - width / 2
      return (left, left + width, label.y)
    }
    for (k, box) in boxes.enumerated() {
      #expect(box.left > 0 && box.right < 1 && box.y > 0 && box.y < 1, "\(names[k])")
      for (n, other) in boxes.enumerated() where n != k {
        #expect(box.right <= other.left || other.right <= box.left || abs(box.y - other.y) >= 0.026, "\(k) \(n)")
      }
      for mark in marks {
        let isApart =
          mark.x + mark.radius <= box.left || mark.x - mark.radius >= box.right || abs(mark.y - box.y) >= 0.013 + 0.012
        #expect(isApart, "\(names[k])")
      }
    }
  }

  @Test("gnuplot draws it, whatever the stars are called")
  func drawn() async throws {
    let folder = try TemporaryFolder()
    let names = ["HH 30", "it's `touch x` <b>", "S_0^1 {a}", "=1+1"]
    let field = SyntheticField(
      width: 200, height: 160, stars: SyntheticField.stars(30, width: 200, height: 160, flux: 2000...50_000, seed: 3))
    let marks = names.enumerated().map { k, name in
      FinderPlot.Mark(
        star: Star(name: name, role: .target, position: PixelPoint(x: 30 + 45 * Double(k), y: 80)),
        kind: k == 0 ? .target : k == 1 ? .check : .comparison, radius: 5)
    }
    let chart = try #require(
      FinderPlot(
        field.frame(seed: 1).image.image, title: "a'b", marks: marks, annulus: AnnularAperture(inner: 12, outer: 20),
        orientation: nil, pixelScale: 0.6))
    let plot = try chart.plot()
    #expect(
      plot.tables.map(\.name) == ["finder_stars.csv", "finder_field.png", "finder_stamp1.png", "finder_stamp2.png"])
    let scripts = CatalogLocator(
      "plots", chosen: packageFolder.absolute("plots"), home: nil, program: "/nowhere/elnath")
    guard Gnuplot() != nil else { return }
    let files = try await PlotStage(scripts: scripts, folder: folder.path).draw([plot])
    #expect(files == ["finder.png", "finder.pdf", "finder.svg"])
    #expect(!folder.files().contains("x"))
    // No star on the image: no chart.
    let outside = FinderPlot.Mark(
      star: Star(name: "A", role: .target, position: PixelPoint(x: -20, y: 3)), kind: .target, radius: 4)
    let none = FinderPlot(
      field.frame(seed: 1).image.image, title: "", marks: [outside], annulus: nil, orientation: nil, pixelScale: 1)
    #expect(none.map { _ in true } == nil)
  }
}
