/// The smooth background of a frame and its noise, as a mesh of boxes: in each box the mean of pixels clipped about their
/// median, over the mesh a 3 x 3 median, between box centres linear interpolation (after Bertin & Arnouts 1996,
/// A&AS 117, 393, section 3). The noise comes from differences of neighbouring pixels, so that the slope of a nebula or
/// of twilight is not taken for noise.
///
/// A box is sampled, not read in full: with a few hundred pixels its level is good to 0.06 of the noise of a pixel,
/// which detection does not notice.
public struct BackgroundMesh: Sendable {
  public let columns: Int
  public let rows: Int
  /// Level (e-) and noise of one pixel (e-) at the box centres, row-major; NaN nowhere unless the frame has no usable
  /// pixel at all.
  public private(set) var level: [Float]
  public private(set) var sigma: [Float]
  /// Medians over the mesh; NaN without a usable pixel.
  public private(set) var medianLevel: Double
  public private(set) var medianSigma: Double

  let width: Int
  let height: Int
  /// 0, 1, 2 ... for as many pixels as a box has at most.
  private let ramp: [Float]

  /// Pixels that tell nothing of the sky.
  static let unusable: PixelMask = [.bad, .saturated, .bleed, .cosmicRay, .noData, .satellite]

  public init(of image: MaskedImage, boxSize: Int = 64, samples: Int = 256) {
    self.init(of: image.image, mask: image.mask, boxSize: boxSize, samples: samples)
  }

  init(of image: PixelGrid<Float>, mask: PixelGrid<PixelMask>, boxSize: Int = 64, samples: Int = 256) {
    precondition(image.width == mask.width && image.height == mask.height, "planes must have one shape")
    precondition(boxSize > 0 && samples > 0, "boxes and samples are counted from 1")
    let width = image.width
    let height = image.height
    let columns = max(1, (width + boxSize / 2) / boxSize)
    let rows = max(1, (height + boxSize / 2) / boxSize)
    var levels = [Float](repeating: .nan, count: columns * rows)
    var sigmas = levels
    var box = BoxStatistics(capacity: 4 * samples + 4 * boxSize)
    image.pixels.withUnsafeBufferPointer { pixels in
      mask.pixels.withUnsafeBufferPointer { mask in
        for row in 0..<rows {
          for column in 0..<columns {
            let x = column * width / columns..<(column + 1) * width / columns
            let y = row * height / rows..<(row + 1) * height / rows
            box.collect(pixels: pixels, mask: mask, stride: width, x: x, y: y, samples: samples)
            if let result = box.clipped() {
              levels[row * columns + column] = result.level
              sigmas[row * columns + column] = result.sigma
            }
          }
        }
      }
    }
    self.width = width
    self.height = height
    self.columns = columns
    self.rows = rows
    ramp = (0...(width / columns + 1)).map(Float.init)
    level = Self.smoothed(levels, columns: columns, rows: rows)
    sigma = Self.smoothed(sigmas, columns: columns, rows: rows)
    medianLevel = Median.of(level.map(Double.init))
    medianSigma = Median.of(sigma.map(Double.init))
  }

  /// Each box by the median of its 3 x 3 neighbourhood; a box without a value takes the median of the nearest that
  /// have one. So one box on a bright star leaves no trace.
  private static func smoothed(_ values: [Float], columns: Int, rows: Int) -> [Float] {
    let everywhere = Float(Median.of(values.map(Double.init)))
    var result = values
    var near: [Double] = []
    for row in 0..<rows {
      for column in 0..<columns {
        if let middle = middle(values, columns: columns, rows: rows, column, row) {
          result[row * columns + column] = middle
          continue
        }
        var reach = 1
        repeat {
          near.removeAll(keepingCapacity: true)
          for j in max(0, row - reach)...min(rows - 1, row + reach) {
            for i in max(0, column - reach)...min(columns - 1, column + reach) where !values[j * columns + i].isNaN {
              near.append(Double(values[j * columns + i]))
            }
          }
          reach += 1
        } while near.isEmpty && reach <= 4
        result[row * columns + column] = near.isEmpty ? everywhere : Float(Median.inPlace(&near))
      }
    }
    return result
  }

  /// The median of a box and its eight neighbours; nil where not all of these are there and have a value.
  private static func middle(_ values: [Float], columns: Int, rows: Int, _ column: Int, _ row: Int) -> Float? {
    guard row > 0, row < rows - 1, column > 0, column < columns - 1 else { return nil }
    let places = (row - 1...row + 1).lazy.map { $0 * columns + column }
    // Each three in order: the median is that of the largest low, the middle middle and the smallest high one.
    var (low, middle, high) = (-Float.infinity, SIMD3<Float>(), Float.infinity)
    for (k, i) in places.enumerated() {
      let (a, b, c) = (values[i - 1], values[i], values[i + 1])
      guard (a + b + c).isFinite else { return nil }
      low = max(low, min(a, b, c))
      middle[k] = max(min(a, b), min(max(a, b), c))
      high = min(high, max(a, b, c))
    }
    let centre = max(min(middle[0], middle[1]), min(max(middle[0], middle[1]), middle[2]))
    return max(min(low, centre), min(max(low, centre), high))
  }

  /// Place of pixel `index` between box centres: lower box and fraction of the way to the next one. The outermost half
  /// box keeps the value of its centre.
  private static func place(_ index: Double, boxes: Int, extent: Int) -> (lower: Int, fraction: Float) {
    let place = (index + 0.5) * Double(boxes) / Double(extent) - 0.5
    let lower = min(max(0, Int(place.rounded(.down))), max(0, boxes - 2))
    return (lower, boxes == 1 ? 0 : Float(min(max(place - Double(lower), 0), 1)))
  }

  /// Background level at a place, e-.
  public func level(at point: PixelPoint) -> Double { Double(Self.value(of: level, self, at: point)) }

  /// Noise of one pixel at a place, e-.
  public func sigma(at point: PixelPoint) -> Double { Double(Self.value(of: sigma, self, at: point)) }

  private static func value(of plane: [Float], _ mesh: BackgroundMesh, at point: PixelPoint) -> Float {
    let (i, u) = place(point.x, boxes: mesh.columns, extent: mesh.width)
    let (j, v) = place(point.y, boxes: mesh.rows, extent: mesh.height)
    let right = min(i + 1, mesh.columns - 1)
    let upper = min(j + 1, mesh.rows - 1)
    let low = plane[j * mesh.columns + i] * (1 - u) + plane[j * mesh.columns + right] * u
    let high = plane[upper * mesh.columns + i] * (1 - u) + plane[upper * mesh.columns + right] * u
    return low * (1 - v) + high * v
  }

  /// Levels along row `y`, for each of the `width` pixels.
  func fill(row y: Int, into line: UnsafeMutableBufferPointer<Float>) {
    let (j, v) = Self.place(Double(y), boxes: rows, extent: height)
    let upper = min(j + 1, rows - 1)
    func node(_ i: Int) -> Float { level[j * columns + i] * (1 - v) + level[upper * columns + i] * v }
    let step = Double(width) / Double(columns)
    let ramp = ramp.span
    var x = 0
    for i in -1..<columns {
      // From the centre of box i to the next centre; flat before the first and after the last.
      let end = i == columns - 1 ? width : min(width, Int(((Double(i) + 1.5) * step - 0.5).rounded(.up)))
      let from = node(max(i, 0))
      let slope = (node(min(i + 1, columns - 1)) - from) / Float(step)
      let start = from + slope * Float(Double(x) - ((Double(i) + 0.5) * step - 0.5))
      let piece = UnsafeMutableBufferPointer(rebasing: line[x..<max(x, end)])
      for k in 0..<piece.count { piece[k] = start + slope * ramp[k] }
      x = max(x, end)
    }
  }
}
