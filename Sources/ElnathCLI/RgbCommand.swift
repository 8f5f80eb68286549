import ArgumentParser
import ElnathPipeline

/// `elnath rgb`: a picture in colour.
struct RgbCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    commandName: "rgb", abstract: "Make a picture in colour of three images: PNG.",
    discussion: """
      EXAMPLES
        elnath rgb stack_i.fits stack_r.fits stack_g.fits -o field.png

      An asinh composite (Lupton et al. 2004): the colour of a star does not depend on its brightness. Sky, noise and \
      range are measured; the star of median colour is white. Green and blue are registered to red by their stars.
      """)

  @Argument(help: "Red, green and blue: three FITS images of one field.", completion: .file(extensions: ["fits"]))
  var files: [String]

  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("The PNG file to write.", valueName: "path"))
  var output: String

  @Option(help: "How many times the noise black lies below the sky.")
  var black: Double?

  @Option(name: .customLong("q"), help: "Softening of the asinh: larger shows more of what is bright.")
  var softening: Double?

  @Option(help: "Light at which a linear picture would be full, in the unit of the images.")
  var stretch: Double?

  @OptionGroup var catalogs: CatalogsOption

  @OptionGroup var talk: TalkOptions

  func validate() throws {
    guard files.count == 3 else {
      throw ValidationError("\(files.count) images: give three, for red, green and blue")
    }
    if output.isEmpty { throw ValidationError("-o: give the name of the PNG file to write") }
    for case (let name, let value?) in [("q", softening), ("stretch", stretch)] where !(value > 0 && value < 1e30) {
      throw ValidationError("--\(name) \(value): give a number above 0, or leave it out")
    }
    if let softening, softening > 80 { throw ValidationError("--q \(softening): give at most 80; 8 is usual") }
    if let black, !(abs(black) <= 1000) {
      throw ValidationError("--black \(black): give a few times the noise; 2 is usual")
    }
  }

  func run() async throws {
    let command = self
    try await perform {
      let catalog = try command.catalogs.profiles()
      var stage = ColourStage(catalog: catalog, log: .console(quiet: command.talk.quiet))
      if let black = command.black { stage.settings.black = black }
      (stage.settings.softening, stage.settings.stretch) = (command.softening, command.stretch)
      let outcome = try stage(command.files, to: command.output)
      if !command.talk.quiet { for line in outcome.lines { Console.say(line) } }
      Console.wrote(command.output)
      return .done
    }
  }
}
