import ElnathCore
import ElnathFITS

/// Masters as FITS files: image, VARIANCE, MASK.
enum MasterFile {
  static func write(_ master: Master, _ record: MasterRecord, to path: String) throws(PipelineError) {
    let (width, height) = (master.image.width, master.image.height)
    func unit(_ name: String, _ pixels: FITSPixels, _ cards: [HeaderCard]) -> FITSHDU {
      FITSHDU(name: name, width: width, height: height, pixels: pixels, cards: cards)
    }
    let square = [HeaderCard("BUNIT", .text(record.kind == .flat ? "relative2" : "adu2"), "unit of the pixels")]
    do {
      try FITSWriter.write(
        [
          unit("", .float(master.image.pixels), cards(master, record)),
          unit("VARIANCE", .float(master.variance.pixels), square),
          unit("MASK", .uint8(master.mask.pixels.map(\.rawValue)), []),
        ], to: path)
    } catch {
      throw FileFault.writing(error, path)
    }
  }

  /// What the master is, and how it came about.
  private static func cards(_ master: Master, _ record: MasterRecord) -> [HeaderCard] {
    var cards = [
      HeaderCard("OBSTYPE", .text(record.kind.rawValue.uppercased()), "kind of master"),
      HeaderCard("BUNIT", .text(record.kind == .flat ? "relative" : "adu"), "unit of the pixels"),
      HeaderCard("NCOMBINE", .integer(master.frames), "frames combined"),
      HeaderCard("NREJECT", .integer(master.rejected), "pixel values rejected"),
    ]
    func add(_ key: String, _ value: Double, _ comment: String) {
      if value.isFinite { cards.append(HeaderCard(key, .real(value), comment)) }
    }
    if let method = record.method { cards.append(HeaderCard("COMBMETH", .text(method.rawValue), "how combined")) }
    if record.method?.rejects == true { add("COMBLIM", record.limit, "rejection limit (sigma)") }
    add("LEVEL", record.level, "median of the pixels")
    add("GAIN", record.gain, "gain used (e-/ADU)")
    add("RDNOISE", record.readNoise * record.gain, "read noise from pairs (e-)")
    if record.kind == .dark { add("EXPTIME", master.exposure, "exposure (s)") }
    if record.kind == .flat { cards.append(HeaderCard("FILTER", .text(record.filter))) }
    add("CCD-TEMP", record.temperature, "temperature of the detector (C)")
    cards.append(HeaderCard("CREATOR", .text("Elnath \(ElnathVersion.current)")))
    for file in record.files { cards.append(HeaderCard("HISTORY", nil, file)) }
    for left in record.leftOut { cards.append(HeaderCard("HISTORY", nil, "not used: \(left.file) (\(left.reason))")) }
    return cards
  }
}
