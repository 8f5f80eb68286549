/// Sums along all straight lines of a small image that are nearer to its columns than to its rows and lean to the right,
/// in N^2 log N additions (Brady 1998, SIAM J. Comput. 27, 107): the lines of a strip are put together from those of its
/// two halves.
struct DiscreteRadon {
  let columns: Int
  let rows: Int
  /// Rows of the transform: the next power of two.
  let side: Int
  /// Sums, `side` slopes of `stride` offsets each.
  private let sums: [Float]
  let stride: Int

  /// `image`: row-major.
  init(_ image: [Float], columns: Int, rows: Int) {
    precondition(image.count == columns * rows && rows > 0, "an image fills its shape")
    self.columns = columns
    self.rows = rows
    var side = 1
    while side < rows { side *= 2 }
    let stride = columns + side
    self.side = side
    self.stride = stride
    var from = [Float](repeating: 0, count: side * stride)
    for y in 0..<rows {
      for x in 0..<columns { from[y * stride + side + x] = image[y * columns + x] }
    }
    var to = from
    var height = 1
    while height < side {
      let strips = (rows + 2 * height - 1) / (2 * height)
      from.withUnsafeBufferPointer { from in
        to.withUnsafeMutableBufferPointer { to in
          for strip in 0..<strips {
            for slope in 0..<(2 * height) {
              let first = strip * 2 * height + slope / 2
              let shift = (slope + 1) / 2
              let low = UnsafeBufferPointer(rebasing: from[(first * stride)..<((first + 1) * stride)])
              let upper = (first + height) * stride + shift
              let high = UnsafeBufferPointer(rebasing: from[upper..<(upper + stride - shift)])
              let place = (strip * 2 * height + slope) * stride
              Self.add(low, high, into: UnsafeMutableBufferPointer(rebasing: to[place..<(place + stride)]))
            }
          }
        }
      }
      swap(&from, &to)
      height *= 2
    }
    sums = from
  }

  private static func add(
    _ low: UnsafeBufferPointer<Float>, _ high: UnsafeBufferPointer<Float>, into out: UnsafeMutableBufferPointer<Float>
  ) {
    let shared = high.count
    for i in 0..<shared { out[i] = low[i] + high[i] }
    for i in shared..<out.count { out[i] = low[i] }
  }

  /// The sums of one slope: at `i` that of the line from column `i - side` in row 0 to column `i - side + slope` in row
  /// `side - 1`.
  func withSums<Result>(ofSlope slope: Int, _ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
    sums.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[(slope * stride)..<((slope + 1) * stride)])) }
  }

  /// Rows in which the line of this slope and place `i` lies on the image.
  func rowsCovered(slope: Int, _ i: Int) -> Range<Int> {
    let column = Double(i - side)
    guard slope > 0 else { return i >= side ? 0..<rows : 0..<0 }
    let perRow = Double(slope) / Double(max(side - 1, 1))
    let first = max(0, Int(((-0.5 - column) / perRow).rounded(.up)))
    let last = min(rows, Int(((Double(columns) - 0.5 - column) / perRow).rounded(.up)))
    return first < last ? first..<last : 0..<0
  }
}
