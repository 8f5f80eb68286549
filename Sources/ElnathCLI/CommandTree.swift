import FoundationEssentials

/// The commands of a program with their options, as argument-parser tells them in JSON.
struct CommandTree: Decodable {
  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var arguments: [Argument]?
    var subcommands: [Command]?

    /// The subcommands that people are shown.
    var shown: [Command] {
      (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
    }
  }

  struct Argument: Decodable, Equatable {
    struct Name: Decodable, Equatable {
      var kind: String
      var name: String

      var withDashes: String { (kind == "short" ? "-" : "--") + name }
    }

    var kind: String
    var shouldDisplay: Bool?
    var isRepeating: Bool?
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var defaultValue: String?
    var allValues: [String]?

    /// What it means, with the values that it may have.
    var meaning: String {
      let text = abstract ?? ""
      guard let allValues, !allValues.isEmpty else { return text }
      return text + " One of \(allValues.joined(separator: ", "))."
    }
  }

  /// The program itself.
  var command: Command

  init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }
}
