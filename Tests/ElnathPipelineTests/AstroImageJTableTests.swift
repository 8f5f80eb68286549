// AstroImageJ's own columns made anew from the fluxes of its table.
import ElnathCore
import FoundationEssentials
import Testing

@testable import ElnathPipeline

@Suite("tables of AstroImageJ")
struct AstroImageJTableTests {
  static let real = packageFolder.absolute("../shared/data/aij/toi1420_measurements.tbl")

  /// The cells of a column as they stand in a file.
  private func column(_ name: String, of path: String) throws -> [String] {
    let reader = try CSVReader(path: path)
    let column = try reader.column(name)
    var cells: [String] = []
    try reader.forEachRow { row throws(PipelineError) in cells.append(try row.text(column)) }
    return cells
  }

  /// 121 frames, 3 targets, 11 comparison stars. The fluxes are printed to 1e-6: of the ratios every digit comes back but
  /// where rounding falls between two; of sums of eleven fluxes the last may differ by 2, by what the fluxes lost.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: real), "AstroImageJ's table is not there"))
  func realTable() throws {
    let folder = try TestFolder()
    let output = folder.folder.absolute("new.csv")
    #expect(try AstroImageJTable.recompute(Self.real, to: output) == 121)
    #expect(try column("Label", of: output) == column("Label", of: Self.real))
    #expect(try column("BJD_TDB", of: output) == column("BJD_TDB", of: Self.real))
    let labels = (1...14).map { $0 <= 3 ? "T\($0)" : "C\($0)" }
    for (name, unit) in labels.flatMap({ [("rel_flux_" + $0, 1), ("rel_flux_err_" + $0, 1)] })
      + [("tot_C_cnts", 2), ("tot_C_err", 1)]
    {
      for (new, old) in zip(try column(name, of: output), try column(name, of: Self.real)) {
        let a = try #require(Double(new))
        let b = try #require(Double(old))
        #expect(abs(a - b) * 1e6 < Double(unit) + 0.01, "\(name) \(new) \(old)")
      }
    }
    let exact = try zip(column("rel_flux_T1", of: output), column("rel_flux_T1", of: Self.real)).count { $0 == $1 }
    #expect(exact >= 120)
    for (new, old) in zip(try column("rel_flux_SNR_T1", of: output), try column("rel_flux_SNR_T1", of: Self.real)) {
      // AstroImageJ's own errors have more digits than it prints: S/N to 1e-5 of itself.
      let a = try #require(Double(new))
      let b = try #require(Double(old))
      #expect(abs(a / b - 1) < 1e-5)
    }
  }

  private func recompute(_ text: String) throws -> String {
    let folder = try TestFolder()
    try folder.write("in.tbl", text)
    _ = try AstroImageJTable.recompute(folder.folder.absolute("in.tbl"), to: folder.folder.absolute("out.csv"))
    return try FileBytes.text(of: folder.folder.absolute("out.csv"))
  }

  static let header = [
    " ", "Label", "Source-Sky_T1", "Source_Error_T1", "Source-Sky_C2", "Source_Error_C2", "Source-Sky_C3",
    "Source_Error_C3",
  ]
  static let rows = [
    ["1", "a, b.fits", "200", "20", "300", "30", "100", "40"], ["2", "c.fits", "NaN", "", "NaN", "NaN", "100", "40"],
  ]

  /// T1: 200/400, (0.5) sqrt(0.1^2 + (50/400)^2); C2: 300/100, 3 sqrt(0.1^2 + 0.4^2); C3: 100/300, sqrt(0.4^2 + 0.1^2)/3.
  static let result = """
    Label,rel_flux_T1,rel_flux_C2,rel_flux_C3,rel_flux_err_T1,rel_flux_err_C2,rel_flux_err_C3,rel_flux_SNR_T1,\
    rel_flux_SNR_C2,rel_flux_SNR_C3,tot_C_cnts,tot_C_err
    "a, b.fits",0.500000,3.000000,0.333333,0.080039,1.236932,0.137437,6.246950,2.425356,2.425356,400.000000,50.000000
    c.fits,,,,,,,,,,100.000000,40.000000

    """

  @Test("tabs or commas, any line ends, values that are none", arguments: ["\t", ","], ["\n", "\r\n", "\r"])
  func dialects(separator: String, lineEnd: String) throws {
    let lines = ([Self.header] + Self.rows).map { cells in
      cells.map { $0.contains(",") && separator == "," ? "\"\($0)\"" : $0 }.joined(separator: separator)
    }
    #expect(try recompute(lines.joined(separator: lineEnd) + lineEnd) == Self.result)
  }

  @Test("a table without errors gives fluxes alone; one without comparison stars is refused")
  func incomplete() throws {
    let plain = try recompute("Label,Source-Sky_T1,Source-Sky_C2,Source-Sky_C3\na,200,300,100\n")
    #expect(plain.hasSuffix("\na,0.500000,3.000000,0.333333,,,,,,,400.000000,\n"))
    let error = #expect(throws: PipelineError.self) { try recompute("Label,Source-Sky_T1\na,200\n") }
    #expect(error?.code == .badData && error?.description.contains("comparison stars") == true)
    #expect(throws: PipelineError.self) { try recompute("Label,Source-Sky_C1\na,x\n") }
  }
}
