/// The pixels of an overscan section: lines along the readout axis, whichever way that runs, and columns across it.
struct OverscanSection {
  let alongRows: Bool
  /// Of the section, and of the whole frame along the same axis.
  let lines: Int
  let frameLines: Int
  /// Line of the frame that is the section's first.
  let firstLine: Int
  /// Number of columns.
  let depth: Int
  /// Column after column, since each is looked at on its own, `pitch` values apart.
  private let values: [Float]
  private let pitch: Int

  init(_ section: PixelRectangle, of adu: PixelGrid<Float>, alongRows: Bool) {
    let lines = alongRows ? section.height : section.width
    self.alongRows = alongRows
    self.lines = lines
    frameLines = alongRows ? adu.height : adu.width
    firstLine = alongRows ? section.y : section.x
    depth = alongRows ? section.width : section.height
    let pitch = Self.pitch(lines)
    self.pitch = pitch
    var values = [Float](repeating: 0, count: pitch * depth)
    values.withUnsafeMutableBufferPointer { values in
      adu.pixels.withUnsafeBufferPointer { pixels in
        let first = pixels.baseAddress! + section.y * adu.width + section.x
        if alongRows {
          Self.turn(first, adu.width, width: section.width, height: section.height, into: values, pitch)
        } else {
          for y in 0..<section.height {
            for x in 0..<section.width { values[y * pitch + x] = first[y * adu.width + x] }
          }
        }
      }
    }
    self.values = values
  }

  /// Copies rows, `stride` values apart, to columns, some rows at a time: so both are read and written close together.
  private static func turn(
    _ rows: UnsafePointer<Float>, _ stride: Int, width: Int, height: Int,
    into columns: UnsafeMutableBufferPointer<Float>, _ pitch: Int
  ) {
    let some = 16
    for start in Swift.stride(from: 0, to: height, by: some) {
      let end = min(start + some, height)
      for x in 0..<width {
        for y in start..<end { columns[x * pitch + y] = rows[y * stride + x] }
      }
    }
  }

  /// Values that lie a power of two apart would fight for the same places of the cache.
  private static func pitch(_ lines: Int) -> Int { (lines + 15) / 16 * 16 + 16 }

  private init(_ columns: [Int], of whole: OverscanSection) {
    alongRows = whole.alongRows
    lines = whole.lines
    frameLines = whole.frameLines
    firstLine = whole.firstLine
    depth = columns.count
    let pitch = whole.pitch
    self.pitch = pitch
    values = columns.flatMap { whole.values[($0 * pitch)..<(($0 + 1) * pitch)] }
  }

  /// The median of each line; NaN for a line without a value.
  func lineMedians() -> [Float] {
    // The median of so many columns is known well enough, and a network for many more would be long.
    let step = (depth + 127) / 128
    let taken = Array(stride(from: 0, to: depth, by: max(step, 1)))
    let network = SortingNetwork(count: taken.count)
    let tile = 64
    var rows = [Float](repeating: 0, count: tile * taken.count)
    var medians = [Float](repeating: .nan, count: lines)
    for start in stride(from: 0, to: lines, by: tile) {
      let n = min(tile, lines - start)
      for (row, k) in taken.enumerated() {
        for i in 0..<n {
          let value = values[k * pitch + start + i]
          rows[row * tile + i] = value.isFinite ? value : .infinity
        }
      }
      network.sort(&rows, width: tile)
      for i in 0..<n {
        var given = taken.count
        while given > 0 && rows[(given - 1) * tile + i] == .infinity { given -= 1 }
        guard given > 0 else { continue }
        medians[start + i] = (rows[(given - 1) / 2 * tile + i] + rows[given / 2 * tile + i]) / 2
      }
    }
    return medians
  }

  /// The mean of each line's values within `reach` of its median; NaN for a line without any.
  func lineMeans(near medians: [Float], reach: Float) -> [Double] {
    var sums = [Double](repeating: 0, count: lines)
    var counts = [Int32](repeating: 0, count: lines)
    for k in 0..<depth {
      var sums = sums.mutableSpan
      var counts = counts.mutableSpan
      Self.add(
        values.span.extracting(pixels(ofColumn: k)), near: medians.span, reach: reach, to: &sums, counting: &counts)
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : .nan }
  }

  private static func add(
    _ column: Span<Float>, near medians: Span<Float>, reach: Float, to sums: inout MutableSpan<Double>,
    counting counts: inout MutableSpan<Int32>
  ) {
    precondition(
      column.count == medians.count && sums.count == medians.count && counts.count == medians.count,
      "columns must have one length")
    // Nothing compares with NaN. Masks of bits, since a conditional would not vectorise.
    for line in 0..<medians.count {
      let keep: UInt32 = abs(column[line] - medians[line]) <= reach ? ~0 : 0
      sums[line] += Double(Float(bitPattern: column[line].bitPattern & keep))
    }
    for line in 0..<medians.count { counts[line] &+= abs(column[line] - medians[line]) <= reach ? 1 : 0 }
  }

  /// The median of all pixels; NaN without any.
  func median() -> Double {
    let values = (0..<depth).flatMap { self.values[($0 * pitch)..<($0 * pitch + lines)] }
    if let counted = values.withUnsafeBufferPointer({ Median.counted($0) }) { return counted }
    var given = values.filter(\.isFinite)
    let count = given.count
    return Double(given.withUnsafeMutableBufferPointer { Median.of($0, count: count) })
  }

  /// Some two thousand pixels spread over the section less the levels of their lines, which tell the scatter to 2 per
  /// cent; all where there are no more.
  func residuals(about levels: [Float]) -> [Float] {
    let total = depth * lines
    // An odd step visits all lines.
    let step = max(1, total / 2_000) | 1
    return stride(from: 0, to: total, by: step).map { values[$0 / lines * pitch + $0 % lines] - levels[$0 % lines] }
  }

  /// The section without its damaged columns: those whose mean departs from the densest half of the columns by more
  /// than five standard deviations, or by more than twice the width of that half. Light that trails into the first
  /// columns falls off with every column and is always positive, so that a median of all columns would be drawn along.
  ///
  /// `medians` of its lines; `scatter` of one pixel, ADU.
  func soundColumns(about medians: [Float], scatter: Double) -> OverscanSection {
    let reach = Float(4 * scatter)
    var offsets: [Double] = []
    for first in stride(from: 0, to: depth, by: 4) {
      offsets += fourMeans(first, about: medians.span, reach: reach).prefix(depth - first)
    }
    let sorted = offsets.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return self }
    let half = sorted.count / 2
    let start = (0..<(sorted.count - half)).min { sorted[$0 + half] - sorted[$0] < sorted[$1 + half] - sorted[$1] } ?? 0
    let width = sorted[start + half] - sorted[start]
    let centre = sorted[start...(start + half)].reduce(0, +) / Double(half + 1)
    let limit = max(5 * scatter / Double(lines).squareRoot(), 2 * width)
    let sound = (0..<depth).filter { abs(offsets[$0] - centre) <= limit }
    return sound.count == depth ? self : OverscanSection(sound, of: self)
  }

  /// Mean offsets of four columns from the medians of the lines; NaN for a column of which half is missing. Four sums at
  /// a time: one would wait for itself with every value.
  private func fourMeans(_ first: Int, about medians: Span<Float>, reach: Float) -> [Double] {
    precondition(medians.count == lines, "one median for each line")
    func place(_ k: Int) -> Range<Int> { pixels(ofColumn: min(first + k, depth - 1)) }
    let a = values.span.extracting(place(0))
    let b = values.span.extracting(place(1))
    let c = values.span.extracting(place(2))
    let d = values.span.extracting(place(3))
    var (p, q, r, s) = (ClippedMean(), ClippedMean(), ClippedMean(), ClippedMean())
    for line in 0..<medians.count {
      p.add(a[line] - medians[line], reach: reach)
      q.add(b[line] - medians[line], reach: reach)
      r.add(c[line] - medians[line], reach: reach)
      s.add(d[line] - medians[line], reach: reach)
    }
    return [p, q, r, s].map { 2 * $0.count > Double(lines) ? $0.sum / $0.count : .nan }
  }

  private func pixels(ofColumn k: Int) -> Range<Int> { (k * pitch)..<(k * pitch + lines) }
}

/// The mean of values, each cut off at `reach` to both sides of zero: a few wild pixels must not condemn their column.
private struct ClippedMean {
  var sum = 0.0
  /// Without NaN.
  var count = 0.0

  @inline(__always)
  mutating func add(_ value: Float, reach: Float) {
    guard !value.isNaN else { return }
    sum += Double(min(max(value, -reach), reach))
    count += 1
  }
}
