/// The excess of the pixels of some flats over the master of all, one byte for each: whole steps of a twentieth of a
/// standard deviation, which adds less than 1/4000 to the variance of a pull.
///
/// Disjoint parts of the frame may be filled at the same time; all of it must be before anything is looked at.
public final class FlatPulls: @unchecked Sendable {
  public let width: Int
  public let height: Int
  /// Of each frame.
  private let noise: [(constant: Float, linear: Float)]
  private let planes: [UnsafeMutableBufferPointer<Int8>]

  /// Of a standard deviation: so that the sum over a box of 15 pixels fits into 16 bits.
  static let steps: Float = 20
  /// One wild pixel is a cosmic ray, which the clipping takes; a wide box must not grow from it.
  private static let limit: Float = 6

  /// - Parameter noise: of each frame, in units of the master.
  public init(width: Int, height: Int, noise: [MasterCombination.Noise]) {
    precondition(width > 0 && height > 0, "a flat has pixels")
    (self.width, self.height) = (width, height)
    self.noise = noise.map { (Float($0.constant), Float($0.linear)) }
    planes = noise.map { _ in .allocate(capacity: width * height) }
  }

  deinit {
    for plane in planes { plane.deallocate() }
  }

  public var frames: Int { planes.count }

  /// Row after row.
  func plane(ofFrame frame: Int) -> UnsafeBufferPointer<Int8> { UnsafeBufferPointer(planes[frame]) }

  /// Fills the pixels of `area`, those of `band` row after row, each frame divided by its level; `master` is what was
  /// combined of them.
  public func fill(_ area: PixelRectangle, from band: CombinationBand, over master: MasterPlanes) {
    precondition(area.fits(width: width, height: height) && band.frames == frames, "outside the frames")
    master.withImage { image in
      for frame in planes.indices {
        for row in 0..<area.height {
          let place = (area.y + row) * width + area.x
          band.forEachPiece(of: area.width, frame: frame, at: row * area.width) { done, values in
            let pixels = (place + done)..<(place + done + values.count)
            fill(frame, pixels, values, over: UnsafeBufferPointer(rebasing: image[pixels]))
          }
        }
      }
    }
  }

  /// Fills some pixels of a frame; 0 for a pixel without a value.
  func fill(
    _ frame: Int, _ pixels: Range<Int>, _ values: UnsafeBufferPointer<Float>, over master: UnsafeBufferPointer<Float>
  ) {
    let (constant, linear) = noise[frame]
    Self.fill(
      values, over: master, constant: constant, linear: linear,
      into: UnsafeMutableBufferPointer(rebasing: planes[frame][pixels]))
  }

  private static func fill(
    _ values: UnsafeBufferPointer<Float>, over master: UnsafeBufferPointer<Float>, constant: Float, linear: Float,
    into out: UnsafeMutableBufferPointer<Int8>
  ) {
    precondition(values.count == out.count && master.count == out.count, "rows must have one length")
    // A float as large as this has no room for a fraction: adding it rounds to even, and its bits count the steps.
    let large = Float(3 << 22)
    let offset = Int32(bitPattern: large.bitPattern)
    for x in 0..<out.count {
      // Never negative, which only `magnitude` tells the compiler: else the root may leave an error number behind, and
      // the loop does not run on vectors.
      let sigma = (constant + linear * max(master[x], 0)).magnitude.squareRoot()
      let pull = (values[x] - master[x]) / sigma
      let cut = min(max(pull, -limit), limit) * steps + large
      // A mask instead of a branch, so that the loop runs on vectors.
      let given: Int32 = pull == pull ? ~0 : 0
      out[x] = Int8(truncatingIfNeeded: (Int32(bitPattern: cut.bitPattern) &- offset) & given)
    }
  }
}
