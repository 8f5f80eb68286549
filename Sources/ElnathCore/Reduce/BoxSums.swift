/// Sums over all boxes of an odd side that lie on an image, which is given row by row.
struct BoxSums {
  let side: Int
  /// Of the rows that the boxes hold now.
  private var columns: [Int32]
  /// Of five neighbouring columns.
  private var fives: [Int32]
  /// By the first column of each box.
  private(set) var boxes: [Int32]

  init(width: Int, side: Int) {
    precondition(side % 2 == 1 && side > 0 && side <= width, "a box around each of its middles")
    self.side = side
    columns = [Int32](repeating: 0, count: width)
    fives = side % 5 == 0 && side > 5 ? [Int32](repeating: 0, count: width - 4) : []
    boxes = [Int32](repeating: 0, count: width - side + 1)
  }

  /// Takes row `new` into the boxes and row `old` out of them.
  mutating func move(in new: UnsafeBufferPointer<Int16>, out old: UnsafeBufferPointer<Int16>) {
    columns.withUnsafeMutableBufferPointer { columns in
      precondition(columns.count == new.count && old.count == new.count, "rows must have one length")
      for x in 0..<new.count { columns[x] &+= Int32(new[x]) &- Int32(old[x]) }
    }
  }

  /// Makes `boxes` those of the rows taken in.
  mutating func sum() {
    if fives.isEmpty {
      Self.sum(columns, side, distance: 1, into: &boxes)
    } else {
      Self.sum(columns, 5, distance: 1, into: &fives)
      Self.sum(fives, side / 5, distance: 5, into: &boxes)
    }
  }

  /// Sums of so many values, each so far from the next, by adding whole rows: no sum waits for the one before it.
  private static func sum(_ values: [Int32], _ terms: Int, distance: Int, into sums: inout [Int32]) {
    let values = values.span
    var sums = sums.mutableSpan
    let count = sums.count
    precondition(values.count == count + (terms - 1) * distance, "a sum from each value on")
    func from(_ k: Int) -> Range<Int> { (k * distance)..<(k * distance + count) }
    var k: Int
    if terms >= 5 {
      let (a, b, c) = (values.extracting(from(0)), values.extracting(from(1)), values.extracting(from(2)))
      let (d, e) = (values.extracting(from(3)), values.extracting(from(4)))
      for x in 0..<count { sums[x] = (a[x] &+ b[x]) &+ (c[x] &+ d[x]) &+ e[x] }
      k = 5
    } else if terms >= 3 {
      let (a, b, c) = (values.extracting(from(0)), values.extracting(from(1)), values.extracting(from(2)))
      for x in 0..<count { sums[x] = a[x] &+ b[x] &+ c[x] }
      k = 3
    } else {
      let a = values.extracting(from(0))
      for x in 0..<count { sums[x] = a[x] }
      k = 1
    }
    while k + 1 < terms {
      let (a, b) = (values.extracting(from(k)), values.extracting(from(k + 1)))
      for x in 0..<count { sums[x] &+= a[x] &+ b[x] }
      k += 2
    }
  }
}

/// The last rows of an image in whole steps of 1/1024, so that running sums neither drift nor depend on where they began.
final class StepRows {
  private let width: Int
  private let steps: UnsafeMutableBufferPointer<Int16>

  /// Rows that are kept: one more than the largest box has.
  private static let rows = 16
  /// Of any value: what the steps can hold.
  private static let limit: Float = 31.9

  init(width: Int) {
    self.width = width
    steps = .allocate(capacity: width * Self.rows)
    steps.initialize(repeating: 0)
  }

  deinit { steps.deallocate() }

  /// One of the last rows that were put there; zeros for those before the first.
  subscript(y: Int) -> UnsafeBufferPointer<Int16> {
    let place = (y + Self.rows) % Self.rows * width
    return UnsafeBufferPointer(rebasing: steps[place..<(place + width)])
  }

  /// Puts row `y` in the place of the oldest.
  func put(_ line: UnsafeMutableBufferPointer<Float>, row y: Int) {
    precondition(line.count == width, "rows must have one length")
    // A float as large as this has no room for a fraction: adding it rounds to even, and its bits count the steps.
    let large = Float(3 << 22)
    let offset = Int32(bitPattern: large.bitPattern)
    let place = y % Self.rows * width
    let row = UnsafeMutableBufferPointer(rebasing: steps[place..<(place + width)])
    for x in 0..<row.count {
      let value = min(max(line[x], -Self.limit), Self.limit)
      row[x] = Int16(truncatingIfNeeded: Int32(bitPattern: (value * 1024 + large).bitPattern) &- offset)
    }
  }

  static func value(_ steps: Int32) -> Float { Float(steps) / 1024 }

  /// Steps such that only more of them have a value above `value`.
  static func below(_ value: Float) -> Int32 { Int32(min(max((value * 1024).rounded(.down), -1e9), 1e9)) }
}
