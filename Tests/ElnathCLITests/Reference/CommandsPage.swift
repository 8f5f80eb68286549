@testable import ElnathCLI

/// docs/reference/commands.md: what `elnath --help` says, of all commands.
enum CommandsPage {
  static func text(help json: String) throws -> String {
    let program = try CommandTree(json: json).command
    let commands = program.shown
    var page = """
      # Commands

      `elnath COMMAND --help` prints the same; `man elnath` has it all where the program is installed. These options go with every command and are not repeated below:

      """
    func arguments(of name: String) -> [CommandTree.Argument] {
      (commands.first { $0.commandName == name }?.arguments ?? []).filter { optionName($0) != nil }
    }
    let common = arguments(of: "flags")
    let ofProjects = arguments(of: "scan").filter { own in !common.contains { optionName($0) == optionName(own) } }
    page += "\n\(table(of: common))\nWhat works on a project takes these too:\n\n\(table(of: ofProjects))"
    for command in commands {
      page += "\n## elnath \(command.commandName)\n\n\(Markdown.cell(command.abstract ?? ""))\n"
      page += discussion(command.discussion ?? "")
      var own = (command.arguments ?? []).filter { $0.shouldDisplay != false && !common.contains($0) }
      let isOnProjects = ofProjects.allSatisfy(own.contains)
      if isOnProjects { own.removeAll(where: ofProjects.contains) }
      if !own.isEmpty { page += "\n" + table(of: own) }
      if isOnProjects { page += "\nAnd the options of work on a project.\n" }
    }
    let statuses = (program.discussion ?? "").split(separator: "\n").drop { $0 != "EXIT STATUS" }.dropFirst()
    page += "\n## Exit status\n\n| status | meaning |\n|---|---|\n"
    for line in statuses {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2 { page += "| \(words[0]) | \(Markdown.cell(words[1].drop { $0 == " " }.description)) |\n" }
    }
    return page
  }

  private static func optionName(_ argument: CommandTree.Argument) -> String? { argument.names?.last?.name }

  /// The examples as code, what comes after them as text.
  private static func discussion(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "EXAMPLES" else { return text.isEmpty ? "" : "\n\(Markdown.cell(text))\n" }
    let examples = lines.dropFirst().prefix { $0.hasPrefix("  ") }
    let rest = lines.dropFirst(1 + examples.count).drop(while: \.isEmpty)
    var result = "\n```\n" + examples.map { $0.dropFirst(2) + "\n" }.joined() + "```\n"
    if !rest.isEmpty { result += "\n" + rest.map { Markdown.cell(String($0)) }.joined(separator: "  \n") + "\n" }
    return result
  }

  private static func table(of arguments: [CommandTree.Argument]) -> String {
    "| | meaning | default |\n|---|---|---|\n"
      + arguments.filter { $0.shouldDisplay != false }.map { argument in
        var head = (argument.names ?? []).map(\.withDashes).joined(separator: "`, `")
        if argument.kind != "flag" {
          let value = argument.valueName ?? "value"
          head += head.isEmpty ? "<\(value)>" : " <\(value)>"
          if argument.isRepeating == true { head += "..." }
        }
        return "| `\(head)` | \(Markdown.cell(argument.meaning)) | \(argument.defaultValue.map { "`\($0)`" } ?? "") |\n"
      }.joined()
  }
}
