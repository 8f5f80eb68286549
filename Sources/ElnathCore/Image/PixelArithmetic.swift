extension PixelGrid where Element == Float {
  /// This grid minus `scale` times another of the same size.
  public func minus(_ other: PixelGrid<Float>, scale: Float = 1) -> PixelGrid<Float> {
    precondition(other.width == width && other.height == height, "grids must have one size")
    var result = self
    other.pixels.withUnsafeBufferPointer { other in
      result.pixels.withUnsafeMutableBufferPointer { pixels in
        for i in 0..<pixels.count { pixels[i] -= scale * other[i] }
      }
    }
    return result
  }

  public func divided(by divisor: Float) -> PixelGrid<Float> {
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for i in 0..<pixels.count { pixels[i] /= divisor }
    }
    return result
  }

  /// Median of some ten thousand pixels spread over the grid; NaN without any finite one.
  public var sampledMedian: Double {
    // An odd step that shares no factor with common widths visits all columns.
    let step = max(1, pixels.count / 10_007) | 1
    return Median.of(stride(from: 0, to: pixels.count, by: step).map { Double(pixels[$0]) })
  }
}

extension PixelGrid where Element == PixelMask {
  /// What this mask or another of the same size says of each pixel.
  public func union(_ other: PixelGrid<PixelMask>) -> PixelGrid<PixelMask> {
    precondition(other.width == width && other.height == height, "grids must have one size")
    var union = self
    union.pixels.withUnsafeMutableBufferPointer { union in
      let other = other.pixels.span
      for i in 0..<union.count { union[i] = PixelMask(rawValue: union[i].rawValue | other[i].rawValue) }
    }
    return union
  }
}
