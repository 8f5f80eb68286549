import ArgumentParser
import ElnathPipeline

/// The manual page, made of what the commands say of themselves.
struct ManualPage {
  /// In roff, for man(7).
  let roff: String

  init() throws {
    let program = try CommandTree(json: Elnath._dumpHelp()).command
    var lines = [
      ".TH ELNATH 1 \"\" \"elnath \(ElnathVersion.current)\" \"Astronomy\"", ".SH NAME",
      "elnath \\- " + Self.escaped(Self.sentence(program.abstract)), ".SH SYNOPSIS", ".B elnath",
      ".I command", "[\\fIoptions\\fR]", ".SH EXAMPLES",
    ]
    lines += Self.literal(Self.indented(program.discussion))
    lines.append(".SH COMMANDS")
    for command in program.shown { lines += Self.section(of: command) }
    lines += [".SH EXIT STATUS"]
    for status in ExitStatus.allCases { lines += [".TP", "\(status.rawValue)", Self.escaped(status.meaning)] }
    lines += [
      ".SH ENVIRONMENT", ".TP", "ELNATH_HOME", "Folder that holds catalogs and plots, searched before share/elnath.",
      ".TP",
      "NO_COLOR", "No colours where it is set.", ".TP", "CLICOLOR_FORCE",
      "Colours even where standard error is no terminal.",
      ".SH FILES", ".TP", "PROJECT.toml",
      "Names the frames and the stars; elnath config \\-\\-effective shows all settings.",
      ".TP", "elnath\\-out/", "The products, beside the project file.", ".TP", "share/elnath/",
      "Catalogs and scripts of plots.",
    ]
    roff = lines.joined(separator: "\n") + "\n"
  }

  private static func section(of command: CommandTree.Command) -> [String] {
    var lines = [".SS elnath \(escaped(command.commandName))", escaped(sentence(command.abstract))]
    if let discussion = command.discussion, !discussion.isEmpty { lines += literal(indented(discussion)) }
    for argument in command.arguments ?? [] where argument.shouldDisplay != false {
      let names = argument.names ?? []
      if names.contains(where: { ["help", "version"].contains($0.name) }) { continue }
      var head = names.map { "\\fB\(escaped($0.withDashes))\\fR" }.joined(separator: ", ")
      if argument.kind != "flag" {
        head += (head.isEmpty ? "" : " ") + "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
      }
      var text = argument.meaning
      if let value = argument.defaultValue, !value.isEmpty { text += " Default: \(value)." }
      lines += [".TP", head, escaped(text.isEmpty ? " " : text)]
    }
    return lines
  }

  private static func sentence(_ text: String?) -> String { text ?? "" }

  private static func indented(_ text: String?) -> [String] {
    (text ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      .filter { $0 != "EXAMPLES" }
  }

  private static func literal(_ lines: [String]) -> [String] {
    [".PP", ".nf"] + lines.map { $0.isEmpty ? ".sp" : escaped($0) } + [".fi"]
  }

  /// Backslashes, hyphens and dots at the start of a line mean something in roff.
  static func escaped(_ text: String) -> String {
    let plain = text.split(separator: "\n").joined(separator: " ")
    let safe = plain.map { character in
      switch character {
      case "\\": "\\e"
      case "-": "\\-"
      case "\u{2019}", "'": "\\(aq"
      default: String(character)
      }
    }.joined()
    return safe.hasPrefix(".") ? "\\&" + safe : safe
  }
}

/// `elnath manual`: the manual page, for the one who packs the program.
struct ManualCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    "manual", "Print the manual page.", examples: [Example("elnath manual > elnath.1")], shouldDisplay: false)

  func run() async throws {
    try await perform {
      Console.put(Array(try ManualPage().roff.utf8))
      return .done
    }
  }
}
