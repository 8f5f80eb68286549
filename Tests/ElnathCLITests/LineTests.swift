import ElnathTestSupport
import Testing

/// A night through R and Ha in turn, whose truth knows how strong the line is.
@Suite("a night with a filter for the line of hydrogen")
struct LineTests {
  private struct Table {
    let columns: [Substring]
    let rows: [[Substring]]

    init(_ text: String) {
      let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      columns = lines[0]
      rows = Array(lines.dropFirst())
    }

    func texts(_ name: String) throws -> [String] {
      let index = try #require(columns.firstIndex { $0 == name })
      return rows.map { String($0[index]) }
    }

    func numbers(_ name: String) throws -> [Double] { try texts(name).map { Double($0) ?? .nan } }
  }

  @Test("filters take turns, each with its own flats, and the equivalent widths that were put in come out")
  func excess() async throws {
    let folder = try TemporaryFolder()
    let night = folder.path + "/night"
    let made = try await Program.run("simulate", "--preset", "line", "--seed", "5", "-o", night)
    #expect(made.status == 0, "\(made.messages)")
    let run = try await Program.run("run", night + "/PROJECT.toml")
    #expect(run.status == 0, "\(run.messages)")

    let frames = Table(try #require(folder.text("night/elnath-out/frames.csv")))
    #expect(try frames.texts("filter") == (0..<48).map { $0 % 2 == 0 ? "R" : "Ha" })
    #expect(try frames.texts("status").allSatisfy { $0 == "used" })
    let masters = folder.files(in: "night/elnath-out/masters")
    #expect(masters.contains("flat_R.fits") && masters.contains("flat_Ha.fits"))

    let truth = Table(try #require(folder.text("night/truth/stars.csv")))
    for (star, file) in [("HH 30", "excess_hh_30.csv"), ("LkHa 358", "excess_lkha_358.csv")] {
      let row = try #require(try truth.texts("star").firstIndex(of: star))
      let expected = 10 * (try truth.numbers("line_width_nm")[row])
      let table = Table(try #require(folder.text("night/elnath-out/" + file)))
      let (widths, errors) = (try table.numbers("ew_angstrom"), try table.numbers("ew_err_angstrom"))
      let points = zip(widths, errors).filter { $0.0.isFinite && $0.1 > 0 }
      #expect(points.count >= 20)
      let weight = points.reduce(0) { $0 + 1 / ($1.1 * $1.1) }
      let mean = points.reduce(0) { $0 + $1.0 / ($1.1 * $1.1) } / weight
      // The ratio of the bands is common to all points: its relative error is that of the width of the band, 80
      // Angstrom, with the line in it.
      let ratio = zip(try table.numbers("k_err"), try table.numbers("k")).map { $0 / $1 }.first ?? .nan
      let common = (80 + expected) * ratio
      let error = (1 / weight + common * common).squareRoot()
      #expect(abs(mean - expected) < 4 * error, "\(star): \(mean) +- \(error), \(expected) expected")
      #expect(error < 0.25 * expected)
    }
  }
}
