/// Sums along the rows and columns of an amplifier, of the pixels in a range of values, while its rows pass by.
///
/// Of deviations from the level: single precision holds a band of rows of them.
struct ProfileSums {
  private let range: ClosedRange<Float>
  private let level: Float
  private let width: Int
  private let height: Int
  /// Of each row that was finished.
  private var rows: [Double] = []
  /// Of the columns, over a band of rows and over all bands before it.
  private var band: [Float]
  private var columns: [Double]
  private var counts: [Int32]
  /// The deviations of the last rows, and what they have in common: a sum along a row waits for itself with every pixel,
  /// so that four go on at a time.
  private var deviations: [Float]
  private var rowCounts: [Int32] = []

  private static let lanes = 4
  private static let bandRows = 64

  init(area: PixelRectangle, range: ClosedRange<Float>, level: Float) {
    self.range = range
    self.level = level
    (width, height) = (area.width, area.height)
    band = [Float](repeating: 0, count: area.width)
    columns = [Double](repeating: 0, count: area.width)
    counts = [Int32](repeating: 0, count: area.width)
    deviations = [Float](repeating: 0, count: Self.lanes * area.width)
  }

  /// The next row.
  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    precondition(values.count == width, "rows must have one length")
    let (low, high, level) = (range.lowerBound, range.upperBound, level)
    let place = rowCounts.count * width
    var count: Int32 = 0
    deviations.withUnsafeMutableBufferPointer { all in
      let out = UnsafeMutableBufferPointer(rebasing: all[place..<(place + values.count)])
      counts.withUnsafeMutableBufferPointer { counts in
        for x in 0..<values.count {
          let one: Int32 = values[x] >= low && values[x] <= high ? 1 : 0
          let deviation = values[x] - level
          out[x] = Float(bitPattern: deviation.bitPattern & UInt32(bitPattern: 0 &- one))
          counts[x] &+= one
          count &+= one
        }
      }
      band.withUnsafeMutableBufferPointer { band in
        for x in 0..<out.count { band[x] += out[x] }
      }
    }
    rowCounts.append(count)
    let done = rows.count + rowCounts.count
    if rowCounts.count == Self.lanes || done == height { finishRows() }
    if done % Self.bandRows == 0 || done == height { finishBand() }
  }

  private mutating func finishRows() {
    let sums = deviations.withUnsafeBufferPointer { all in
      Self.sums(
        UnsafeBufferPointer(rebasing: all[..<width]), UnsafeBufferPointer(rebasing: all[width..<(2 * width)]),
        UnsafeBufferPointer(rebasing: all[(2 * width)..<(3 * width)]),
        UnsafeBufferPointer(rebasing: all[(3 * width)...]))
    }
    for (sum, count) in zip(sums, rowCounts) { rows.append(count > 0 ? Double(sum) / Double(count) : .nan) }
    rowCounts.removeAll(keepingCapacity: true)
  }

  private static func sums(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ c: UnsafeBufferPointer<Float>,
    _ d: UnsafeBufferPointer<Float>
  ) -> [Float] {
    precondition(b.count == a.count && c.count == a.count && d.count == a.count, "rows must have one length")
    var (p, q, r, s) = (Float(0), Float(0), Float(0), Float(0))
    for x in 0..<a.count {
      p += a[x]
      q += b[x]
      r += c[x]
      s += d[x]
    }
    return [p, q, r, s]
  }

  private mutating func finishBand() {
    for x in 0..<width {
      columns[x] += Double(band[x])
      band[x] = 0
    }
  }

  /// Mean deviation of each row and of each column; NaN for those without a pixel in the range.
  func means() -> (rows: [Double], columns: [Double]) {
    (rows, zip(columns, counts).map { $1 > 0 ? $0 / Double($1) : .nan })
  }
}
