import ElnathCore
import FoundationEssentials
import Logging

/// `rgb`: three images of one field, one for each colour, become a picture.
public struct ColourStage: Sendable {
  public static let name = "rgb"

  /// How the picture is stretched.
  public struct Settings: Codable, Sendable, Equatable {
    /// How many times the noise black lies below the sky: 2 leaves the sky a dark grey, in which nebulae can be seen.
    public var black = 2.0
    /// Softening Q of the asinh; left out, the range from the noise to the brightest stars decides.
    public var softening: Double?
    /// Light at which a linear picture would be full, in the unit of the images; left out, the noise decides.
    public var stretch: Double?

    public init() {}
  }

  public var settings = Settings()
  private let catalog: ProfileCatalog
  private let log: Logger

  public init(catalog: ProfileCatalog, log: Logger) {
    self.catalog = catalog
    self.log = log
  }

  /// What the picture was made with.
  public struct Outcome: Sendable {
    /// What was measured and chosen, for people.
    public var lines: [String]
  }

  /// - Parameters:
  ///   - files: red, green, blue.
  ///   - path: of the PNG file.
  public func callAsFunction(_ files: [String], to path: String) throws -> Outcome {
    precondition(files.count == 3, "red, green and blue")
    let place = ProjectFolder.split(ProjectFolder(".").absolute(path)).folder
    guard FileManager.default.fileExists(atPath: place) else {
      throw PipelineError(.cannotCreate, path, "its folder does not exist; create it first")
    }
    let images = try files.map { try BareImage($0, catalog: catalog) }
    for case (let file, let remark?) in zip(files, images.map(\.remark)) { log.warning("\(file): \(remark)") }
    let frames = images.map(\.comparedFrame)
    let reference = SourceDetection()(frames[0].image, of: frames[0].observation)
    var lines: [String] = []
    var channels: [ColourChannel] = []
    for (k, frame) in frames.enumerated() {
      guard k > 0 else {
        channels.append(ColourChannel(frame.image, sky: reference))
        continue
      }
      let sources = SourceDetection()(frame.image, of: frame.observation)
      let registration = PairRegistration.find(reference, sources)
      let isOneSize = frame.image.width == reference.width && frame.image.height == reference.height
      if registration == nil {
        guard isOneSize else {
          throw PipelineError(
            .badData, files[k],
            "\(frame.image.width)x\(frame.image.height) px, no stars in common with \(files[0]) of \(reference.width)x"
              + "\(reference.height); give images of one field")
        }
        log.warning("\(files[k]): no stars in common with \(files[0]): taken pixel for pixel")
      }
      let channel = ColourChannel.registered(
        frame.image, sky: sources, by: registration, ontoWidth: reference.width, height: reference.height)
      channels.append(channel.channel)
      if let moved = channel.moved {
        lines.append("\(files[k]): moved by up to \(DecimalRounding.decimals(moved, 2)) px onto \(files[0])")
      }
    }
    let stars = StarColours()(reference, channels)
    let factors = WhiteBalance.factors(of: stars)
    if factors == nil { log.warning("fewer than 5 stars in all three colours: their balance stays as it is") }
    let balance = factors ?? (1, 1, 1)
    var composite = AsinhComposite()
    (composite.black, composite.softening, composite.stretch) =
      (settings.black, settings.softening, settings.stretch)
    let picture = composite(channels, factors: balance)
    try PNGFile.write(picture.bytes, width: picture.width, height: picture.height, colours: .rgb, to: path)
    func short(_ value: Double) -> String { "\(DecimalRounding.significant(value, 4))" }
    lines.append(
      "white balance by \(stars.count) stars: red \(short(balance.red)), green \(short(balance.green)), blue "
        + short(balance.blue))
    lines.append("asinh: stretch \(short(picture.stretch)), Q \(short(picture.softening))")
    return Outcome(lines: lines)
  }
}
