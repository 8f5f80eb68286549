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

  static func write(_ frame: Frame, to path: String) throws(StageError) {
    let image = frame.image
    var cards = [
      HeaderCard("BUNIT", .text("electron"), "unit of the pixels"),
      HeaderCard("OBSTYPE", .text("OBJECT"), "kind of frame"),
      HeaderCard("OBJECT", .text(frame.observation.object)),
      HeaderCard("FILTER", .text(frame.observation.filter)),
      HeaderCard("RDNOISE", .real(frame.noise.readNoise), "read noise (electron)"),
    ]
    if frame.observation.exposure.isFinite {
      cards.append(HeaderCard("EXPTIME", .real(frame.observation.exposure), "exposure (s)"))
    }
    if frame.observation.jdUTC.isFinite {
      cards.append(HeaderCard("TIMESYS", .text("UTC"), "time scale"))
      cards.append(HeaderCard("MJD-AVG", .real(frame.observation.jdUTC - 2_400_000.5), "mid-exposure"))
    }
    func unit(_ name: String, _ pixels: FITSPixels, _ cards: [HeaderCard] = []) -> FITSHDU {
      FITSHDU(name: name, width: image.width, height: image.height, pixels: pixels, cards: cards)
    }
    do {
      try FITSWriter.write(
        [
          unit("", .float(image.image.pixels), cards),
          unit("VARIANCE", .float(image.variance.pixels), [HeaderCard("BUNIT", .text("electron2"))]),
          unit("MASK", .uint8(image.mask.pixels.map(\.rawValue))),
        ], to: path)
    } catch {
      throw StageError([], "\(path) cannot be written: \(error.message)")
    }
  }
}

/// Masters as FITS files: image, VARIANCE, MASK.
enum MasterFile {
  static func write(_ record: MasterRecord, to path: String) throws(PipelineError) {
    let master = record.master
    let (width, height) = (master.image.width, master.image.height)
    let unit = record.kind == .flat ? "relative" : "adu"
    var cards = [
      HeaderCard("OBSTYPE", .text(record.kind.rawValue.uppercased()), "kind of master"),
      HeaderCard("BUNIT", .text(unit), "unit of the pixels"),
      HeaderCard("NCOMBINE", .integer(master.frames), "frames combined"),
      HeaderCard("NREJECT", .integer(master.rejected), "pixel values rejected"),
    ]
    if record.kind == .dark { cards.append(HeaderCard("EXPTIME", .real(master.exposure), "exposure (s)")) }
    if record.kind == .flat { cards.append(HeaderCard("FILTER", .text(record.filter))) }
    for file in record.files { cards.append(HeaderCard("HISTORY", nil, file)) }
    do {
      try FITSWriter.write(
        [
          FITSHDU(name: "", width: width, height: height, pixels: .float(master.image.pixels), cards: cards),
          FITSHDU(name: "VARIANCE", width: width, height: height, pixels: .float(master.variance.pixels), cards: []),
          FITSHDU(
            name: "MASK", width: width, height: height, pixels: .uint8(master.mask.pixels.map(\.rawValue)), cards: []),
        ], to: path)
    } catch {
      throw FileFault.writing(error, path)
    }
  }
}
