/// The planes of a frame, or of a box of it, as the measuring loops read them. Valid only within `withPlanes`.
struct FramePlanes {
  let planes: ImagePlanes
  /// All of the same box.
  let adu: UnsafeBufferPointer<Float>
  let inverseFlat: UnsafeBufferPointer<Float>?
  let flatVariance: UnsafeBufferPointer<Float>?

  var width: Int { planes.width }
  var height: Int { planes.height }
  var image: UnsafeBufferPointer<Float> { planes.image }
  var mask: UnsafeBufferPointer<PixelMask> { planes.mask }

  /// The same pixels under another mask of the same box.
  func with(mask: UnsafeBufferPointer<PixelMask>) -> FramePlanes {
    FramePlanes(
      planes: ImagePlanes(
        width: planes.width, height: planes.height, box: planes.box, image: planes.image, variance: planes.variance,
        mask: mask), adu: adu, inverseFlat: inverseFlat, flatVariance: flatVariance)
  }

  @inline(__always)
  func index(_ x: Int, _ y: Int) -> Int { planes.index(x, y) }
}

/// A frame that gives its pixels box by box.
protocol PixelSource {
  var observation: Observation { get }
  var noise: NoiseModel { get }
  var amplifierNoise: [AmplifierNoise] { get }
  var width: Int { get }
  var height: Int { get }
  /// Hands out the pixels of a box, which must lie on the frame; there may be more of them.
  func withPlanes<Result>(in box: PixelRectangle, _ body: (FramePlanes) -> Result) -> Result
  /// The same of the pixels of a star; what lies beyond its region means nothing.
  func withPlanes<Result>(of region: StarRegion, _ body: (FramePlanes) -> Result) -> Result
  /// Tells which region is wanted after the next; nil for none.
  func expect(_ region: StarRegion?)
}

extension PixelSource {
  func expect(_ region: StarRegion?) {}

  func withPlanes<Result>(of region: StarRegion, _ body: (FramePlanes) -> Result) -> Result {
    withPlanes(in: region.box, body)
  }
}

extension Frame: PixelSource {
  func withPlanes<Result>(in box: PixelRectangle, _ body: (FramePlanes) -> Result) -> Result { withPlanes(body) }

  func withPlanes<Result>(_ body: (FramePlanes) -> Result) -> Result {
    precondition(adu.width == width && adu.height == height, "raw values must lie under the image")
    func open(_ grid: PixelGrid<Float>?, _ body: (UnsafeBufferPointer<Float>?) -> Result) -> Result {
      guard let grid else { return body(nil) }
      return grid.pixels.withUnsafeBufferPointer { body($0) }
    }
    return image.withPlanes { planes in
      adu.pixels.withUnsafeBufferPointer { adu in
        open(inverseFlat) { inverseFlat in
          open(flatVariance) { flatVariance in
            body(FramePlanes(planes: planes, adu: adu, inverseFlat: inverseFlat, flatVariance: flatVariance))
          }
        }
      }
    }
  }
}
