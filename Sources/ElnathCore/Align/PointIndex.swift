/// Points in cells of a grid, so that the neighbours of a place are found without looking at all of them.
struct PointIndex {
  private let points: [PixelPoint]
  private let cell: Double
  private let columns: Int
  private let rows: Int
  private let origin: PixelPoint
  /// Indices of the points, cell by cell, and where each cell begins.
  private let order: [Int32]
  private let starts: [Int32]

  /// `reach` is the distance that is asked for most often.
  init(_ points: [PixelPoint], reach: Double) {
    self.points = points
    var low = PixelPoint(x: .infinity, y: .infinity)
    var high = PixelPoint(x: -.infinity, y: -.infinity)
    for p in points {
      low = PixelPoint(x: min(low.x, p.x), y: min(low.y, p.y))
      high = PixelPoint(x: max(high.x, p.x), y: max(high.y, p.y))
    }
    if points.isEmpty { (low, high) = (PixelPoint(x: 0, y: 0), PixelPoint(x: 0, y: 0)) }
    // About one point a cell is enough; finer cells only cost memory.
    let spacing = ((high.x - low.x + 1) * (high.y - low.y + 1) / Double(max(points.count, 1))).squareRoot()
    let cell = max(reach, spacing, 1e-3)
    let columns = Int((high.x - low.x) / cell) + 1
    let rows = Int((high.y - low.y) / cell) + 1
    var counts = [Int32](repeating: 0, count: columns * rows + 1)
    let cells = points.map { Int(($0.y - low.y) / cell) * columns + Int(($0.x - low.x) / cell) }
    for c in cells { counts[c + 1] += 1 }
    for i in 0..<(columns * rows) { counts[i + 1] += counts[i] }
    var next = counts
    var order = [Int32](repeating: 0, count: points.count)
    for (i, c) in cells.enumerated() {
      order[Int(next[c])] = Int32(i)
      next[c] += 1
    }
    self.cell = cell
    self.columns = columns
    self.rows = rows
    self.origin = low
    self.order = order
    self.starts = counts
  }

  /// Calls `body` with every point within `radius` of a place, in a fixed order.
  @inline(__always)
  func forEach(near place: PixelPoint, radius: Double, _ body: (_ index: Int, _ distanceSquared: Double) -> Void) {
    guard place.x.isFinite && place.y.isFinite && !points.isEmpty else { return }
    func clamped(_ value: Double, _ count: Int) -> Int { Int(min(max(value.rounded(.down), -1), Double(count))) }
    let i0 = max(0, clamped((place.x - radius - origin.x) / cell, columns))
    let i1 = min(columns - 1, clamped((place.x + radius - origin.x) / cell, columns))
    let j0 = max(0, clamped((place.y - radius - origin.y) / cell, rows))
    let j1 = min(rows - 1, clamped((place.y + radius - origin.y) / cell, rows))
    guard i0 <= i1 && j0 <= j1 else { return }
    for j in j0...j1 {
      for k in Int(starts[j * columns + i0])..<Int(starts[j * columns + i1 + 1]) {
        let index = Int(order[k])
        let dx = points[index].x - place.x
        let dy = points[index].y - place.y
        let d2 = dx * dx + dy * dy
        if d2 <= radius * radius { body(index, d2) }
      }
    }
  }

  /// The nearest point within `radius`, the first of equals.
  func nearest(to place: PixelPoint, within radius: Double) -> (index: Int, distanceSquared: Double)? {
    var best: (index: Int, distanceSquared: Double)?
    forEach(near: place, radius: radius) { index, d2 in
      if let known = best, known.distanceSquared < d2 || (known.distanceSquared == d2 && known.index < index) { return }
      best = (index, d2)
    }
    return best
  }
}
