/// An image as it was read: row-major, in physical values (BSCALE and BZERO applied), NaN where the file has none.
public struct FITSImage: Sendable, Equatable {
  public var width: Int
  public var height: Int
  public var pixels: [Float] { didSet { highest = [] } }
  /// The highest value of each run of `run` pixels, -infinity where none has one; empty where nobody looked. A by-product
  /// of decoding: it saves a pass over all pixels for the few that are saturated.
  public private(set) var highest: [Float]

  /// Pixels that `highest` takes together; the last run may be shorter.
  public static let run = 1 << 15

  public init(width: Int, height: Int, pixels: [Float]) {
    self.init(width: width, height: height, pixels: pixels, highest: [])
  }

  init(width: Int, height: Int, pixels: [Float], highest: [Float]) {
    precondition(pixels.count == width * height, "storage must fill the image")
    self.width = width
    self.height = height
    self.pixels = pixels
    self.highest = highest
  }

  public static func == (one: FITSImage, other: FITSImage) -> Bool {
    one.width == other.width && one.height == other.height && one.pixels == other.pixels
  }
}
