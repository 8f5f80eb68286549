// Names that come from headers, paths and the project file are text, whatever they look like: in gnuplot, in the page, in
// tables and on the terminal.
import ElnathTestSupport
import FoundationEssentials
import Testing

/// A short simulated night whose frames, filter, object and star bear hostile names, and its run.
private struct HostileNight {
  let folder: TemporaryFolder
  let outcome: Program.Outcome

  /// Each would leave a file called `hurt` wherever it is run.
  static let star = "X\"; system(\"touch hurt\"); print \"`touch hurt`' <script>hurt()</script> |touch hurt"
  static let objects = [
    "'=cmd|'' /C touch hurt''!A0'", "'-2+3+cmd|'' /C touch hurt''!A0'", "'<img src=x onerror=hurt()>'",
    "'\u{1B}]0;hurt\u{7}\u{1B}[31m'", "'@SUM(1+1)'", "'`touch hurt`'", "'{/Symbol a}_b^c'", "'a\nb\r=c'",
  ]
  static let filter = "'R`touch hurt`<b>'"
  static let files = [
    "=1+1.fits", "-rf.fits", "`touch hurt`.fits", "<script>hurt().fits", "$(touch hurt).fits", "a'b\"c.fits",
  ]

  init() async throws {
    folder = try TemporaryFolder()
    let made = try await Program.run("simulate", "--preset", "quick", "--frames", "8", "-o", folder.path)
    #expect(made.status == 0, "\(made.messages)")
    let lights = folder.files(in: "lights")
    for (number, name) in lights.enumerated() {
      try Self.edit(name, of: folder, "OBJECT", Self.objects[number % Self.objects.count])
      if number >= 4 { try Self.edit(name, of: folder, "CMMTOBS", Self.filter) }
    }
    let project = try #require(folder.text("PROJECT.toml"))
    // The frame that the project names keeps its name.
    let named = try #require(project.split(separator: "\"").first { $0.hasPrefix("lights/c") })
    for (name, other) in zip(lights.filter { "lights/" + $0 != named }, Self.files) {
      try FileManager.default.moveItem(
        atPath: folder.path + "/lights/" + name, toPath: folder.path + "/lights/" + other)
    }
    try folder.write(
      "PROJECT.toml", project.replacing("name = \"LkHa 358\"", with: "name = '''\(Self.star)'''"))
    outcome = try await Program.run(["run", folder.path + "/PROJECT.toml"], in: folder.path)
  }

  /// Another wording of a card of the header; what vouched for the old one goes.
  private static func edit(_ name: String, of folder: TemporaryFolder, _ keyword: String, _ value: String) throws {
    var bytes = try #require(folder.bytes("lights/" + name))
    func card(_ keyword: String) -> Int? {
      let key = Array((keyword + String(repeating: " ", count: 8 - keyword.count)).utf8)
      return stride(from: 0, to: min(bytes.count, 11520), by: 80).first { bytes[$0..<$0 + 8].elementsEqual(key) }
    }
    let place = try #require(card(keyword))
    let text = Array("= \(value)".utf8.prefix(72))
    bytes.replaceSubrange(place + 8..<place + 80, with: text + Array(repeating: 32, count: 72 - text.count))
    for sum in ["CHECKSUM", "DATASUM"] {
      if let place = card(sum) { bytes.replaceSubrange(place..<place + 80, with: Array(repeating: 32, count: 80)) }
    }
    try Data(bytes).write(to: URL(filePath: folder.path + "/lights/" + name))
  }

  /// Paths of all files below a folder.
  func everything(in name: String = "") -> [String] {
    folder.files(in: name).flatMap { entry -> [String] in
      let path = name.isEmpty ? entry : name + "/" + entry
      var isFolder: Bool = false
      _ = FileManager.default.fileExists(atPath: folder.path + "/" + path, isDirectory: &isFolder)
      return isFolder ? everything(in: path) : [path]
    }
  }
}

@Suite("hostile names", .serialized)
struct HostileNamesTests {
  @Test("nothing runs, nothing is a formula, nothing reaches the terminal")
  func names() async throws {
    let night = try await HostileNight()
    #expect(night.outcome.status == 0, "\(night.outcome.messages)")
    let all = night.everything()
    #expect(all.allSatisfy { !$0.hasSuffix("/hurt") && $0 != "hurt" })
    // Plots of the star that bears the name were drawn.
    #expect(all.contains { $0.hasPrefix("elnath-out/plots/lightcurve_x") && $0.hasSuffix(".svg") })
    let said = night.outcome.messages + night.outcome.output
    #expect(!said.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || (0x7F...0x9F).contains($0.value) })
    var cells = 0
    for path in all where path.hasPrefix("elnath-out/") && path.hasSuffix(".csv") {
      for line in try #require(night.folder.text(path)).split(separator: "\n") {
        for cell in Self.cells(of: line) {
          cells += 1
          #expect(!Self.isFormula(cell), "\(path): \(cell)")
        }
        #expect(!line.unicodeScalars.contains { $0.value < 32 }, "\(path)")
      }
    }
    #expect(cells > 1000)
    // The names themselves stand in the tables, as text.
    let observations = try #require(night.folder.text("elnath-out/observations.csv"))
    #expect(observations.contains("'=cmd|' /C touch hurt'!A0") && observations.contains("`touch hurt`"))
    #expect(observations.contains("'@SUM(1+1)") && observations.contains("'-2+3+cmd|"))
  }

  /// What a spreadsheet would run. Numbers are none, those of a transform too.
  private static func isFormula(_ cell: String) -> Bool {
    guard let first = cell.first else { return false }
    let areNumbers = cell.split(separator: " ").allSatisfy { Double($0) != nil }
    return "=+@\t\r".contains(first) || first == "-" && cell.count > 1 && !areNumbers
  }

  /// Cells of a line of RFC 4180 without line ends in cells.
  private static func cells(of line: Substring) -> [String] {
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

  @Test("no name is markup in the page or in its pictures", .enabled(if: Browser.path != nil, "no Chromium here"))
  func page() async throws {
    let night = try await HostileNight()
    let view = try await Browser.view(try #require(night.folder.text("elnath-out/report.html")), in: night.folder)
    #expect(view.scripts == 0 && view.handlers == 0 && view.images == 0)
    #expect(view.text.contains("<script>hurt()</script>"))
    #expect(view.complaints.isEmpty, "\(view.complaints)")
    #expect(view.pictures > 5)
  }
}
