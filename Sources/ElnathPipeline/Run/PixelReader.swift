import ElnathCore
import ElnathFITS

/// Reads the pixels of files whose headers were scanned.
enum PixelReader {
  /// The raw frame; throws `StageError` where the file cannot be read or is no longer what its header said.
  static func read(_ observation: Observation, path: String) throws(StageError) -> RawFrame {
    guard observation.pieces.isEmpty else { return try assemble(observation, path: path) }
    let image: FITSImage
    do {
      image = try FITSFile.readImage(path: path).image
    } catch {
      throw StageError(.unreadable, error.message)
    }
    return RawFrame(
      observation: observation, adu: try grid(image, width: observation.width, height: observation.height),
      peaks: image.highest.isEmpty ? nil : PixelPeaks(run: FITSImage.run, highest: image.highest))
  }

  /// The same, with the pixels left in the file where that holds them row by row; they are compared with their checksum
  /// all the same.
  static func open(
    _ observation: Observation, path: String, _ ledger: InputLedger
  ) throws(StageError) -> any RawPixels {
    guard observation.pieces.isEmpty, let reader = try? RowReader(path: path), reader.width == observation.width,
      reader.height == observation.height
    else { return try read(observation, path: path) }
    do {
      try ledger.verify(reader)
    } catch {
      throw StageError(.unreadable, error.message)
    }
    return FileFrame(observation: observation, reader: reader)
  }

  /// The header of the file, or of its first image where it has several.
  static func header(_ file: ScannedFile) throws(StageError) -> FITSHeader {
    do {
      return try FITSFile.readImageHeaders(path: file.path)[0].header
    } catch {
      throw StageError(.unreadable, error.message)
    }
  }

  /// A frame that the file holds in parts.
  private static func assemble(_ observation: Observation, path: String) throws(StageError) -> RawFrame {
    let units = Array(Set(observation.pieces.map(\.unit))).sorted()
    var images: [Int: PixelGrid<Float>] = [:]
    do {
      for (unit, image) in zip(units, try FITSFile.readImages(path: path, units: units)) {
        images[unit] = PixelGrid(width: image.width, height: image.height, pixels: image.pixels)
      }
    } catch {
      throw StageError(.unreadable, error.message)
    }
    var parts: [(piece: ReadoutPiece, image: PixelGrid<Float>)] = []
    for piece in observation.pieces {
      guard let image = images[piece.unit], piece.source.fits(width: image.width, height: image.height) else {
        throw StageError(.wrongSize, "the images of the file are not what their headers said")
      }
      parts.append((piece, image))
    }
    if let (piece, image) = parts.first, parts.count == 1, !piece.flipsX, !piece.flipsY,
      image.width == observation.width && image.height == observation.height,
      piece.source.width == image.width && piece.source.height == image.height
    {
      return RawFrame(observation: observation, adu: image)
    }
    return RawFrame(
      observation: observation,
      adu: PixelGrid(width: observation.width, height: observation.height, pieces: parts))
  }

  private static func grid(
    _ image: FITSImage, width: Int, height: Int
  ) throws(StageError) -> PixelGrid<Float> {
    guard image.width == width && image.height == height else {
      throw StageError(
        .wrongSize, "\(image.width)x\(image.height) px where the header has \(width)x\(height)")
    }
    return PixelGrid(width: width, height: height, pixels: image.pixels)
  }
}
