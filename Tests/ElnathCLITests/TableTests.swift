import ElnathTestSupport
import Testing

/// A table as a script would read it.
private struct Table {
  let header: [String]
  let rows: [[String: String]]

  /// Cells in quotes hold commas but no quotes and no line ends: that is all these tables need.
  init(_ folder: TemporaryFolder, _ name: String, of run: String = "one") throws {
    let text = try #require(folder.text(run + "/" + name), "\(name)")
    let lines = text.split(separator: "\n").map { line in
      var cells = [""]
      var isQuoted = false
      for character in line {
        switch character {
        case "\"": isQuoted.toggle()
        case "," where !isQuoted: cells.append("")
        default: cells[cells.count - 1].append(character)
        }
      }
      return cells
    }
    let header = try #require(lines.first)
    self.header = header
    rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }
}

extension [String: String] {
  /// The number of a cell; NaN for an empty one.
  fileprivate func number(_ column: String) -> Double { self[column].flatMap(Double.init) ?? .nan }
  fileprivate func text(_ column: String) -> String { self[column] ?? "" }
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.filter { !$0.isNaN }.sorted()
  guard !sorted.isEmpty else { return .nan }
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

/// What scripts rely on, from the text of the tables alone.
@Suite("run: the tables agree with one another")
struct TableTests {
  private static let curves = ["lightcurve_hh_30.csv", "lightcurve_lkha_358.csv"]

  @Test("every light frame has a verdict, with a reason unless it is used, and a row in every curve")
  func everyFrame() async throws {
    let folder = try await Night.shared.value.folder
    let frames = try Table(folder, "frames.csv").rows
    #expect(frames.map { $0.text("frame") } == (1...24).map(String.init))
    for frame in frames {
      #expect(["used", "flagged", "unused", "rejected"].contains(frame.text("status")))
      #expect((frame.text("status") == "used") == frame.text("reason").isEmpty)
      #expect(frame.text("flag_names").isEmpty == (frame.text("flags") == "0"))
      #expect(frame.text("transform").isEmpty == (frame.text("method") == "none"))
    }
    for name in Self.curves {
      let points = try Table(folder, name).rows
      #expect(points.map { $0.text("file") } == frames.map { $0.text("file") })
      for (point, frame) in zip(points, frames) {
        #expect(point.text("used") == "0" || ["used", "flagged"].contains(frame.text("status")))
        #expect(point.text("used") == "1" || !point.text("reason").isEmpty)
      }
    }
  }

  @Test("the variances of a flux add up to its error")
  func errorBudget() async throws {
    let folder = try await Night.shared.value.folder
    let table = try Table(folder, "photometry.csv")
    let terms = table.header.filter { $0.hasPrefix("var_") && $0 != "var_flat" }
    #expect(terms.count == 8)
    var worst = 0.0
    var n = 0
    for row in table.rows where !row.text("flux_err_e").isEmpty {
      let sum = terms.map(row.number).reduce(0) { $1.isNaN ? $0 : $0 + $1 }
      worst = max(worst, abs(sum / (row.number("flux_err_e") * row.number("flux_err_e")) - 1))
      n += 1
    }
    #expect(n > 1000)
    // A sum of seven doubles and a root.
    #expect(worst < 1e-14)
  }

  @Test("relative fluxes and magnitudes are those of the photometry, about their medians", arguments: curves)
  func curve(name: String) async throws {
    let folder = try await Night.shared.value.folder
    var fluxes: [[String]: String] = [:]
    let star = name == Self.curves[0] ? "HH 30" : "LkHa 358"
    for row in try Table(folder, "photometry.csv").rows where row.text("star") == star {
      fluxes[[row.text("frame"), row.text("aperture")]] = row.text("flux_e")
    }
    let points = try Table(folder, name).rows
    let used = points.filter { $0.text("used") == "1" }
    // Medians are taken of the same doubles that the tables hold; subtracting one costs a rounding.
    #expect(abs(median(used.map { $0.number("rel_flux") }) - 1) < 1e-12)
    #expect(abs(median(used.map { $0.number("delta_mag") })) < 1e-12)
    for point in points where !point.text("aperture").isEmpty {
      #expect(point.text("flux_e") == fluxes[[point.text("frame"), point.text("aperture")]])
    }
    for point in used {
      let own = point.number("flux_err_e") / point.number("flux_e")
      let relative = point.number("rel_flux_err") / point.number("rel_flux")
      // The relative error squared is the sum of two doubles squared.
      #expect(abs(relative * relative / (own * own + point.number("var_ensemble")) - 1) < 1e-12)
      // 2.5 / ln 10, to the digits written; flat errors only add.
      #expect(point.number("delta_mag_err") > 1.085736 * relative)
      #expect(point.number("delta_mag_err_scaled") >= point.number("delta_mag_err"))
    }
  }

  @Test("a target without coordinates gets the times of the pointing, and that is said")
  func withoutCoordinates() async throws {
    let folder = try await Night.shared.value.folder
    let project = try #require(folder.text("night/PROJECT.toml"))
    let lines = project.split(separator: "\n").filter { line in
      !["ra = ", "dec = ", "catalog = "].contains(where: line.hasPrefix)
    }
    // Under names that no catalogue knows, in a field that none holds.
    let text = lines.joined(separator: "\n").replacing("\"HH 30\"", with: "\"Star A\"")
      .replacing("\"LkHa 358\"", with: "\"Star B\"")
    try folder.write("night/nowhere.toml", text)
    let run = try await Program.run("run", folder.path + "/night/nowhere.toml", "-o", folder.path + "/nowhere")
    #expect(run.status == 0)
    #expect(run.messages.contains("no ra and dec for 'Star A', 'Star B': times and airmass are those of the"))
    let here = try Table(folder, "lightcurve_hh_30.csv").rows
    let there = try Table(folder, "lightcurve_star_a.csv", of: "nowhere").rows
    for (one, other) in zip(here, there) {
      // The pointing of the simulated night lies 2 arcmin off: at most 2 arcmin x 499 s, 0.3 s.
      #expect(abs(one.number("bjd_tdb") - other.number("bjd_tdb")) < 0.3 / 86400)
    }
    let noted = try await Night.shared.value.messages
    #expect(!noted.contains("no ra and dec"))
  }
}
