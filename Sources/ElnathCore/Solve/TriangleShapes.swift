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

  /// False where `Triangle.pairs` would find no partner among them for a triangle of these sides, or it
  /// is too flat for one.
  func mayHold(_ a: Double, _ b: Double, _ c: Double) -> Bool {
    let long = max(a, max(b, c))
    let short = min(a, min(b, c))
    let middle = max(min(a, b), min(max(a, b), c))
    guard short > 0.1 * long else { return false }
    return isTaken[Self.cell(Float(short / long)) * Self.side + Self.cell(Float(middle / long))]
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
    let farthest = (longest + 1) * (longest + 1)
    var near: [(distance: Double, place: PixelPoint, star: Int)] = []
    for i in points.indices {
      near.removeAll(keepingCapacity: true)
      index.forEach(near: points[i], radius: longest) { k, _ in
        if k > i { near.append((points[i].distance(to: points[k]), points[k], k)) }
      }
      near.sort { $0.star < $1.star }
      for (n, second) in near.enumerated() {
        for m in (n + 1)..<near.count {
          let third = near[m]
          let (dx, dy) = (third.place.x - second.place.x, third.place.y - second.place.y)
          let square = dx * dx + dy * dy
          // Two of these stars may lie on either side of the first.
          guard square <= farthest else { continue }
          let side = square.squareRoot()
          guard shapes.mayHold(side, second.distance, third.distance),
            let triangle = Triangle(points, i, second.star, third.star), Double(triangle.size) <= longest
          else { continue }
          result.append(triangle)
        }
      }
    }
    return ordered(result)
  }
}
