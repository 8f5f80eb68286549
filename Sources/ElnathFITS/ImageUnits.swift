/// The images of a file.
///
/// The image is the primary where that holds one, else the image extension. Planes that accompany an image (variance,
/// mask, weight ...) are passed over. Several images side by side, as mosaic cameras write them, are one frame only for
/// who knows the camera: where one image is asked for they are refused, for any choice would leave the others out in
/// silence.
struct ImageUnits {
  let primary: HeaderUnit
  /// What a frame may consist of: one at least.
  let images: [HeaderUnit]
  /// As far as the file was looked through.
  let everyImage: [HeaderUnit]

  /// - Parameter beyondPrimary: look also at what follows an image in the primary, which nobody needs for a frame, and
  ///   which in a gzipped file costs as much as reading it.
  init(in file: FileBytes, beyondPrimary: Bool = false) throws(FITSError) {
    guard let primary = try HeaderUnit(at: 0, in: file) else {
      throw FITSError(.notFITS, file: file.path, "not a FITS file")
    }
    var seen: [HeaderUnit] = [primary]
    while beyondPrimary || !primary.holdsImage,
      let next = try HeaderUnit(at: seen[seen.count - 1].end, number: seen.count, in: file)
    {
      seen.append(next)
    }
    everyImage = seen.filter(\.holdsImage)
    guard let first = everyImage.first else {
      let found = seen.map(\.summary).joined(separator: ", ")
      throw FITSError(.noImage, file: file.path, "holds no two-dimensional image (\(found))")
    }
    let main = primary.holdsImage ? [primary] : everyImage.filter { !$0.accompaniesImage }
    images = main.isEmpty ? [first] : main
    self.primary = primary
  }

  func image(_ unit: HeaderUnit) throws(FITSError) -> ImageUnit { try ImageUnit(unit, primary: primary) }

  /// The image of a file that holds one.
  func only() throws(FITSError) -> ImageUnit {
    guard images.count == 1 else {
      let found = images.map(\.summary).joined(separator: ", ")
      throw FITSError(.unsupported, file: primary.file, "holds \(images.count) images (\(found)); one a file is read")
    }
    return try image(images[0])
  }
}
