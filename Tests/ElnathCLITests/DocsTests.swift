import ElnathPipeline
import ElnathTestSupport
import FoundationEssentials
import Testing

/// What README and docs tell a reader to type and to write.
@Suite("README and docs")
struct DocsTests {
  static let pages =
    ["README.md", "CONTRIBUTING.md"]
    + ["docs", "docs/reference"].flatMap { folder in
      PackageFile.names(in: folder).filter { $0.hasSuffix(".md") }.map { folder + "/" + $0 }
    }
    + ArticleTests.names.map { ArticleTests.folder + "/" + $0 }

  /// Lines in code, fenced or between single marks, that begin with the name of the program.
  private func commands(of page: String) -> [String] {
    let text = PackageFile.text(page).replacing("\\\n", with: " ")
    var lines: [String] = []
    var isFenced = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isFenced.toggle()
      } else if isFenced {
        lines.append(String(line.hasPrefix("$ ") ? line.dropFirst(2) : line))
      } else {
        // Between marks of code: every second part.
        lines += line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
          .filter { $0.offset % 2 == 1 }.map { String($0.element) }
      }
    }
    return lines.filter { $0.hasPrefix("elnath ") }.map { String($0.prefix { $0 != "#" }) }
  }

  @Test("every command and every option that is named exists", arguments: pages)
  func options(page: String) async throws {
    for line in commands(of: page) {
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 1, words[1] != "COMMAND", !words[1].hasPrefix("-") else { continue }
      let help = try await Program.run(words[1], "--help")
      #expect(help.status == 0 && help.output.contains("USAGE: elnath \(words[1])"), "\(page): \(line)")
      let known = Set(help.output.split(whereSeparator: { " ,\n[]<>()/;:=".contains($0) }).map(String.init))
      for word in words where word.hasPrefix("-") && word.contains(where: \.isLetter) {
        let option = word.split(separator: "=").first.map(String.init) ?? word
        #expect(known.contains(option), "\(page): \(line)")
      }
    }
  }

  @Test("every setting that is named with its table exists", arguments: pages)
  func settings(page: String) {
    guard case .table(let tree) = SettingsTree.encode(Configuration()) else {
      Issue.record("no settings")
      return
    }
    let text = PackageFile.text(page)
    for table in tree.entries {
      guard case .table(let keys) = table.value, !keys.takesAnyKey else { continue }
      var rest = text[...]
      while let place = rest.firstRange(of: "[\(table.key)] ") {
        rest = rest[place.upperBound...]
        let key = String(rest.prefix { $0.isLowercase || $0.isNumber || $0 == "_" })
        // A closing mark of code after the table's name: no key follows.
        guard !key.isEmpty, rest.dropFirst(key.count).first.map({ "` ,)=".contains($0) }) ?? true else { continue }
        #expect(keys.keys.contains(key), "\(page): [\(table.key)] \(key)")
      }
    }
  }

  @Test("every file of the package that is linked exists", arguments: pages)
  func links(page: String) {
    let folder = page.split(separator: "/").dropLast().joined(separator: "/")
    var rest = PackageFile.text(page)[...]
    while let place = rest.firstRange(of: "](") {
      rest = rest[place.upperBound...]
      let link = String(rest.prefix { $0 != ")" && $0 != "#" })
      guard !link.isEmpty, !link.hasPrefix("http") else { continue }
      let path = (folder.isEmpty ? "" : folder + "/") + link
      #expect(FileManager.default.fileExists(atPath: PackageFile.root + "/" + path), "\(page): \(link)")
    }
  }

  @Test("every example is a project file that is understood")
  func examples() async throws {
    let examples = PackageFile.names(in: "Examples").filter { !$0.hasSuffix(".md") }
    #expect(examples.count >= 2)
    for example in examples {
      let outcome = try await Program.run(
        "config", "\(PackageFile.root)/Examples/\(example)/PROJECT.toml", "--effective")
      #expect(outcome.status == 0 && outcome.output.contains("# PROJECT.toml"), "\(example): \(outcome.messages)")
    }
  }

  @Test("the tutorial's commands run, in their order, and write what it shows")
  func tutorial() async throws {
    let blocks = PackageFile.codeBlocks(of: "docs/tutorial.md", marked: "sh")
    #expect(blocks.count >= 8)
    let folder = try TemporaryFolder()
    for (number, block) in blocks.enumerated() {
      try folder.write("block.sh", block)
      let outcome = try await Program.shell(
        "cd '\(folder.path)' && PATH='\(Program.folder)':$PATH bash -e block.sh")
      #expect(outcome.status == 0, "block \(number + 1)\n\(block)\n\(outcome.messages.suffix(2000))")
    }
    for file in ["report.html", "lightcurve_lkha_358.csv", "lightcurve_lkha_358.mrt.txt", "lightcurve_lkha_358.tex"] {
      #expect(folder.files(in: "night1/elnath-out").contains(file), "\(file)")
    }
  }
}
