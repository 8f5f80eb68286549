import ArgumentParser

/// How a command speaks; every command has it.
struct TalkOptions: ParsableArguments {
  @Flag(name: [.customShort("q"), .long], help: "Say only what is wrong.")
  var quiet = false

  @Flag(
    name: [.customShort("v"), .long],
    help: "Say more: what was decided on each frame and comparison star, and how long each step took.")
  var verbose = false

  @Flag(help: "Print one JSON object to standard output: files, warnings, result, status and error.")
  var json = false

  @Flag(name: .customLong("no-color"), help: "No colours; so it is with NO_COLOR set, too.")
  var noColor = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("-q and -v exclude each other") }
  }
}

/// A command that lets its user say how it is to speak: all of them.
protocol TalkingCommand: AsyncParsableCommand {
  var talk: TalkOptions { get }
}
