/// Where calibration frames of one layout are looked at to compare them: some forty thousand pixels in blocks over the
/// area of each output.
public struct CalibrationSampling: Sendable {
  /// Of each block, the output that it belongs to.
  let outputs: [Int]
  /// First place of each block in a sample, and behind the last.
  let starts: [Int]
  /// Columns to be taken from rows of the trimmed frame, in rising order of the rows; with each where in the sample.
  let rows: [(y: Int, columns: [(x: Int, place: Int)])]
  let count: Int

  /// Blocks along each side of the frame, and pixels along each side of a block.
  private static let blocks = 16
  private static let points = 13

  public init(_ observation: Observation) {
    var outputs: [Int] = []
    var starts: [Int] = []
    var taken: [Int: [(x: Int, place: Int)]] = [:]
    var count = 0
    let trim = observation.trim
    for (number, output) in observation.outputs.enumerated() {
      let area = output.area
      func edges(_ first: Int, _ length: Int, of whole: Int) -> [Int] {
        let wanted = max(1, (Self.blocks * length + whole / 2) / max(whole, 1))
        let blocks = max(1, min(wanted, length / 8))
        return (0...blocks).map { first + $0 * length / blocks }
      }
      let (xs, ys) = (edges(area.x, area.width, of: trim.width), edges(area.y, area.height, of: trim.height))
      for (bottom, top) in zip(ys, ys.dropFirst()) {
        for (left, right) in zip(xs, xs.dropFirst()) {
          outputs.append(number)
          starts.append(count)
          let (across, up) = (min(Self.points, right - left), min(Self.points, top - bottom))
          for j in 0..<up {
            let y = bottom + (2 * j + 1) * (top - bottom) / (2 * up)
            for i in 0..<across {
              // Columns shift from row to row, so that all kinds of them are seen.
              let x = left + ((2 * i + 1) * (right - left) / (2 * across) + 3 * j) % (right - left)
              taken[y, default: []].append((x, count))
              count += 1
            }
          }
        }
      }
    }
    self.outputs = outputs
    self.starts = starts + [count]
    self.count = count
    rows = taken.keys.sorted().map { (y: $0, columns: taken[$0] ?? []) }
  }

  func places(ofBlock block: Int) -> Range<Int> { starts[block]..<starts[block + 1] }
}

/// What the comparison of calibration frames needs to know of one of them.
public struct CalibrationSample: Sendable {
  /// Prepared values at the places of the sampling, block after block; NaN for those without.
  let values: [Float]
  /// Median of each block; NaN for one without values.
  let blocks: [Double]
  /// Of the raw pixels looked at, the part that is saturated; NaN where none has a value.
  let saturated: Double
  /// Median of the raw pixels looked at, ADU; NaN without any.
  public let rawLevel: Double

  /// - Parameter saturation: raw ADU.
  public init<Raw: RawPixels>(
    _ raw: Raw, _ preparation: CalibrationPreparation, at sampling: CalibrationSampling, saturation: Float
  ) throws(Raw.Failure) {
    var values = [Float](repeating: .nan, count: sampling.count)
    var seen = values
    let trim = preparation.trim
    let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: trim.width)
    defer { row.deallocate() }
    var next = 0
    try raw.forEachRow(of: sampling.rows.map { $0.y + trim.y }) { _, line in
      let (y, columns) = sampling.rows[next]
      next += 1
      preparation.prepare(line, row: y, into: row)
      for (x, place) in columns {
        values[place] = row[x]
        seen[place] = line[trim.x + x]
      }
    }
    self.values = values
    blocks = sampling.outputs.indices.map { block in
      Self.median(values[sampling.places(ofBlock: block)])
    }
    let given = seen.filter { !$0.isNaN }
    saturated = given.isEmpty ? .nan : Double(given.count { $0 >= saturation }) / Double(given.count)
    rawLevel = Self.median(given[...])
  }

  private static func median(_ values: ArraySlice<Float>) -> Double {
    var given = values.filter { !$0.isNaN }
    return Double(given.withUnsafeMutableBufferPointer { Median.of($0, count: $0.count) })
  }
}
