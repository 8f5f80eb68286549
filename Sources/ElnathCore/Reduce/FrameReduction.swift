/// A raw frame with all that its reduction needs: the whole of it, or boxes where no more is wanted.
public struct FrameReduction: Sendable {
  public let raw: RawFrame
  public let noise: NoiseModel
  let row: RowReduction

  public var observation: Observation { raw.observation }
  /// Of the trimmed frame.
  public var width: Int { row.trim.width }
  public var height: Int { row.trim.height }

  /// The whole frame.
  public func frame() -> Frame {
    Frame(
      observation: observation, image: image(), adu: raw.adu.cropped(to: row.trim), inverseFlat: row.flat?.inverse,
      flatVariance: row.flat?.relativeVariance, noise: noise)
  }

  /// The whole frame, but for what belongs to its raw values and its flat. Each plane is written once: to clear them
  /// first would cost as much as the arithmetic.
  public func image() -> MaskedImage {
    let box = PixelRectangle(x: 0, y: 0, width: width, height: height)
    var variance: [Float] = []
    var mask: [PixelMask] = []
    let image = Self.written(width * height) { electrons in
      variance = Self.written(width * height) { variance in
        mask = Self.written(width * height) { mask in
          ReducedBox(box: box, electrons: electrons, variance: variance, mask: mask).write(raw.adu, by: row)
        }
      }
    }
    return MaskedImage(
      image: PixelGrid(width: width, height: height, pixels: image),
      variance: PixelGrid(width: width, height: height, pixels: variance),
      mask: PixelGrid(width: width, height: height, pixels: mask))
  }

  private static func written<Element>(
    _ count: Int, _ body: (UnsafeMutableBufferPointer<Element>) -> Void
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { memory, written in
      body(memory)
      written = count
    }
  }
}

extension FrameReduction: PixelSource {
  /// Reduces this box alone.
  func withPlanes<Result>(in box: PixelRectangle, _ body: (FramePlanes) -> Result) -> Result {
    precondition(box.fits(width: width, height: height), "box outside the frame")
    let count = box.width * box.height
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * count) { memory in
      withUnsafeTemporaryAllocation(of: PixelMask.self, capacity: count) { mask in
        func plane(_ k: Int) -> UnsafeMutableBufferPointer<Float> {
          UnsafeMutableBufferPointer(rebasing: memory[(k * count)..<((k + 1) * count)])
        }
        ReducedBox(box: box, electrons: plane(0), variance: plane(1), mask: mask).write(raw.adu, by: row)
        let rawBox = PixelRectangle(x: row.trim.x + box.x, y: row.trim.y + box.y, width: box.width, height: box.height)
        raw.adu.copy(rawBox, to: plane(2))
        if let flat = row.flat {
          flat.inverse.copy(box, to: plane(3))
          flat.relativeVariance.copy(box, to: plane(4))
        }
        let planes = ImagePlanes(
          width: width, height: height, box: box, image: UnsafeBufferPointer(plane(0)),
          variance: UnsafeBufferPointer(plane(1)), mask: UnsafeBufferPointer(mask))
        return body(
          FramePlanes(
            planes: planes, adu: UnsafeBufferPointer(plane(2)),
            inverseFlat: row.flat.map { _ in UnsafeBufferPointer(plane(3)) },
            flatVariance: row.flat.map { _ in UnsafeBufferPointer(plane(4)) }))
      }
    }
  }
}

/// Memory for the planes of a box of the trimmed frame.
private struct ReducedBox {
  let box: PixelRectangle
  let electrons: UnsafeMutableBufferPointer<Float>
  let variance: UnsafeMutableBufferPointer<Float>
  let mask: UnsafeMutableBufferPointer<PixelMask>

  func write(_ raw: PixelGrid<Float>, by row: RowReduction) {
    let columns = box.x..<(box.x + box.width)
    for j in 0..<box.height {
      let y = box.y + j
      let first = (row.trim.y + y) * raw.width + row.trim.x + box.x
      let line = raw.pixels.span.extracting(first..<(first + box.width))
      let place = (j * box.width)..<((j + 1) * box.width)
      var e = UnsafeMutableBufferPointer(rebasing: electrons[place]).mutableSpan
      var v = UnsafeMutableBufferPointer(rebasing: variance[place]).mutableSpan
      var m = UnsafeMutableBufferPointer(rebasing: mask[place]).mutableSpan
      row(y, columns: columns, adu: line, electrons: &e, variance: &v, mask: &m)
    }
  }
}
