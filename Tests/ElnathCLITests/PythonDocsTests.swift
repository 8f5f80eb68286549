import ElnathTestSupport
import FoundationEssentials
import Testing

/// The snippets of docs/python.md, run where a python3 has what they import.
@Suite("docs/python.md")
struct PythonDocsTests {
  static let snippets = PackageFile.codeBlocks(of: "docs/python.md", marked: "python")

  @Test("every snippet runs on the products of a run")
  func run() async throws {
    #expect(Self.snippets.count >= 5)
    let folder = try await Night.shared.value.folder
    let products = folder.path + "/one"
    for format in ["ecsv", "fits"] {
      let outcome = try await Program.run(
        "export", "--format", format, products + "/lightcurve_hh_30.csv", "-o", folder.path, "-q")
      #expect(outcome.status == 0, "\(outcome.messages)")
    }
    for (number, snippet) in Self.snippets.enumerated() {
      let modules = snippet.split(separator: "\n").filter { $0.hasPrefix("import ") || $0.hasPrefix("from ") }
      try folder.write("python/imports.py", modules.joined(separator: "\n"))
      try folder.write("python/snippet.py", snippet)
      let place = folder.path + "/python"
      guard try await Program.shell("python3 '\(place)/imports.py'").status == 0 else {
        print("docs/python.md, snippet \(number + 1): what it imports is not installed")
        continue
      }
      let outcome = try await Program.shell(
        "cd '\(place)' && cp '\(products)'/*.csv '\(folder.path)'/lightcurve_hh_30.{ecsv,fits} . && python3 snippet.py")
      #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(snippet)\n\(outcome.messages)")
    }
  }
}
