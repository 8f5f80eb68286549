import ElnathCore
import ElnathFITS

extension MasterFile {
  /// The master as it was written, to the last bit.
  static func read(_ path: String) throws(PipelineError) -> Master {
    let planes: [(name: String, header: FITSHeader, image: FITSImage)]
    do {
      planes = try FITSFile.readPlanes(path: path)
    } catch {
      throw PipelineError(.badData, path, error.message, underlying: error)
    }
    guard planes.map(\.name) == ["", "VARIANCE", "MASK"] else {
      throw PipelineError(.badData, path, "is no master (image, VARIANCE, MASK); run elnath reduce again")
    }
    let header = planes[0].header
    func grid(_ image: FITSImage) -> PixelGrid<Float> {
      PixelGrid(width: image.width, height: image.height, pixels: image.pixels)
    }
    let mask = planes[2].image
    return Master(
      image: grid(planes[0].image), variance: grid(planes[1].image),
      mask: PixelGrid(
        width: mask.width, height: mask.height, pixels: mask.pixels.map { PixelMask(rawValue: UInt8($0)) }),
      frames: header.integer("NCOMBINE") ?? 0, rejected: header.integer("NREJECT") ?? 0,
      exposure: header.number("EXPTIME") ?? 0)
  }
}
