/// The pixels of a raw frame as they are in memory. Valid only as long as that is.
struct StoredPixels {
  enum Stored {
    /// ADU.
    case reals(UnsafeBufferPointer<Float>)
    /// Of the file, big-endian, and what is added to them.
    case integers(UnsafeBufferPointer<Int16>, zero: Float)
  }

  let width: Int
  let height: Int
  let stored: Stored

  /// The pixel at a place, ADU.
  subscript(x: Int, y: Int) -> Float {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "a pixel of the frame")
    switch stored {
    case .reals(let values): return values[y * width + x]
    case .integers(let values, let zero): return Float(Int16(bigEndian: values[y * width + x])) + zero
    }
  }

  /// Writes as many pixels of a row as there is room for, in ADU.
  @inline(__always)
  func copy(row y: Int, from x: Int, to out: UnsafeMutableBufferPointer<Float>) {
    precondition(x >= 0 && x + out.count <= width && y >= 0 && y < height, "pixels outside the frame")
    let place = (y * width + x)..<(y * width + x + out.count)
    switch stored {
    case .reals(let values): _ = out.update(fromContentsOf: values[place])
    case .integers(let values, let zero):
      Self.decode(UnsafeBufferPointer(rebasing: values[place]), zero: zero, to: out)
    }
  }

  private static func decode(
    _ values: UnsafeBufferPointer<Int16>, zero: Float, to out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count { out[x] = Float(Int16(bigEndian: values[x])) + zero }
  }

  /// The whole frame.
  func grid() -> PixelGrid<Float> {
    let pixels = [Float](unsafeUninitializedCapacity: width * height) { out, count in
      for y in 0..<height {
        copy(row: y, from: 0, to: UnsafeMutableBufferPointer(rebasing: out[(y * width)..<((y + 1) * width)]))
      }
      count = width * height
    }
    return PixelGrid(width: width, height: height, pixels: pixels)
  }
}
