/// What `BinnedSky` makes of a frame.
struct SkyBoxes {
  /// Pixels along the side of a box.
  var bin: Int
  var columns: Int
  var rows: Int
  /// Row-major, in units of the noise of a box.
  var deviations: [Float]
}

/// A frame in coarse square boxes, for what is faint but long.
enum BinnedSky {
  /// No pixel counts for more than this many times its noise, nor a box.
  private static let pixelLimit: Float = 3
  private static let boxLimit: Float = 4

  /// For each box of `bin` x `bin` pixels the light above the background mesh in units of the noise of a box, cut off on
  /// both sides; row-major, `width / bin` columns. Pixels that tell nothing of the sky count as background.
  static func deviations(of image: SearchedImage, mesh: BackgroundMesh, bin: Int) -> [Float] {
    let width = image.width
    let (columns, rows) = (width / bin, image.height / bin)
    // Large boxes are sampled: a trail is some rows broad.
    let step = max(1, bin / 4)
    var boxes = [Float](repeating: 0, count: columns * rows)
    var memory = [Float](repeating: 0, count: 3 * width)
    memory.withUnsafeMutableBufferPointer { memory in
      let level = UnsafeMutableBufferPointer(rebasing: memory[0..<width])
      let limit = UnsafeMutableBufferPointer(rebasing: memory[width..<(2 * width)])
      let sums = UnsafeMutableBufferPointer(rebasing: memory[(2 * width)...])
      image.image.pixels.withUnsafeBufferPointer { pixels in
        image.mask.pixels.withUnsafeBufferPointer { mask in
          for row in 0..<rows {
            let middle = row * bin + bin / 2
            mesh.fill(row: middle, into: level)
            let meshRow = min(middle * mesh.rows / image.height, mesh.rows - 1) * mesh.columns
            for column in 0..<mesh.columns {
              let sigma = mesh.sigma[meshRow + column]
              let some = (column * width / mesh.columns)..<((column + 1) * width / mesh.columns)
              for x in some { limit[x] = pixelLimit * sigma }
            }
            sums.update(repeating: 0)
            for y in stride(from: row * bin, to: (row + 1) * bin, by: step) {
              Prefetch.row(y + step, of: pixels, width: width)
              Prefetch.row(y + step, of: mask, width: width)
              let line = (y * width)..<((y + 1) * width)
              add(
                UnsafeBufferPointer(rebasing: pixels[line]), UnsafeBufferPointer(rebasing: mask[line]), level, limit,
                to: sums)
            }
            for column in 0..<columns {
              var sum: Float = 0
              for x in (column * bin)..<((column + 1) * bin) { sum += sums[x] }
              let noise =
                limit[column * bin + bin / 2] / pixelLimit * Float(bin * ((bin + step - 1) / step)).squareRoot()
              boxes[row * columns + column] = noise > 0 ? sum / noise : 0
            }
          }
        }
      }
    }
    // Pixels that are not independent, and crowds of faint stars, make boxes noisier than their pixels.
    let scale = max(1, Float(RobustScale.sigma(sample(boxes), about: 0)))
    for i in boxes.indices { boxes[i] = min(max(boxes[i] / scale, -boxLimit), boxLimit) }
    return boxes
  }

  private static func sample(_ boxes: [Float]) -> [Double] {
    let step = max(1, boxes.count / 10_007) | 1
    return stride(from: 0, to: boxes.count, by: step).map { Double(boxes[$0]) }
  }

  private static func add(
    _ pixels: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<PixelMask>,
    _ level: UnsafeMutableBufferPointer<Float>, _ limit: UnsafeMutableBufferPointer<Float>,
    to sums: UnsafeMutableBufferPointer<Float>
  ) {
    let hidden = BackgroundMesh.unusable.rawValue
    for x in 0..<sums.count {
      let value = pixels[x] - level[x]
      let cut = value > limit[x] ? limit[x] : (value < -limit[x] ? -limit[x] : value)
      let seen: UInt32 = (mask[x].rawValue & hidden) == 0 && value == value ? ~0 : 0
      sums[x] += Float(bitPattern: cut.bitPattern & seen)
    }
  }
}
