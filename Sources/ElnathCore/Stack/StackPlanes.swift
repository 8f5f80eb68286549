/// The planes of a stack while it is made. Disjoint runs of pixels may be combined at the same time.
public final class StackPlanes: @unchecked Sendable {
  public let width: Int
  public let height: Int
  let image: UnsafeMutablePointer<Float>
  let variance: UnsafeMutablePointer<Float>
  let coverage: UnsafeMutablePointer<UInt16>
  let rejected: UnsafeMutablePointer<UInt16>
  let saturated: UnsafeMutablePointer<UInt16>

  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a stack has pixels")
    self.width = width
    self.height = height
    let count = width * height
    image = .allocate(capacity: count)
    variance = .allocate(capacity: count)
    coverage = .allocate(capacity: count)
    rejected = .allocate(capacity: count)
    saturated = .allocate(capacity: count)
    image.initialize(repeating: .nan, count: count)
    variance.initialize(repeating: .nan, count: count)
    coverage.initialize(repeating: 0, count: count)
    rejected.initialize(repeating: 0, count: count)
    saturated.initialize(repeating: 0, count: count)
  }

  deinit {
    image.deallocate()
    variance.deallocate()
    coverage.deallocate()
    rejected.deallocate()
    saturated.deallocate()
  }

  @inline(__always)
  func write(_ value: Float, _ variance: Float, given: Int, kept: Int, at place: Int) {
    image[place] = value
    self.variance[place] = variance
    coverage[place] = UInt16(clamping: given)
    rejected[place] = UInt16(clamping: given - kept)
  }

  /// Counts one more frame whose value at the pixel nearest to `point`, within `rows`, was saturated.
  public func countSaturated(at point: PixelPoint, within rows: Range<Int>) {
    let (x, y) = (point.x.rounded(), point.y.rounded())
    guard x >= 0, x < Double(width), y >= Double(rows.lowerBound), y < Double(rows.upperBound) else { return }
    saturated[Int(y) * width + Int(x)] &+= 1
  }

  /// What was combined so far; pixels that no frame covers are NaN with coverage 0.
  public func stack() -> Stack {
    let count = width * height
    func grid<Value>(_ values: UnsafeMutablePointer<Value>) -> PixelGrid<Value> {
      PixelGrid(width: width, height: height, pixels: Array(UnsafeBufferPointer(start: values, count: count)))
    }
    return Stack(
      image: grid(image), variance: grid(variance), coverage: grid(coverage), rejected: grid(rejected),
      saturated: grid(saturated))
  }
}

/// An image made of many.
public struct Stack: Sendable {
  public var image: PixelGrid<Float>
  /// Of the image, in its unit squared. Where the noise of the frames is unknown it comes from the scatter of the values
  /// kept, which a clip at three makes 3 per cent too small; NaN where one value is left. It is that of a single pixel: in
  /// a resampled stack neighbours correlate, and a sum over many has `correlation` times the sum of theirs.
  public var variance: PixelGrid<Float>
  /// Frames with a value here.
  public var coverage: PixelGrid<UInt16>
  /// Those of them whose value was left out.
  public var rejected: PixelGrid<UInt16>
  /// Frames that were saturated here, to the nearest pixel; 0 where that was not asked.
  public var saturated: PixelGrid<UInt16>
  /// Variance of a sum over many pixels in units of the sum of `variance`; 1 where nothing was resampled.
  public var correlation = 1.0
}
