import ElnathTestSupport
import Testing

/// The articles about the steps: what they name is there.
@Suite("the articles of ElnathCore")
struct ArticleTests {
  static let folder = "Sources/ElnathCore/Documentation.docc"
  static let names = PackageFile.names(in: folder).filter { $0.hasSuffix(".md") }

  /// Names of the public types of ElnathCore.
  static let types: Set<String> = {
    var types: Set<String> = ["ElnathCore"]
    for step in PackageFile.names(in: "Sources/ElnathCore") {
      for file in PackageFile.names(in: "Sources/ElnathCore/" + step) where file.hasSuffix(".swift") {
        for line in PackageFile.text("Sources/ElnathCore/\(step)/\(file)").split(separator: "\n") {
          let words = line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
          guard words.count >= 3, words[0] == "public", ["struct", "enum", "protocol"].contains(words[1]) else {
            continue
          }
          types.insert(String(words[2]))
        }
      }
    }
    return types
  }()

  /// An article without its blocks of code.
  private func prose(of article: String) -> String {
    var isCode = false
    var lines: [Substring] = []
    for line in PackageFile.text(Self.folder + "/" + article).split(separator: "\n") {
      if line.hasPrefix("```") {
        isCode.toggle()
      } else if !isCode {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// What stands between two marks, everywhere in a text.
  private func parts(of text: String, from begin: String, to end: String) -> [String] {
    var found: [String] = []
    var rest = text[...]
    while let start = rest.firstRange(of: begin), let stop = rest[start.upperBound...].firstRange(of: end) {
      found.append(String(rest[start.upperBound..<stop.lowerBound]))
      rest = rest[stop.upperBound...]
    }
    return found
  }

  /// `(L7)`, wherever it stands.
  private func numbers(in text: some StringProtocol) -> [String] {
    parts(of: String(text), from: "(", to: ")").map { $0.split(separator: "(").last.map(String.init) ?? "" }
      .filter { number in
        guard let letter = number.first, letter.isUppercase, number.count <= 3 else { return false }
        return Int(number.dropFirst()) != nil
      }
  }

  @Test("every type that is linked is a public one, every article that is linked exists", arguments: names)
  func links(article: String) {
    let text = prose(of: article)
    for link in parts(of: text, from: "``", to: "``") {
      let isPublic = Self.types.contains(link.split(separator: "/").first.map(String.init) ?? "")
      #expect(isPublic, "\(article): \(link)")
    }
    for link in parts(of: text, from: "<doc:", to: ">") {
      #expect(Self.names.contains(link + ".md"), "\(article): \(link)")
    }
  }

  @Test("every step has an article")
  func steps() {
    for step in PackageFile.names(in: "Sources/ElnathCore")
    where PackageFile.names(in: "Sources/ElnathCore/" + step).contains(where: { $0.hasSuffix(".swift") }) {
      // What every step uses and knows none, and what only makes frames to test with.
      if ["Image", "Statistics", "Simulate"].contains(step) { continue }
      #expect(Self.names.contains(step + ".md"), "\(step)")
    }
  }

  @Test("formulas are numbered once, stand in the table with a source and a test, and nothing else does")
  func formulas() {
    var defined: [String] = []
    var cited: Set<String> = []
    for name in Self.names where name != "Formulas.md" {
      for line in PackageFile.text(Self.folder + "/" + name).split(separator: "\n") {
        let found = numbers(in: line)
        if line.hasPrefix("("), let first = found.first { defined.append(first) }
        cited.formUnion(found)
      }
    }
    #expect(defined.count >= 40)
    #expect(Set(defined).count == defined.count, "\(defined)")
    #expect(cited.subtracting(defined).isEmpty, "\(cited.subtracting(defined))")

    var listed: [String] = []
    for line in PackageFile.text(Self.folder + "/Formulas.md").split(separator: "\n") where line.hasPrefix("| (") {
      listed += numbers(in: line.prefix { $0 != "`" })
      let files = parts(of: String(line), from: "`", to: "`")
      #expect(files.count == 2, "\(line)")
      #expect(files.first.map { !PackageFile.text("Sources/" + $0).isEmpty } == true, "\(line)")
      #expect(files.last.map { !PackageFile.text("Tests/" + $0).isEmpty } == true, "\(line)")
    }
    #expect(listed.sorted() == defined.sorted())
  }
}
