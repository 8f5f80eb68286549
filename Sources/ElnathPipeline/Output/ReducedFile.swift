import ElnathCore
import ElnathFITS

/// Reduced frames as FITS files: image in electrons, its VARIANCE and its MASK.
enum ReducedFile {
  /// `00012_c8867t0146o00.fits`: the number keeps names apart that come from different folders.
  static func name(number: Int, file: String) -> String {
    var stem = String(ProjectFolder.split(file).name)
    for ending in [".gz", ".fz", ".fits", ".fit", ".fts"] where stem.lowercased().hasSuffix(ending) {
      stem = String(stem.dropLast(ending.count))
    }
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits + "_\(stem).fits"
  }

  /// - Parameters:
  ///   - source: the raw file, as tables name it.
  ///   - header: that of the raw file.
  ///   - masters: names of those that were used.
  static func write(
    _ frame: Frame, source: String, header: FITSHeader, masters: [String], to path: String
  ) throws(StageError) {
    let image = frame.image
    func unit(_ name: String, _ pixels: FITSPixels, _ cards: [HeaderCard]) -> FITSHDU {
      FITSHDU(name: name, width: image.width, height: image.height, pixels: pixels, cards: cards)
    }
    let cards = ReducedCards(frame: frame, source: source, masters: masters, raw: header).cards
    // What astropy's CCDData asks for.
    let variance = [HeaderCard("BUNIT", .text("electron2")), HeaderCard("UTYPE", .text("VarianceUncertainty"))]
    let mask = ["Sum of: 1 bad, 2 saturated, 4 bleed, 8 cosmic ray,", "16 no data, 32 satellite, 64 nonlinear"]
      .map { HeaderCard("COMMENT", nil, $0) }
    do {
      try FITSWriter.write(
        [
          unit("", .float(image.image.pixels), cards), unit("VARIANCE", .float(image.variance.pixels), variance),
          unit("MASK", .uint8(image.mask.pixels.map(\.rawValue)), mask),
        ], to: path)
    } catch {
      throw StageError([], "\(path) cannot be written: \(error.message)")
    }
  }

  private static let electronUnits = ["electron", "electrons", "e-", "e"]

  /// True for a BUNIT that means electrons.
  static func isElectrons(_ unit: String) -> Bool { electronUnits.contains(unit.withoutOuterBlanks.lowercased()) }

  static func isInElectrons(_ header: FITSHeader) -> Bool { header.text("BUNIT").map(isElectrons) ?? false }

  /// The planes of a reduced frame, by its headers: an image in electrons with VARIANCE and MASK of its size behind it.
  /// Nil for any other file.
  static func planes(of image: FITSImageHeader, path: String) throws(FITSError) -> (variance: Int, mask: Int)? {
    guard isInElectrons(image.header) else { return nil }
    let all = try FITSFile.readAllImageHeaders(path: path)
    func plane(_ name: String) -> Int? {
      all.first { $0.name.uppercased() == name && $0.width == image.width && $0.height == image.height }?.unit
    }
    guard let variance = plane("VARIANCE"), let mask = plane("MASK") else { return nil }
    return (variance, mask)
  }

  /// The frame as it was reduced.
  static func read(_ observation: Observation, path: String) throws(StageError) -> Frame {
    guard let past = observation.reduction else { preconditionFailure("the frame is not reduced") }
    let planes: [FITSImage]
    do {
      planes = try FITSFile.readImages(path: path, units: [0, past.varianceUnit, past.maskUnit])
    } catch {
      throw StageError(.unreadable, error.message)
    }
    var grids: [PixelGrid<Float>] = []
    for plane in planes {
      guard plane.width == observation.width && plane.height == observation.height else {
        throw StageError(
          .wrongSize,
          "\(plane.width)x\(plane.height) px where the header has \(observation.width)x\(observation.height)")
      }
      grids.append(PixelGrid(width: plane.width, height: plane.height, pixels: plane.pixels))
    }
    return Frame(
      reduced: MaskedImage(image: grids[0], variance: grids[1], maskValues: grids[2]), observation: observation,
      noise: past.noise, amplifierNoise: past.amplifierNoise)
  }
}

extension ReduceStage {
  /// One light frame, from its raw file or from one that was reduced before.
  func prepared(_ light: ScannedFile) throws(StageError) -> FrameReduction {
    guard light.observation.reduction == nil else {
      var frame = try ReducedFile.read(light.observation, path: light.path)
      if let name = light.observation.reduction?.flatFile,
        let flat = pastFlat(ProjectFolder(ofFile: light.path).absolute(name)),
        flat.inverse.width == frame.width && flat.inverse.height == frame.height
      {
        frame.inverseFlat = flat.inverse
        frame.flatVariance = flat.relativeVariance
      }
      return FrameReduction(reduced: frame)
    }
    return try prepared(PixelReader.read(light.observation, path: light.path))
  }
}
