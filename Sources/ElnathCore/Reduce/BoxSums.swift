/// Sums over all boxes of an odd side that lie on the image.
struct BoxSums {
  let side: Int
  private let pixels: WholeSteps
  private let width: Int
  private let height: Int

  init(_ pixels: WholeSteps, width: Int, height: Int, side: Int) {
    self.pixels = pixels
    self.width = width
    self.height = height
    self.side = side
  }

  /// `body` gets the number of the first row of the boxes, one of `step`, and the sums by the first column of each.
  func forEachRow(every step: Int, _ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
    var columns = [Int32](repeating: 0, count: width)
    var boxes = [Int32](repeating: 0, count: width - side + 1)
    var sums = [Float](repeating: 0, count: width - side + 1)
    for row in 0..<side { pixels.add(row: row, to: &columns) }
    for first in 0...(height - side) {
      if first % step == 0 {
        Self.sum(columns, side, into: &boxes)
        sums.withUnsafeMutableBufferPointer { sums in
          for x in 0..<sums.count { sums[x] = WholeSteps.value(boxes[x]) }
        }
        sums.withUnsafeBufferPointer { body(first, $0) }
      }
      if first + side < height { pixels.move(&columns, from: first, to: first + side) }
    }
  }

  /// Sums of `side` neighbours, by adding whole rows: no sum waits for the one before it.
  private static func sum(_ columns: [Int32], _ side: Int, into boxes: inout [Int32]) {
    let columns = columns.span
    var boxes = boxes.mutableSpan
    let count = boxes.count
    precondition(columns.count == count + side - 1 && side % 2 == 1, "a box around each of its middles")
    func from(_ k: Int) -> Range<Int> { k..<(k + count) }
    if side < 5 {
      let first = columns.extracting(from(0))
      for x in 0..<count { boxes[x] = first[x] }
    }
    var k = side < 5 ? 1 : 5
    if side >= 5 {
      let (a, b, c) = (columns.extracting(from(0)), columns.extracting(from(1)), columns.extracting(from(2)))
      let (d, e) = (columns.extracting(from(3)), columns.extracting(from(4)))
      for x in 0..<count { boxes[x] = (a[x] &+ b[x]) &+ (c[x] &+ d[x]) &+ e[x] }
    }
    while k + 1 < side {
      let (a, b) = (columns.extracting(from(k)), columns.extracting(from(k + 1)))
      for x in 0..<count { boxes[x] &+= a[x] &+ b[x] }
      k += 2
    }
  }
}

/// Values in whole steps of 1/1024, so that running sums neither drift nor depend on where they began.
struct WholeSteps {
  private let steps: [Int16]
  private let width: Int

  /// Of any value: what the steps can hold.
  private static let limit: Float = 31.9

  /// `fill` gives the values of a row.
  init(width: Int, height: Int, fill: (_ y: Int, _ line: UnsafeMutableBufferPointer<Float>) -> Void) {
    self.width = width
    // A float as large as this has no room for a fraction: adding it rounds to even, and its bits count the steps.
    let large = Float(3 << 22)
    let offset = Int32(bitPattern: large.bitPattern)
    steps = [Int16](unsafeUninitializedCapacity: width * height) { steps, written in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { line in
        for y in 0..<height {
          fill(y, line)
          let row = UnsafeMutableBufferPointer(rebasing: steps[(y * width)..<((y + 1) * width)])
          for x in 0..<row.count {
            let value = min(max(line[x], -Self.limit), Self.limit)
            row[x] = Int16(truncatingIfNeeded: Int32(bitPattern: (value * 1024 + large).bitPattern) &- offset)
          }
        }
      }
      written = width * height
    }
  }

  static func value(_ steps: Int32) -> Float { Float(steps) / 1024 }

  func add(row: Int, to columns: inout [Int32]) {
    let line = steps.span.extracting((row * width)..<((row + 1) * width))
    var columns = columns.mutableSpan
    precondition(columns.count == line.count, "rows must have one length")
    for x in 0..<line.count { columns[x] &+= Int32(line[x]) }
  }

  /// Takes row `old` out of the sums of `columns` and row `new` in.
  func move(_ columns: inout [Int32], from old: Int, to new: Int) {
    let gone = steps.span.extracting((old * width)..<((old + 1) * width))
    let come = steps.span.extracting((new * width)..<((new + 1) * width))
    var columns = columns.mutableSpan
    precondition(columns.count == come.count && gone.count == come.count, "rows must have one length")
    for x in 0..<come.count { columns[x] &+= Int32(come[x]) &- Int32(gone[x]) }
  }
}
