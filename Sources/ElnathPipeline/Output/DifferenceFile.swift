import ElnathCore
import ElnathFITS

/// The difference of two frames as a FITS file: image and VARIANCE, on the grid of the first.
enum DifferenceFile {
  static func write(
    _ found: FrameDifference, unit: String, files: (first: String, second: String), to path: String
  ) throws(PipelineError) {
    let difference = found.difference
    func unitCard(_ text: String) -> HeaderCard { HeaderCard("BUNIT", .text(text), "unit of the pixels") }
    var cards = [unitCard(unit)]
    if found.shift.x.isFinite {
      cards.append(HeaderCard("DX", .real(found.shift.x), "shift of the second frame in x (px)"))
      cards.append(HeaderCard("DY", .real(found.shift.y), "shift of the second frame in y (px)"))
    }
    cards.append(HeaderCard("RESAMPLE", .text(found.way), "how the second was brought on the first"))
    cards.append(HeaderCard("CREATOR", .text("Elnath \(ElnathVersion.current)")))
    cards.append(HeaderCard("HISTORY", nil, "first: \(files.first)"))
    cards.append(HeaderCard("HISTORY", nil, "minus second: \(files.second)"))
    func plane(_ name: String, _ grid: PixelGrid<Float>, _ cards: [HeaderCard]) -> FITSHDU {
      FITSHDU(name: name, width: grid.width, height: grid.height, pixels: .float(grid.pixels), cards: cards)
    }
    do {
      try FITSWriter.write(
        [plane("", difference.image, cards), plane("VARIANCE", difference.variance, [unitCard(unit + "2")])], to: path)
    } catch {
      throw FileFault.writing(error, path)
    }
  }
}
