import ElnathCore
import ElnathPipeline
import ElnathTestSupport
import FoundationEssentials
import Testing

/// docs/reference is made of what the program itself knows: `scripts/reference` writes it, these tests hold it to it.
@Suite("docs/reference")
struct ReferenceTests {
  static let isWriting = ProcessInfo.processInfo.environment["ELNATH_WRITE_REFERENCE"] != nil

  private func check(_ page: String, _ text: String) throws {
    let path = "docs/reference/" + page
    if Self.isWriting { try PackageFile.write(text, to: path) }
    let isCurrent = PackageFile.text(path) == text
    #expect(isCurrent, "\(path) differs from what the program says; run scripts/reference")
  }

  @Test func flags() throws { try check("flags.md", FlagsPage.text) }

  @Test func columns() throws { try check("columns.md", ColumnsPage.text) }

  @Test func settings() throws { try check("settings.md", SettingsPage.text) }

  @Test func commands() async throws {
    let help = try await Program.run("--experimental-dump-help")
    #expect(help.status == 0)
    try check("commands.md", CommandsPage.text(help: help.output))
  }

  @Test("every key that the program knows has a meaning, and every table of the project file a section")
  func everySetting() {
    for section in SettingsPage.sections {
      let rows = SettingsPage.rows(of: section)
      #expect(!rows.isEmpty, "\(section.title)")
      for row in rows {
        #expect(row.meaning.count > 3, "\(section.title) \(row.key) has no doc comment")
        #expect(!row.takes.isEmpty && !row.takes.contains("cannot"), "\(section.title) \(row.key): \(row.takes)")
      }
    }
    let titles = Set(SettingsPage.sections.map(\.title))
    guard case .table(let tree) = SettingsTree.encode(Configuration()) else {
      Issue.record("no table")
      return
    }
    for entry in tree.entries where entry.key != "version" {
      #expect(titles.contains("[\(entry.key)]") || titles.contains("[[\(entry.key)]]"), "\(entry.key)")
    }
  }

  @Test("every set of columns belongs to a table that is described")
  func everySetOfColumns() {
    let listed = PackageFile.text("Sources/ElnathPipeline/Output/ProductTable.swift")
    var count = 0
    for file in PackageFile.names(in: "Sources/ElnathPipeline/Output") {
      for line in PackageFile.text("Sources/ElnathPipeline/Output/" + file).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "enum"), place + 1 < words.count, words[place + 1].hasSuffix("Columns")
        else { continue }
        #expect(listed.contains(words[place + 1] + "."), "\(file)")
        count += 1
      }
    }
    #expect(count >= 20)
  }

  @Test("every column has a name of its own and a meaning; every CSV file of a run is described as it is")
  func everyTable() async throws {
    for table in ProductTable.all {
      #expect(Set(table.columns.map(\.name)).count == table.columns.count, "\(table.file)")
      for column in table.columns { #expect(column.sentence.hasSuffix("."), "\(table.file) \(column.name)") }
    }
    let folder = try await Night.shared.value.folder
    let tables = Dictionary(ProductTable.all.map { ($0.file, $0.columns) }, uniquingKeysWith: { first, _ in first })
    var described: Set<String> = []
    for file in folder.files(in: "one") where file.hasSuffix(".csv") {
      let name = ["hh_30", "lkha_358"].reduce(file) { $0.replacing($1, with: "<target>") }
      let header = folder.text("one/" + file)?.split(separator: "\n").first.map(String.init)
      #expect(tables[name].map { $0.map(\.name).joined(separator: ",") } == header, "\(file)")
      described.insert(name)
    }
    // What a run of one filter without an overscan, binning, lines or nebulae writes.
    #expect(described.count >= 17, "\(described.sorted())")
  }
}
