import ElnathTestSupport
import FoundationEssentials
import Testing

/// What the program says, and in which form.
@Suite("the command line")
struct SpeechTests {
  /// The object that --json prints.
  private struct Answer: Decodable {
    var elnath: String
    var command: String
    var status: Int
    var error: String?
    var files: [String]
    var warnings: [String]
    var messages: [String]
    var counts: [String: Int]?
  }

  private func answer(_ outcome: Program.Outcome) throws -> Answer {
    try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8))
  }

  static let commands = [
    "init", "scan", "solve", "reduce", "align", "stack", "measure", "flag", "lightcurve", "plot", "report", "run",
    "compare", "rgb", "export", "simulate", "config", "flags", "cameras",
  ]

  @Test("help begins with examples, and names how to speak", arguments: commands)
  func help(command: String) async throws {
    let outcome = try await Program.run(command, "--help")
    #expect(outcome.status == 0 && outcome.messages.isEmpty)
    let text = outcome.output
    let examples = try #require(text.firstRange(of: "EXAMPLES")).lowerBound
    let usage = try #require(text.firstRange(of: "USAGE:")).lowerBound
    #expect(examples < usage)
    #expect(text.contains("  elnath \(command)"))
    for option in ["--json", "--quiet", "--verbose", "--no-color"] { #expect(text.contains(option), "\(option)") }
  }

  @Test("the main help lists every command and exit status; the manual page has them with all options")
  func everything() async throws {
    let help = try await Program.run("--help").output
    let manual = try await Program.run("manual").output
    for command in Self.commands {
      #expect(help.contains("\n  \(command) "), "\(command)")
      #expect(manual.contains(".SS elnath \(command)\n"), "\(command)")
      let own = try await Program.run(command, "--help").output
      for word in own.split(whereSeparator: { " ,\n[]<>()/;:.".contains($0) })
      where word.hasPrefix("--") && word.count > 4 {
        let option = String(word.prefix { $0 != "=" }).replacing("-", with: "\\-")
        #expect(option == "\\-\\-help" || option == "\\-\\-version" || manual.contains(option), "\(command) \(word)")
      }
    }
    for status in [0, 1, 64, 65, 66, 69, 70, 73, 74, 77, 78, 130, 143] {
      #expect(help.contains("\n  \(status) "))
      #expect(manual.contains(".TP\n\(status)\n"))
    }
    #expect(try await Program.run("--version").output.split(separator: ".").count == 3)
  }

  @Test(
    "misspelt commands, options and values are answered with what was perhaps meant",
    arguments: [
      (["rnu", "x"], "did you mean 'run'?"), (["run", "--josb", "2", "P.toml"], "'--jobs'"),
      (["export", "--format", "ecvs", "x.csv"], "- ecsv"), (["lightcurves"], "did you mean 'lightcurve'?"),
    ])
  func spelling(arguments: [String], hint: String) async throws {
    let outcome = try await Program.run(arguments)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.messages.hasPrefix("elnath: error: ") && outcome.messages.contains(hint), "\(outcome.messages)")
    #expect(outcome.messages.contains("--help"))
  }

  @Test("--json: one object on standard output, of errors too")
  func json() async throws {
    let night = try await Night.shared.value.folder.path + "/night/PROJECT.toml"
    let out = try await Night.shared.value.folder.path + "/json"
    let run = try await Program.run("run", night, "-o", out, "--json", "-q")
    let told = try answer(run)
    #expect(run.status == 0 && told.status == 0 && told.command == "run" && told.error == nil)
    #expect(told.counts?["frames"] == 24 && told.files.contains(out + "/lightcurve_hh_30.csv"))
    #expect(told.messages.last?.hasPrefix("24 frames: ") == true)

    let export = try await Program.run(
      "export", "--format", "ecsv", out + "/lightcurve_hh_30.csv", "--json")
    #expect(try answer(export).files == [out + "/lightcurve_hh_30.ecsv"])

    for (command, product) in [("align", "frames.csv"), ("solve", "wcs.fits"), ("flag", "frames.csv")] {
      let step = try answer(try await Program.run(command, night, "-o", out, "--json", "-q"))
      #expect(step.status == 0 && step.files.contains(out + "/" + product), "\(command)")
    }

    let missing = try await Program.run("flag", out + "/none.toml", "--json")
    let refused = try answer(missing)
    #expect(missing.status == 66 && refused.status == 66 && refused.error?.contains("none.toml") == true)
    let wrong = try await Program.run("run", "--json", "--nonsense")
    #expect(try answer(wrong).status == 64 && wrong.status == 64)
    #expect(try await Program.run("flags", "--json").output.contains("\"name\": \"seeing\""))
  }

  @Test("--dry-run looks at everything and writes nothing")
  func dryRun() async throws {
    let folder = try await Night.shared.value.folder
    let out = folder.path + "/dry"
    let run = try await Program.run("run", folder.path + "/night/PROJECT.toml", "-o", out, "--dry-run")
    #expect(run.status == 0 && run.output.contains("camera: ") && run.messages.contains("would write"))
    #expect(!FileManager.default.fileExists(atPath: out))
    let simulate = try await Program.run("simulate", "-o", out, "--dry-run")
    #expect(simulate.status == 0 && !FileManager.default.fileExists(atPath: out))
    let export = try await Program.run(
      "export", "--format", "votable", folder.path + "/one/lightcurve_hh_30.csv", "--dry-run")
    #expect(export.messages.contains("would write"))
    #expect(!folder.files(in: "one").contains("lightcurve_hh_30.vot"))
  }

  @Test("colours only where they are wanted; the next command and the sum come last")
  func manners() async throws {
    let (folder, messages) = try await Night.shared.value
    let lines = messages.split(separator: "\n")
    #expect(lines.suffix(2).first?.hasPrefix("next: elnath export --format ecsv ") == true)
    #expect(lines.last?.hasPrefix("24 frames: ") == true)
    let none = folder.path + "/none.toml"
    let forced = try await Program.run(["run", none], environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": ""])
    #expect(forced.messages.contains("\u{1B}[1;31melnath: error:\u{1B}[0m"))
    for (arguments, environment) in [
      (["run", none], ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]),
      (["run", none, "--no-color"], ["CLICOLOR_FORCE": "1"]),
      (["run", none], ["CLICOLOR_FORCE": ""]),
    ] {
      let plain = try await Program.run(arguments, environment: environment)
      #expect(plain.messages.hasPrefix("elnath: error: "), "\(plain.messages)")
    }
    let scan = try await Program.run("scan", folder.path + "/night/PROJECT.toml", "-o", folder.path + "/a b", "-q")
    #expect(scan.status == 0 && scan.messages.isEmpty && scan.output.isEmpty)
    let loud = try await Program.run("scan", folder.path + "/night/PROJECT.toml", "-o", folder.path + "/a b")
    #expect(loud.messages.contains("next: elnath reduce ") && loud.messages.contains(" -o '"))
  }

  @Test("completions of three shells name every command", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) async throws {
    let script = try await Program.run("--generate-completion-script", shell)
    #expect(script.status == 0)
    for command in Self.commands { #expect(script.output.contains(command)) }
  }

  @Test("a number of a table is taken apart by flags")
  func flagNumber() async throws {
    // Bits 3 and 16.
    let outcome = try await Program.run("flags", "65544")
    #expect(outcome.output.split(separator: "\n").count == 3)
    #expect(outcome.output.contains("cosmic_ray") && outcome.output.contains("seeing"))
  }
}
