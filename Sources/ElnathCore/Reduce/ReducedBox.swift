/// Memory for the planes of a box of the trimmed frame.
struct ReducedBox {
  let box: PixelRectangle
  let electrons: UnsafeMutableBufferPointer<Float>
  let variance: UnsafeMutableBufferPointer<Float>
  let mask: UnsafeMutableBufferPointer<PixelMask>

  /// The same bits whatever the box: a row is reduced as far beyond it as its pixels depend on their neighbours.
  func write(_ raw: PixelGrid<Float>, by row: RowReduction) {
    let columns = box.x..<(box.x + box.width)
    let first = max(0, columns.lowerBound - LightVariance.reach)
    let last = min(row.trim.width, columns.upperBound + LightVariance.reach)
    let wider = first..<last
    if wider == columns {
      for j in 0..<box.height {
        let place = (j * box.width)..<((j + 1) * box.width)
        reduce(
          box.y + j, columns, of: raw, by: row, UnsafeMutableBufferPointer(rebasing: electrons[place]),
          UnsafeMutableBufferPointer(rebasing: variance[place]), UnsafeMutableBufferPointer(rebasing: mask[place]))
      }
      return
    }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * wider.count) { memory in
      withUnsafeTemporaryAllocation(of: PixelMask.self, capacity: wider.count) { m in
        let e = UnsafeMutableBufferPointer(rebasing: memory[..<wider.count])
        let v = UnsafeMutableBufferPointer(rebasing: memory[wider.count...])
        let wanted = (columns.lowerBound - first)..<(columns.upperBound - first)
        for j in 0..<box.height {
          reduce(box.y + j, wider, of: raw, by: row, e, v, m)
          _ = electrons[(j * box.width)...].initialize(fromContentsOf: e[wanted])
          _ = variance[(j * box.width)...].initialize(fromContentsOf: v[wanted])
          _ = mask[(j * box.width)...].initialize(fromContentsOf: m[wanted])
        }
      }
    }
  }

  private func reduce(
    _ y: Int, _ columns: Range<Int>, of raw: PixelGrid<Float>, by row: RowReduction,
    _ electrons: UnsafeMutableBufferPointer<Float>, _ variance: UnsafeMutableBufferPointer<Float>,
    _ mask: UnsafeMutableBufferPointer<PixelMask>
  ) {
    let first = (row.trim.y + y) * raw.width + row.trim.x + columns.lowerBound
    let line = raw.pixels.span.extracting(first..<(first + columns.count))
    row(y, columns: columns, adu: line, electrons: electrons, variance: variance, mask: mask)
  }
}
