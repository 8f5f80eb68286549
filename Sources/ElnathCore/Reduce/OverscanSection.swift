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
  /// Column after column, since each is looked at on its own.
  private let values: [Float]

  init(_ section: PixelRectangle, of adu: PixelGrid<Float>, alongRows: Bool) {
    let lines = alongRows ? section.height : section.width
    self.alongRows = alongRows
    self.lines = lines
    frameLines = alongRows ? adu.height : adu.width
    firstLine = alongRows ? section.y : section.x
    depth = alongRows ? section.width : section.height
    values = [Float](unsafeUninitializedCapacity: section.width * section.height) { values, count in
      adu.pixels.withUnsafeBufferPointer { pixels in
        for y in 0..<section.height {
          let row = (section.y + y) * adu.width + section.x
          for x in 0..<section.width { values[alongRows ? x * lines + y : y * lines + x] = pixels[row + x] }
        }
      }
      count = section.width * section.height
    }
  }

  private init(_ columns: [Int], of whole: OverscanSection) {
    alongRows = whole.alongRows
    lines = whole.lines
    frameLines = whole.frameLines
    firstLine = whole.firstLine
    depth = columns.count
    let lines = whole.lines
    values = columns.flatMap { whole.values[($0 * lines)..<(($0 + 1) * lines)] }
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
          let value = values[k * lines + start + i]
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
    var counts = sums
    for k in 0..<depth {
      for line in 0..<lines {
        let value = values[k * lines + line]
        // Nothing compares with NaN.
        let near = abs(value - medians[line]) <= reach
        sums[line] += near ? Double(value) : 0
        counts[line] += near ? 1 : 0
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : .nan }
  }

  /// The median of all pixels; NaN without any.
  func median() -> Double {
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
    return stride(from: 0, to: total, by: step).map { values[$0] - levels[$0 % lines] }
  }

  /// The section without its damaged columns: those whose mean departs from the densest half of the columns by more
  /// than five standard deviations, or by more than twice the width of that half. Light that trails into the first
  /// columns falls off with every column and is always positive, so that a median of all columns would be drawn along.
  ///
  /// `scatter` of one pixel, ADU.
  func soundColumns(scatter: Double) -> OverscanSection {
    let medians = lineMedians()
    let reach = Float(4 * scatter)
    let offsets = (0..<depth).map { k in
      var sum = 0.0
      var count = 0.0
      for line in 0..<lines {
        let offset = values[k * lines + line] - medians[line]
        // A few wild pixels must not condemn their column.
        if !offset.isNaN {
          sum += Double(min(max(offset, -reach), reach))
          count += 1
        }
      }
      // A column of which half is missing is damaged.
      return 2 * count > Double(lines) ? sum / count : .nan
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
}
