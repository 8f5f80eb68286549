/// The shapes that some triangles have, give or take the errors of their stars: tells at once that another one is like
/// none of them.
struct TriangleShapes {
  /// Cells along each of the two ratios, which are above 0 and at most 1.
  private static let side = 512
  private var isTaken = [Bool](repeating: false, count: side * side)

  init(of triangles: [Triangle]) {
    for triangle in triangles {
      let tolerance = triangle.tolerance
      let columns = Self.cell(triangle.middle - tolerance)...Self.cell(triangle.middle + tolerance)
      for row in Self.cell(triangle.short - tolerance)...Self.cell(triangle.short + tolerance) {
        for column in columns { isTaken[row * Self.side + column] = true }
      }
    }
  }

  /// False where `Triangle.pairs` would find no partner among them.
  func mayHold(_ triangle: Triangle) -> Bool {
    isTaken[Self.cell(triangle.short) * Self.side + Self.cell(triangle.middle)]
  }

  /// Ascends with the ratio.
  private static func cell(_ ratio: Float) -> Int { min(max(Int(ratio * Float(side)), 0), side - 1) }
}

extension Triangle {
  /// The triangles of like shapes among points that lie no further apart than `longest`, by their middle ratio; flat and
  /// tiny ones are left out as in `all`.
  static func local(of points: [PixelPoint], longest: Double, like shapes: TriangleShapes) -> [Triangle] {
    let index = PointIndex(points, reach: longest)
    var result: [Triangle] = []
    var near: [Int] = []
    for i in points.indices {
      near.removeAll(keepingCapacity: true)
      index.forEach(near: points[i], radius: longest) { k, _ in if k > i { near.append(k) } }
      near.sort()
      for (n, j) in near.enumerated() {
        for k in near[(n + 1)...] {
          guard let triangle = Triangle(points, i, j, k), Double(triangle.size) <= longest, shapes.mayHold(triangle)
          else { continue }
          result.append(triangle)
        }
      }
    }
    return ordered(result)
  }
}
