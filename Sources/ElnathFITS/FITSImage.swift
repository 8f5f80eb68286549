/// An image as it was read: row-major, in physical values (BSCALE and BZERO applied), NaN where the file has none.
public struct FITSImage: Sendable, Equatable {
  public var width: Int
  public var height: Int
  public var pixels: [Float]

  public init(width: Int, height: Int, pixels: [Float]) {
    precondition(pixels.count == width * height, "storage must fill the image")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
