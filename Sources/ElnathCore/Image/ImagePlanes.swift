/// The planes of an image, or of a box of it, as plain memory for loops over pixels: no copies, no checks. Places are
/// counted in the whole image whatever part of it is there. Valid only where it was handed out.
struct ImagePlanes {
  /// Of the whole image.
  let width: Int
  let height: Int
  /// The part that is in memory.
  let box: PixelRectangle
  let image: UnsafeBufferPointer<Float>
  let variance: UnsafeBufferPointer<Float>
  let mask: UnsafeBufferPointer<PixelMask>

  /// Where the pixel of column `x` and row `y`, which must lie in the box, stands in memory.
  @inline(__always)
  func index(_ x: Int, _ y: Int) -> Int { (y - box.y) * box.width + (x - box.x) }
}

extension MaskedImage {
  func withPlanes<Result>(_ body: (ImagePlanes) -> Result) -> Result {
    image.pixels.withUnsafeBufferPointer { pixels in
      variance.pixels.withUnsafeBufferPointer { variance in
        mask.pixels.withUnsafeBufferPointer { mask in
          body(
            ImagePlanes(
              width: width, height: height, box: PixelRectangle(x: 0, y: 0, width: width, height: height),
              image: pixels, variance: variance, mask: mask))
        }
      }
    }
  }
}
