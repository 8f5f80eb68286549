/// Sums of pulls over all boxes of an odd side in a row of them, while the rows of an image pass by.
struct BoxSums {
  let side: Int
  /// Of the rows that the boxes hold now.
  private(set) var columns: [Int16]
  /// Of five neighbouring columns.
  private var fives: [Int16]
  /// By the first column of each box.
  private(set) var boxes: [Int16]

  init(width: Int, side: Int) {
    precondition(side % 2 == 1 && side > 0 && side <= width, "a box around each of its middles")
    precondition(side * side * 128 <= 1 << 15, "sums fit into 16 bits")
    self.side = side
    columns = [Int16](repeating: 0, count: width)
    fives = side % 5 == 0 && side > 5 ? [Int16](repeating: 0, count: width - 4) : []
    boxes = [Int16](repeating: 0, count: width - side + 1)
  }

  /// Forgets the rows.
  mutating func clear() {
    for x in columns.indices { columns[x] = 0 }
  }

  /// Takes a row into the boxes.
  mutating func add(_ row: UnsafeBufferPointer<Int8>) {
    columns.withUnsafeMutableBufferPointer { columns in
      precondition(columns.count == row.count, "rows must have one length")
      for x in 0..<row.count { columns[x] &+= Int16(row[x]) }
    }
  }

  /// Takes a row into the boxes in the place of another.
  mutating func add(_ row: UnsafeBufferPointer<Int8>, insteadOf old: UnsafeBufferPointer<Int8>) {
    columns.withUnsafeMutableBufferPointer { columns in
      precondition(columns.count == row.count && old.count == row.count, "rows must have one length")
      for x in 0..<row.count { columns[x] &+= Int16(row[x]) &- Int16(old[x]) }
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

  /// The sum of the box that begins with column `x`, of the rows taken in.
  func sum(at x: Int) -> Int {
    var sum = 0
    for u in x..<(x + side) { sum += Int(columns[u]) }
    return sum
  }

  /// Sums of so many values, each so far from the next, by adding whole rows: no sum waits for the one before it.
  private static func sum(_ values: [Int16], _ terms: Int, distance: Int, into sums: inout [Int16]) {
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
