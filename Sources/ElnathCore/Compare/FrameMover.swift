/// A frame brought onto the pixels of another one.
struct MovedFrame {
  /// On the other frame's grid; NaN where this one has nothing to compare.
  var image: [Float]
  /// As it enters the variance of a sum over several pixels.
  var variance: [Float]
  /// Variance of a single pixel in units of `variance`: resampling takes noise from a pixel and gives it to its
  /// neighbours, so that a sum keeps it. Empty for 1 everywhere.
  var dilution: [Float] = []
}

/// Brings a frame onto the pixels of another one, in the ways that there are.
final class FrameMover {
  /// How the pixels were moved.
  enum Way: String, Sendable {
    /// By whole pixels: no value changes.
    case whole
    /// By a fraction through Fourier space: undoes a shift that was made there, and is exact for what is sampled well.
    case fourier
    /// By resampling with Lanczos' kernel: for rotated frames, and where single pixels would ring.
    case lanczos
  }

  private let frame: MaskedImage
  /// Size of the grid to bring it onto.
  private let width: Int
  private let height: Int
  private let level: Float
  private let memory: FourierImage.Memory
  private var waves: FourierImage?
  /// Pixels that a move through Fourier space may use.
  private var nearby: [Bool]?

  init(
    _ frame: MaskedImage, ontoWidth width: Int, height: Int, memory: @escaping FourierImage.Memory
  ) {
    self.frame = frame
    self.memory = memory
    self.width = width
    self.height = height
    let level = frame.image.sampledMedian
    self.level = level.isFinite ? Float(level) : 0
  }

  /// Pixel (x, y) takes the value at (x + dx, y + dy).
  func whole(dx: Int, dy: Int) -> MovedFrame {
    take(frame.image, usable: usable(grown: 0, margin: 0), dx: dx, dy: dy)
  }

  /// Nil where memory does not suffice.
  func fourier(dx: Double, dy: Double) -> MovedFrame? {
    if waves == nil { waves = FourierImage(frame.image, level: level, memory: memory) }
    guard let waves else { return nil }
    let (x, y) = (dx.rounded(), dy.rounded())
    let moved = waves.moved(dx: dx - x, dy: dy - y)
    // Half a pixel further lies the next one; some pixels at the edge feel the opposite one.
    let usable = nearby ?? usable(grown: 1, margin: 8)
    nearby = usable
    return take(moved, usable: usable, dx: Int(x), dy: Int(y))
  }

  func lanczos(_ transform: SimilarityTransform) -> MovedFrame {
    let (columns, rows) = (frame.width, frame.height)
    var source = frame.image.pixels
    for i in source.indices where !frame.mask.pixels[i].isEmpty { source[i] = .nan }
    let resampling = Resampling(.lanczos3, transform: transform)
    let usable = usable(grown: 2, margin: 3)
    let count = width * height
    var moved = MovedFrame(
      image: [Float](repeating: .nan, count: count), variance: [Float](repeating: .nan, count: count),
      dilution: [Float](repeating: .nan, count: count))
    source.withUnsafeBufferPointer { source in
      frame.variance.pixels.withUnsafeBufferPointer { variance in
        for y in 0..<height {
          let own = (y * width)..<((y + 1) * width)
          moved.image.withUnsafeMutableBufferPointer { image in
            moved.dilution.withUnsafeMutableBufferPointer { dilution in
              resampling.row(
                y, of: Resampling.Source(values: source, columns: columns, first: 0),
                into: Resampling.Output(
                  values: UnsafeMutableBufferPointer(rebasing: image[own]),
                  variances: UnsafeMutableBufferPointer(rebasing: dilution[own])))
            }
          }
          let start = transform(PixelPoint(x: 0, y: Double(y)))
          let next = transform(PixelPoint(x: 1, y: Double(y)))
          for x in 0..<width {
            let i = y * width + x
            let column = Int((start.x + Double(x) * (next.x - start.x)).rounded())
            let row = Int((start.y + Double(x) * (next.y - start.y)).rounded())
            guard column >= 0, row >= 0, column < columns, row < rows, usable[row * columns + column] else {
              moved.image[i] = .nan
              continue
            }
            moved.variance[i] = variance[row * columns + column]
          }
        }
      }
    }
    return moved
  }

  /// Pixels to trust: those without a mark, nor one within `grown` pixels, nor the edge within `margin`.
  private func usable(grown: Int, margin: Int) -> [Bool] { Self.usable(frame, grown: grown, margin: margin) }

  static func usable(_ frame: MaskedImage, grown: Int, margin: Int) -> [Bool] {
    let (columns, rows) = (frame.width, frame.height)
    var usable = [Bool](repeating: true, count: columns * rows)
    usable.withUnsafeMutableBufferPointer { usable in
      frame.withPlanes { planes in
        for y in 0..<rows {
          for x in 0..<columns {
            let i = y * columns + x
            if x < margin || y < margin || x >= columns - margin || y >= rows - margin {
              usable[i] = false
            } else if !planes.mask[i].isEmpty || !planes.image[i].isFinite || !(planes.variance[i] >= 0) {
              for row in max(0, y - grown)...min(rows - 1, y + grown) {
                for column in max(0, x - grown)...min(columns - 1, x + grown) { usable[row * columns + column] = false }
              }
            }
          }
        }
      }
    }
    return usable
  }

  private func take(_ image: PixelGrid<Float>, usable: [Bool], dx: Int, dy: Int) -> MovedFrame {
    let count = width * height
    var moved = MovedFrame(
      image: [Float](repeating: .nan, count: count), variance: [Float](repeating: .nan, count: count))
    let columns = max(0, -dx)..<max(max(0, -dx), min(width, frame.width - dx))
    let rows = max(0, -dy)..<max(max(0, -dy), min(height, frame.height - dy))
    frame.variance.pixels.withUnsafeBufferPointer { variance in
      image.pixels.withUnsafeBufferPointer { pixels in
        usable.withUnsafeBufferPointer { usable in
          moved.image.withUnsafeMutableBufferPointer { out in
            moved.variance.withUnsafeMutableBufferPointer { outVariance in
              for y in rows {
                let from = (y + dy) * frame.width + dx
                for x in columns where usable[from + x] {
                  out[y * width + x] = pixels[from + x]
                  outVariance[y * width + x] = variance[from + x]
                }
              }
            }
          }
        }
      }
    }
    return moved
  }
}
