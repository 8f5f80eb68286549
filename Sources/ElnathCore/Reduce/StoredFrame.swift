/// A raw frame as its file stores it.
public struct StoredFrame: Sendable {
  public let observation: Observation
  public let width: Int
  public let height: Int
  /// Row-major, big-endian.
  let integers: [Int16]
  /// What is added to them, ADU.
  let zero: Float
  /// Where high values are; nil where nobody looked.
  let peaks: PixelPeaks?

  public init(
    observation: Observation, width: Int, height: Int, integers: [Int16], zero: Float, peaks: PixelPeaks? = nil
  ) {
    precondition(integers.count == width * height, "storage must fill the frame")
    self.observation = observation
    self.width = width
    self.height = height
    self.integers = integers
    self.zero = zero
    self.peaks = peaks
  }

  /// The same with the pixels as numbers.
  func decoded() -> RawFrame {
    RawFrame(observation: observation, adu: withPixels { $0.grid() }, peaks: peaks)
  }

  func withPixels<Result>(_ body: (StoredPixels) -> Result) -> Result {
    integers.withUnsafeBufferPointer {
      body(StoredPixels(width: width, height: height, stored: .integers($0, zero: zero)))
    }
  }
}

extension StoredFrame: RawPixels {
  public func forEachRow(of rows: [Int], _ body: (_ y: Int, _ values: UnsafeBufferPointer<Float>) -> Void) {
    var row = [Float](repeating: 0, count: width)
    withPixels { pixels in
      for y in rows {
        row.withUnsafeMutableBufferPointer {
          pixels.copy(row: y, from: 0, to: $0)
          body(y, UnsafeBufferPointer($0))
        }
      }
    }
  }

  public func pixels(of rectangle: PixelRectangle) -> PixelGrid<Float> {
    let (width, height) = (rectangle.width, rectangle.height)
    let values = [Float](unsafeUninitializedCapacity: width * height) { out, count in
      withPixels { pixels in
        for y in 0..<height {
          pixels.copy(
            row: rectangle.y + y, from: rectangle.x,
            to: UnsafeMutableBufferPointer(rebasing: out[(y * width)..<((y + 1) * width)]))
        }
      }
      count = width * height
    }
    return PixelGrid(width: width, height: height, pixels: values)
  }
}

/// What a look at all pixels of a raw frame told that its reduction needs: it stays small, and a step that wants few of the
/// pixels need not look again.
public struct FrameLook: Sendable {
  let levels: [Overscan.Level?]
  /// Nil where no charge ran over.
  let bleeding: SparseMask?
}

extension FrameReduction {
  /// Nil for a frame that was reduced before. To be asked before trails and hot pixels are laid over the frame.
  public var look: FrameLook? {
    if case .reduced = pixels { return nil }
    return FrameLook(levels: levels, bleeding: events?.marks)
  }
}
