/// Carries rows of a frame over to the pixels of the reference frame, with their variance.
public struct Resampling: Sendable {
  public let kernel: ResamplingKernel
  /// From the reference frame to the frame.
  public let transform: FrameTransform
  private let table: [Float]

  public init(_ kernel: ResamplingKernel, transform: FrameTransform) {
    self.kernel = kernel
    self.transform = transform
    table = kernel.weights()
  }

  @_disfavoredOverload
  public init(_ kernel: ResamplingKernel, transform: SimilarityTransform) {
    self.init(kernel, transform: FrameTransform(transform))
  }

  /// Whole rows of a frame one after another, from which values are taken.
  public struct Source {
    let values: UnsafeBufferPointer<Float>
    let variances: UnsafeBufferPointer<Float>?
    let columns: Int
    let first: Int
    let rows: Int

    /// - Parameters:
    ///   - values: from row `first` of the frame on; NaN where there is no value.
    ///   - variances: of the values, in the same layout; nil where each is 1.
    public init(
      values: UnsafeBufferPointer<Float>, variances: UnsafeBufferPointer<Float>? = nil, columns: Int, first: Int
    ) {
      precondition(
        columns > 0 && values.count % columns == 0 && (variances?.count ?? values.count) == values.count, "whole rows")
      self.values = values
      self.variances = variances
      self.columns = columns
      self.first = first
      rows = values.count / columns
    }
  }

  /// A row of the resampled frame.
  public struct Output {
    let values: UnsafeMutableBufferPointer<Float>
    let variances: UnsafeMutableBufferPointer<Float>

    public init(values: UnsafeMutableBufferPointer<Float>, variances: UnsafeMutableBufferPointer<Float>) {
      precondition(values.count == variances.count, "every value has its variance")
      self.values = values
      self.variances = variances
    }

    @inline(__always)
    func write(_ result: (value: Float, variance: Float), at x: Int) {
      values[x] = result.value
      variances[x] = result.variance
    }

    func clear(_ columns: Range<Int>) {
      values[columns].update(repeating: .nan)
      variances[columns].update(repeating: .nan)
    }
  }

  /// A piece of a row of the reference frame on which places follow one another in equal steps.
  struct Segment {
    var columns: Range<Int>
    var start: PixelPoint
    var step: (x: Double, y: Double)

    @inline(__always)
    func place(_ x: Int) -> PixelPoint {
      let k = Double(x - columns.lowerBound)
      return PixelPoint(x: start.x + k * step.x, y: start.y + k * step.y)
    }
  }

  /// Columns after which a bent row is taken up anew: a frame whose corners are bent by 3 px of 4096 stays within
  /// 0.001 px.
  private static let pieceOfBent = 32

  /// The pieces of row `y`, of `width` columns.
  func forEachSegment(_ y: Int, width: Int, _ body: (Segment) -> Void) {
    let length = transform.isStraight ? width : Self.pieceOfBent
    for first in stride(from: 0, to: width, by: length) {
      let columns = first..<min(first + length, width)
      let start = transform(PixelPoint(x: Double(first), y: Double(y)))
      let end = transform(PixelPoint(x: Double(columns.upperBound), y: Double(y)))
      let count = Double(columns.count)
      body(
        Segment(columns: columns, start: start, step: (x: (end.x - start.x) / count, y: (end.y - start.y) / count)))
    }
  }

  /// Rows of the frame, of `height`, that `rows` of the reference frame of `width` columns take their values from; empty
  /// where none.
  public func sourceRows(for rows: Range<Int>, width: Int, height: Int) -> Range<Int> {
    var (least, most) = (Double.infinity, -Double.infinity)
    let step = transform.isStraight ? max(1, width - 1) : 64
    // Between the knots and along the sides a bent edge may reach half a pixel further.
    let bend = transform.isStraight ? 0.0 : 1.0
    for x in Array(stride(from: 0, to: width, by: step)) + [width - 1] {
      for y in [rows.lowerBound, rows.upperBound - 1] {
        let place = transform(PixelPoint(x: Double(x), y: Double(y))).y
        (least, most) = (min(least, place), max(most, place))
      }
    }
    let reach = Double(kernel.reach) * (kernel == .area ? 1 + transform.scale : 1) + bend
    let low = max(0, min(Double(height), least - reach))
    let high = max(0, min(Double(height), most + reach + 2))
    return Int(low)..<max(Int(low), Int(high))
  }

  /// One row of the reference frame; NaN where the frame has nothing.
  ///
  /// - Parameter source: at least the `sourceRows` of this row.
  public func row(_ y: Int, of source: Source, into output: Output) {
    forEachSegment(y, width: output.values.count) { segment in
      let last = segment.place(segment.columns.upperBound - 1)
      // Places beyond any frame, which would not fit into integers.
      guard [segment.start, last].allSatisfy({ abs($0.x) < 1e9 && abs($0.y) < 1e9 }) else {
        output.clear(segment.columns)
        return
      }
      if kernel == .area {
        area(segment, row: y, source, output)
      } else if kernel == .bilinear {
        bilinear(segment, source, output)
      } else {
        for x in segment.columns { output.write(windowed(segment.place(x), source), at: x) }
      }
    }
  }

  private func area(_ segment: Segment, row y: Int, _ source: Source, _ output: Output) {
    func exactly(_ columns: Range<Int>) {
      AreaOverlap.write(columns, row: y, of: source, transform: transform, into: output)
    }
    // The side that rises from row to row, in the middle of the segment.
    let middle = Double(segment.columns.lowerBound + segment.columns.upperBound - 1) / 2
    let (below, above) = (
      transform(PixelPoint(x: middle, y: Double(y) - 0.5)), transform(PixelPoint(x: middle, y: Double(y) + 0.5))
    )
    let sides = AreaRun.Sides(segment, rising: (above.x - below.x, above.y - below.y))
    var corners = segment
    corners.start.x += 0.5 - (sides.u.x + sides.v.x) / 2
    corners.start.y += 0.5 - (sides.u.y + sides.v.y) / 2
    var x = segment.columns.lowerBound
    while x < segment.columns.upperBound {
      guard let run = BilinearRun(corners, from: x, in: source) else { return exactly(x..<segment.columns.upperBound) }
      let quick = AreaRun(run, of: corners, sides: sides)
      exactly(run.columns.lowerBound..<max(run.columns.lowerBound, quick.inside.lowerBound))
      if quick.write(from: source, into: output) {
        for x in quick.inside where output.values[x].isNaN { exactly(x..<(x + 1)) }
      }
      exactly(max(run.columns.lowerBound, quick.inside.upperBound)..<run.columns.upperBound)
      x = run.columns.upperBound
    }
  }

  private func bilinear(_ segment: Segment, _ source: Source, _ output: Output) {
    var x = segment.columns.lowerBound
    while x < segment.columns.upperBound {
      guard let run = BilinearRun(segment, from: x, in: source) else {
        for x in segment.columns { output.write(interpolated(segment.place(x), source), at: x) }
        return
      }
      for x in run.columns where !run.inside.contains(x) {
        output.write(interpolated(segment.place(x), source), at: x)
      }
      if run.write(from: source, into: output) {
        for x in run.inside where output.values[x].isNaN {
          output.write(interpolated(segment.place(x), source), at: x)
        }
      }
      x = run.columns.upperBound
    }
  }

  /// The value of a place by four pixels.
  private func interpolated(_ place: PixelPoint, _ source: Source) -> (value: Float, variance: Float) {
    let (ix, iy) = (place.x.rounded(.down), place.y.rounded(.down))
    let (fx, fy) = (Float(place.x - ix), Float(place.y - iy))
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { weights in
      (weights[0], weights[1], weights[2], weights[3]) = (1 - fx, fx, 1 - fy, fy)
      let base = UnsafePointer(weights.baseAddress!)
      return gathered(place, x0: Int(ix), y0: Int(iy), wx: base, wy: base + 2, source)
    }
  }

  /// The value of a place by the table of weights.
  private func windowed(_ place: PixelPoint, _ source: Source) -> (value: Float, variance: Float) {
    let reach = kernel.reach
    let taps = 2 * reach
    let (ix, iy) = (place.x.rounded(.down), place.y.rounded(.down))
    let steps = Double(ResamplingKernel.steps)
    return table.withUnsafeBufferPointer { table in
      let wx = table.baseAddress! + Int(((place.x - ix) * steps).rounded()) * taps
      let wy = table.baseAddress! + Int(((place.y - iy) * steps).rounded()) * taps
      let (x0, y0) = (Int(ix) - reach + 1, Int(iy) - reach + 1)
      let row = y0 - source.first
      if x0 >= 0, row >= 0, x0 + taps <= source.columns, row + taps <= source.rows {
        let first = row * source.columns + x0
        var (sum, variance): (Float, Float) = (0, 0)
        for j in 0..<taps {
          let line = source.values.baseAddress! + first + j * source.columns
          var own: Float = 0
          for i in 0..<taps { own += wx[i] * line[i] }
          sum += wy[j] * own
        }
        if !sum.isNaN {
          for j in 0..<taps {
            var own: Float = 0
            if let variances = source.variances {
              let line = variances.baseAddress! + first + j * source.columns
              for i in 0..<taps { own += wx[i] * wx[i] * line[i] }
            } else {
              for i in 0..<taps { own += wx[i] * wx[i] }
            }
            variance += wy[j] * wy[j] * own
          }
          return (sum, variance)
        }
      }
      return gathered(place, x0: x0, y0: y0, wx: wx, wy: wy, source)
    }
  }

  /// The same where pixels may be missing: at a gap or at the edge.
  private func gathered(
    _ place: PixelPoint, x0: Int, y0: Int, wx: UnsafePointer<Float>, wy: UnsafePointer<Float>, _ source: Source
  ) -> (value: Float, variance: Float) {
    let taps = 2 * kernel.reach
    let y = place.y - Double(source.first)
    // The middle of the pixel must lie on the frame.
    guard place.x >= -0.5, place.x <= Double(source.columns) - 0.5, y >= -0.5, y <= Double(source.rows) - 0.5 else {
      return (.nan, .nan)
    }
    var (sum, variance, weight, given, all): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
    for j in 0..<taps {
      for i in 0..<taps {
        let w = wx[i] * wy[j]
        all += abs(w)
        let (column, row) = (x0 + i, y0 + j - source.first)
        guard column >= 0, column < source.columns, row >= 0, row < source.rows else { continue }
        let value = source.values[row * source.columns + column]
        guard !value.isNaN, w != 0 else { continue }
        weight += w
        given += abs(w)
        sum += w * value
        variance += w * w * (source.variances?[row * source.columns + column] ?? 1)
      }
    }
    guard given > 0.5 * all, weight > 0.25 else { return (.nan, .nan) }
    return (sum / weight, variance / (weight * weight))
  }
}

extension FrameTransform {
  /// True where equal steps along a row are equal steps on the frame.
  var isStraight: Bool { kind == .similarity || kind == .affine }
}
