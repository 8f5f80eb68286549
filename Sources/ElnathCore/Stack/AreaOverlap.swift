/// Carries light over by area: each pixel of the reference frame, as a quadrilateral on the frame, takes from every pixel
/// the part that it covers. Neighbouring quadrilaterals share their corners, so no light is lost or counted twice.
///
/// The parts are exact: each side of the quadrilateral adds the area between itself and the right edge of the pixels that
/// it crosses, and the sums along each row are what is inside (Levien 2016, font-rs, on polygons).
enum AreaOverlap {
  /// Some pixels of a row of the reference frame; NaN where pixels with a value make up half of the area or less.
  static func write(
    _ columns: Range<Int>, row y: Int, of source: Resampling.Source, transform: FrameTransform,
    into output: Resampling.Output
  ) {
    guard !columns.isEmpty else { return }
    func corner(_ x: Int, _ y: Double) -> PixelPoint {
      let place = transform(PixelPoint(x: Double(x) - 0.5, y: y))
      // With the edges of pixels at whole numbers.
      return PixelPoint(x: place.x + 0.5, y: place.y + 0.5 - Double(source.first))
    }
    let (below, above) = (Double(y) - 0.5, Double(y) + 0.5)
    var left = (corner(columns.lowerBound, below), corner(columns.lowerBound, above))
    for x in columns {
      let right = (corner(x + 1, below), corner(x + 1, above))
      output.write(covered((left.0, right.0, right.1, left.1), source), at: x)
      left = right
    }
  }

  /// px; what is larger on the frame is not worked out.
  private static let largest = 100.0

  private typealias Quadrilateral = (PixelPoint, PixelPoint, PixelPoint, PixelPoint)

  private static func covered(_ q: Quadrilateral, _ source: Resampling.Source) -> (value: Float, variance: Float) {
    let (lowX, highX) = (min(min(q.0.x, q.1.x), min(q.2.x, q.3.x)), max(max(q.0.x, q.1.x), max(q.2.x, q.3.x)))
    let (lowY, highY) = (min(min(q.0.y, q.1.y), min(q.2.y, q.3.y)), max(max(q.0.y, q.1.y), max(q.2.y, q.3.y)))
    // Not a number compares false. No frame is a hundred times as coarse as another.
    guard highX > 0, highY > 0, lowX < Double(source.columns), lowY < Double(source.rows),
      highX - lowX < Self.largest, highY - lowY < Self.largest
    else { return (.nan, .nan) }
    let (x0, y0) = (Int(lowX.rounded(.down)), Int(lowY.rounded(.down)))
    let (width, height) = (Int(highX.rounded(.up)) - x0, Int(highY.rounded(.up)) - y0)
    // Two more, for what a side adds to the right of its last pixel.
    let stride = width + 2
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: stride * height) { cover in
      cover.initialize(repeating: 0)
      let corner = PixelPoint(x: Double(x0), y: Double(y0))
      // One after another: a list of them would be made anew for each pixel.
      add(from: q.0, to: q.1, corner: corner, cover.baseAddress!, stride: stride, height: height)
      add(from: q.1, to: q.2, corner: corner, cover.baseAddress!, stride: stride, height: height)
      add(from: q.2, to: q.3, corner: corner, cover.baseAddress!, stride: stride, height: height)
      add(from: q.3, to: q.0, corner: corner, cover.baseAddress!, stride: stride, height: height)
      var (all, given, sum, variance) = (0.0, 0.0, 0.0, 0.0)
      for j in 0..<height {
        var inside = 0.0
        for i in 0..<width {
          inside += cover[j * stride + i]
          // A mirrored frame turns the sides the other way round; what rounding leaves is nothing.
          let part = abs(inside)
          guard part > 1e-9 else { continue }
          all += part
          let (column, row) = (x0 + i, y0 + j)
          guard column >= 0, column < source.columns, row >= 0, row < source.rows else { continue }
          let value = source.values[row * source.columns + column]
          guard !value.isNaN else { continue }
          given += part
          sum += part * Double(value)
          variance += part * part * Double(source.variances?[row * source.columns + column] ?? 1)
        }
      }
      guard given > 0.5 * all else { return (.nan, .nan) }
      // What is missing is taken to be as bright as the rest.
      let share = all / given
      return (Float(sum * share), Float(variance * share * share))
    }
  }

  /// Adds what one side of a polygon, from `a` to `b`, covers: sums along a row of `cover` give the part of each pixel
  /// that lies to the right of the side, negative where it descends.
  private static func add(
    from a: PixelPoint, to b: PixelPoint, corner: PixelPoint, _ cover: UnsafeMutablePointer<Double>, stride: Int,
    height: Int
  ) {
    guard a.y != b.y else { return }
    let (low, high, sign) = a.y < b.y ? (a, b, 1.0) : (b, a, -1.0)
    let slope = (high.x - low.x) / (high.y - low.y)
    let (bottom, top) = (low.y - corner.y, high.y - corner.y)
    var x = low.x - corner.x
    var j = max(0, Int(bottom))
    while j < height, Double(j) < top {
      let rise = min(Double(j + 1), top) - max(Double(j), bottom)
      let next = x + slope * rise
      let d = sign * rise
      let (from, to) = (max(0, min(x, next)), min(Double(stride - 2), max(x, next)))
      let line = cover + j * stride
      let first = min(Int(from), stride - 2)
      if to <= Double(first + 1) {
        // Within one pixel.
        let right = d * (0.5 * (from + to) - Double(first))
        line[first] += d - right
        line[first + 1] += right
      } else {
        // Across several: the part beyond the side grows by a triangle, then evenly, and ends with a triangle.
        let perColumn = 1 / (to - from)
        var before = 0.0
        var i = first
        while Double(i) < to {
          let (start, end) = (max(from, Double(i)), min(to, Double(i + 1)))
          // How much of the rise is done in this column, and the area to the right of it within the column.
          let done = (end - start) * perColumn
          let area = before + done * (1 - (0.5 * (start + end) - Double(i)))
          // Sums along the row must come to `area` here and to all that is done in the next column.
          line[i] += d * (area - before)
          line[i + 1] += d * (before + done - area)
          before += done
          i += 1
        }
      }
      x = next
      j += 1
    }
  }
}
