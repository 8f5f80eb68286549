// Sums by photutils 3.0.0 and sep 1.4.1 over a piece of a real frame: Tests/Fixtures/apertures/make.py.
import ElnathCore
import ElnathPipeline
import ElnathTestSupport
import Testing

@Suite struct ApertureReferenceTests {
  static func text(_ name: String) throws -> String {
    try FileBytes.text(of: packageFolder.absolute("Tests/Fixtures/apertures/" + name))
  }

  static func crop() throws -> PixelGrid<Float> {
    let rows = try text("crop.csv").split(separator: "\n").map { $0.split(separator: ",").map { Float($0) ?? .nan } }
    return PixelGrid(width: rows[0].count, height: rows.count, pixels: rows.flatMap { $0 })
  }

  @Test func sumsOverARealFrame() throws {
    let image = try Self.crop()
    let rows = try Self.text("sums.csv").split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    #expect(rows.count == 240)
    var seen: Set<ApertureKind> = []
    for row in rows {
      let kind = try #require(ApertureKind(rawValue: row[0]))
      let aperture = try #require(kind.aperture(row[3..<7].compactMap { Double($0) }))
      let centre = PixelPoint(x: Double(row[1])!, y: Double(row[2])!)
      let (sum, area) = aperture.weights(centeredAt: centre).sum(over: image)
      // Sums of some hundred products of values up to 30,000, rounded in another order; an annulus is the difference of
      // two, and near the border a sum may be of slivers.
      let rounding = 1e-12 * max(aperture.area, area) * 30_000
      for text in row[7...8] where !text.isEmpty {
        #expect(abs(sum - Double(text)!) < rounding, "\(row)")
      }
      seen.insert(kind)
    }
    #expect(seen == Set(ApertureKind.allCases))
  }
}
