// The registration of 142 real frames against that of independent software: Tests/Fixtures/align/make.py.
import ElnathCore
import FoundationEssentials
import Logging
import Testing

@testable import ElnathPipeline

@Suite(
  "align: HAT-P-32 against sep and astroalign",
  .enabled(
    if: FileManager.default.fileExists(atPath: packageFolder.absolute("../shared/data/hatp32")),
    "the frames are not in ../shared/data/hatp32"))
struct HATP32AlignTests {
  @Test("all 142 frames lie where independent software puts them")
  func all() async throws {
    let fixture = packageFolder.absolute("Tests/Fixtures/align/hatp32.csv")
    let lines = try FileBytes.text(of: fixture).split(separator: "\n").map(String.init)
    let reference = try #require(lines.first { $0.hasPrefix("# reference ") }?.dropFirst(12))
    let wanted = lines.drop { $0.hasPrefix("#") }.dropFirst().map { $0.split(separator: ",").map(String.init) }
    let folder = packageFolder.absolute("../shared/data/hatp32")
    let table = try TestFolder()
    var align = BareAlign(jobs: 2, log: .init(label: "test") { _ in SwiftLogNoOpLogHandler() })
    align.settings.reference = folder + "/" + reference
    let rows = try await align(
      files: wanted.map { folder + "/" + $0[0] }, catalog: packageCatalog(), to: table.folder.absolute("shifts.csv"))
    #expect(rows.count == 142)
    #expect(rows.allSatisfy { $0.status == .used && $0.registration != nil })
    // Read off the table, whose numbers are exact.
    let read = try TableReader.frames(try CSVReader(path: table.folder.absolute("shifts.csv")))
    #expect(read.map(\.registration) == rows.map(\.asWritten.registration))
    var distances: [Double] = []
    var turns: [Double] = []
    for row in read {
      let other = try #require(wanted.first { row.file.hasSuffix($0[0]) }?.dropFirst().compactMap { Double($0) })
      let registration = try #require(row.registration)
      #expect(registration.residual < 0.15)
      #expect(registration.matched > 300)
      let (dx, dy) = (row.shiftX - other[0], row.shiftY - other[1])
      distances.append((dx * dx + dy * dy).squareRoot())
      turns.append(abs(registration.transform.rotationDegrees - other[2]))
    }
    // Unweighted there, with residuals of 0.1 to 0.2 px of undersampled stars over some 500 pairs, and a similarity where
    // the air bends the field by 0.2 px.
    #expect(Median.of(distances) < 0.03, "\(Median.of(distances))")
    #expect((distances.max() ?? 1) < 0.2, "\(distances.max() ?? .nan)")
    #expect((turns.max() ?? 1) < 0.02, "\(turns.max() ?? .nan)")
  }
}
