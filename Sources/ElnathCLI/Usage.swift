import ArgumentParser
import ElnathPipeline

/// What is said of a command line that cannot be understood.
enum Usage {
  /// The message, without the word error, and where to look.
  static func message(for error: any Error, arguments: [String]) -> String {
    if let word = unknownCommand(in: arguments) {
      let nearest = Spelling.nearest(word, among: names).map { "; did you mean '\($0)'?" } ?? ""
      return "unknown command '\(word)'\(nearest); see elnath --help"
    }
    let message = Elnath.message(for: error).split(separator: "\n").joined(separator: " ")
    let command = arguments.first.flatMap { names.contains($0) ? " " + $0 : nil } ?? ""
    let text = (message.last == "." ? message.dropLast() : message[...])
    return "\(begunSmall(text)); see elnath\(command) --help"
  }

  /// With a small first letter, as it stands in the middle of a line; a name of a file keeps its own.
  private static func begunSmall(_ text: Substring) -> String {
    let word = text.prefix { $0 != " " && $0 != ":" }
    let isWord = word.dropFirst().allSatisfy { $0.isLowercase || $0 == "'" }
    return isWord ? text.prefix(1).lowercased() + text.dropFirst() : String(text)
  }

  /// Names of all commands.
  static var names: [String] {
    let own = Elnath.configuration
    return (own.subcommands + own.groupedSubcommands.flatMap(\.subcommands)).compactMap {
      $0.configuration.commandName
    }
  }

  private static func unknownCommand(in arguments: [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-"), first != "help", !names.contains(first) else {
      return nil
    }
    return first
  }
}
