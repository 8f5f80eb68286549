import ElnathCore
import ElnathFITS

/// Reads the pixels of files whose headers were scanned.
enum PixelReader {
  /// The raw frame; throws `StageError` where the file cannot be read or is no longer what its header said.
  static func read(_ observation: Observation, path: String) throws(StageError) -> RawFrame {
    let image: FITSImage
    do {
      image = try FITSFile.readImage(path: path).image
    } catch {
      throw StageError(.unreadable, error.message)
    }
    guard image.width == observation.width && image.height == observation.height else {
      throw StageError(
        .wrongSize,
        "\(image.width)x\(image.height) px where the header has \(observation.width)x\(observation.height)")
    }
    return RawFrame(
      observation: observation, adu: PixelGrid(width: image.width, height: image.height, pixels: image.pixels))
  }
}
