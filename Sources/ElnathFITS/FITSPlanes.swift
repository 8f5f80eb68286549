extension FITSFile {
  /// All image units of an uncompressed file that lie one behind another, the primary first: an image and the planes
  /// that go with it. Each with its name (EXTNAME, empty for none), its own cards and its values as `readImage` gives
  /// them; units of another size than the first are refused.
  public static func readPlanes(
    path: String
  ) throws(FITSError) -> [(name: String, header: FITSHeader, image: FITSImage)] {
    let file = try FileBytes(path: path)
    var planes: [(name: String, header: FITSHeader, image: FITSImage)] = []
    var offset = 0
    while let unit = try HeaderUnit(at: offset, in: file), ["", "IMAGE"].contains(unit.kind) {
      guard unit.axes.count == 2, unit.axes == planes.first.map({ [$0.image.width, $0.image.height] }) ?? unit.axes
      else {
        throw FITSError(.unsupported, file: path, "\(unit.summary): not the image or a plane of its size")
      }
      let decoding = try PixelDecoding(unit)
      // Cannot overflow: the unit's whole length does not.
      let count = unit.axes[0] * unit.axes[1]
      try file.requireData(count * decoding.bytesPerPixel, at: unit.dataOffset)
      let pixels = try decoding.read(count, at: unit.dataOffset, in: file)
      planes.append(
        (
          unit.header.text("EXTNAME") ?? "", unit.header,
          FITSImage(width: unit.axes[0], height: unit.axes[1], pixels: pixels)
        ))
      offset = unit.end
    }
    return planes
  }
}
