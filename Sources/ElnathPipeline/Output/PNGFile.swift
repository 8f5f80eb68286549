import CPNG

/// Pictures as PNG files, through libpng: 8 bits a channel in the sRGB space.
enum PNGFile {
  enum Colours {
    case grey, rgb

    var channels: Int { self == .grey ? 1 : 3 }
  }

  /// - Parameter bytes: rows from top to bottom, without gaps, one or three bytes for each pixel.
  static func write(
    _ bytes: [UInt8], width: Int, height: Int, colours: Colours, to path: String
  ) throws(PipelineError) {
    try AtomicFile.write(try encoded(bytes, width: width, height: height, colours: colours, path: path), to: path)
  }

  static func encoded(
    _ bytes: [UInt8], width: Int, height: Int, colours: Colours, path: String
  ) throws(PipelineError) -> [UInt8] {
    let stride = width * colours.channels
    precondition(bytes.count == stride * height, "one row after another")
    guard let (columns, rows) = size(width, height) else {
      throw PipelineError(.cannotCreate, path, "\(width)x\(height) px are no size for a PNG file")
    }
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    (image.width, image.height) = (columns, rows)
    // Pictures of the sky are noise: to search long for what repeats takes three times as long and saves next to nothing.
    image.flags = UInt32(PNG_IMAGE_FLAG_FAST)
    image.format = colours == .grey ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)
    // More than a picture that cannot be compressed takes (libpng's PNG_IMAGE_PNG_SIZE_MAX): to ask libpng for the size
    // would compress it twice.
    let filtered = height * (stride + 1)
    var count = filtered + (filtered + 7) / 8 + (filtered + 63) / 64 + 1024
    var encoded = [UInt8](repeating: 0, count: count)
    guard png_image_write_to_memory(&image, &encoded, &count, 0, bytes, Int32(stride), nil) != 0 else {
      throw fault(image, path)
    }
    encoded.removeLast(encoded.count - min(count, encoded.count))
    return encoded
  }

  /// What libpng can hold; nil for anything else.
  private static func size(_ width: Int, _ height: Int) -> (UInt32, UInt32)? {
    guard (1...1_000_000).contains(width), (1...1_000_000).contains(height) else { return nil }
    return (UInt32(width), UInt32(height))
  }

  private static func fault(_ image: png_image, _ path: String) -> PipelineError {
    let text = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return PipelineError(.internalFault, path, "libpng refuses the picture: \(text)")
  }
}
