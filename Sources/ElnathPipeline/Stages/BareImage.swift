import ElnathCore
import ElnathFITS
import FoundationEssentials

/// An image of a file that belongs to no project: raw, reduced, stacked, or made by other programs, in its own unit.
struct BareImage: Sendable {
  let file: String
  let pixels: PixelGrid<Float>
  /// Planes VARIANCE and MASK of the file; nil where it has none.
  let variance: PixelGrid<Float>?
  let mask: PixelGrid<Float>?
  let observation: Observation
  /// What the header calls the unit, `adu` where it is silent.
  let unit: String
  /// What is doubtful about the file; nil for nothing.
  let remark: String?

  /// Reads the image, and the planes of its size that stand behind it.
  init(_ file: String, catalog: ProfileCatalog) throws {
    let folder = ProjectFolder(".")
    let path = folder.absolute(file)
    guard FileManager.default.fileExists(atPath: path) else {
      throw PipelineError(.noInput, file, "no such file; check the path")
    }
    let read = ReadHeader(file, folder: folder)
    guard read.error == nil, let main = read.images.first else {
      throw PipelineError(.badData, file, read.error ?? "holds no image; give a FITS image")
    }
    let recognised = try catalog.recognise([main.header])
    let profile = if let recognised { recognised } else { try catalog.camera(ProfileCatalog.base) }
    let decoded = read.decoded(by: HeaderDecoder(profile: profile, home: nil), listed: .light)
    self.file = file
    unit = main.header.text("BUNIT").flatMap { $0.isEmpty ? nil : $0 } ?? "adu"
    var observation = decoded.observation
    do {
      if read.images.count > 1 {
        guard decoded.error == nil else { throw StageError(.unreadable, decoded.error ?? "") }
        pixels = try PixelReader.read(observation, path: path).adu
        (variance, mask, remark) = (nil, nil, nil)
      } else {
        let planes = try FITSFile.readAllImageHeaders(path: path).filter {
          $0.unit != main.unit && $0.width == main.width && $0.height == main.height
        }
        func unit(_ name: String) -> Int? { planes.first { $0.name.uppercased() == name }?.unit }
        let wanted = [main.unit] + [unit("VARIANCE"), unit("MASK")].compactMap { $0 }
        let images: [FITSImage]
        (images, remark) = try Self.read(wanted, path: path)
        var grids = images.map { PixelGrid(width: $0.width, height: $0.height, pixels: $0.pixels) }
        pixels = grids.removeFirst()
        variance = unit("VARIANCE") == nil ? nil : grids.removeFirst()
        mask = unit("MASK") == nil ? nil : grids.removeFirst()
      }
    } catch let error as FITSError {
      throw PipelineError(.badData, file, error.message, underlying: error)
    } catch let error as StageError {
      throw PipelineError(.badData, file, error.reason, underlying: error)
    }
    if observation.width == 0 { observation = Observation(file: file, width: pixels.width, height: pixels.height) }
    self.observation = observation
  }

  /// With a remark where the pixels are not those of DATASUM: other programs change them and leave the old sum, and what is
  /// shown or compared here is meant to be seen.
  private static func read(_ units: [Int], path: String) throws(FITSError) -> (images: [FITSImage], remark: String?) {
    do throws(FITSError) {
      return (try FITSFile.readImages(path: path, units: units), nil)
    } catch {
      guard error.code == .damaged else { throw error }
      return (try FITSFile.readImages(path: path, units: units, trusting: true), error.message)
    }
  }

  /// Electrons per unit of the pixels; nil where nothing tells.
  var gain: Double? { ReducedFile.isElectrons(unit) ? 1 : observation.gain?.value }

  /// Ready to be compared: with the variance of the file, else with one measured from the pixels.
  var comparedFrame: ComparedFrame {
    let marks = mask ?? PixelGrid(width: pixels.width, height: pixels.height, repeating: 0)
    if let variance {
      return ComparedFrame(
        image: MaskedImage(image: pixels, variance: variance, maskValues: marks), observation: observation)
    }
    let bits = mask.map { MaskedImage(image: pixels, variance: pixels, maskValues: $0).mask }
    return ComparedFrame(
      pixels: pixels, mask: bits, observation: observation, gain: gain,
      saturation: ReducedFile.isElectrons(unit) ? nil : observation.saturation?.value)
  }
}
