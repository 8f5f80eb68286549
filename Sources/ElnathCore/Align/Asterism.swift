/// Three stars, described so that shift, rotation, reflection and size do not matter: by the ratios of their sides.
struct Triangle {
  /// Ratio of the middle side, and of the shortest, to the longest.
  var middle: Float
  var short: Float
  /// Longest side, px.
  var size: Float
  /// Star numbers, each opposite to the longest, middle and shortest side.
  var a: Int16
  var b: Int16
  var c: Int16
  /// True when a, b, c run counter-clockwise.
  var leftHanded: Bool
}

extension Triangle {
  /// Stars in the first and in the second attempt, 2300 and 19 600 triangles: few suffice nearly always.
  static let attempts = [25, 50]

  /// The triangles of the first `count` points, by their middle ratio.
  static func all(of points: [PixelPoint], count: Int) -> [Triangle] {
    let n = min(count, points.count)
    guard n >= 3 else { return [] }
    var result: [Triangle] = []
    result.reserveCapacity(n * (n - 1) * (n - 2) / 6)
    for i in 0..<(n - 2) {
      for j in (i + 1)..<(n - 1) {
        for k in (j + 1)..<n {
          if let triangle = Triangle(points, i, j, k) { result.append(triangle) }
        }
      }
    }
    return ordered(result)
  }

  /// By their middle ratio, which is above 0 and at most 1 and lies evenly enough to sort by buckets: comparing a million
  /// of them takes far longer.
  static func ordered(_ triangles: [Triangle]) -> [Triangle] {
    func isBefore(_ s: Triangle, _ t: Triangle) -> Bool {
      s.middle != t.middle ? s.middle < t.middle : (s.short, s.a, s.b, s.c) < (t.short, t.a, t.b, t.c)
    }
    let buckets = min(triangles.count, 1 << 20)
    guard buckets > 64 else { return triangles.sorted(by: isBefore) }
    func bucket(_ triangle: Triangle) -> Int { min(max(Int(triangle.middle * Float(buckets)), 0), buckets - 1) }
    return [Triangle](unsafeUninitializedCapacity: triangles.count) { result, written in
      written = triangles.count
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: buckets + 1) { ends in
        ends.initialize(repeating: 0)
        for triangle in triangles { ends[bucket(triangle) + 1] += 1 }
        for b in 0..<buckets { ends[b + 1] += ends[b] }
        // Placing moves each start on to its bucket's end.
        for triangle in triangles {
          let b = bucket(triangle)
          result.initializeElement(at: Int(ends[b]), to: triangle)
          ends[b] += 1
        }
        var start = 0
        for b in 0..<buckets {
          let end = Int(ends[b])
          if end - start > 1 {
            var crowded = UnsafeMutableBufferPointer(rebasing: result[start..<end])
            crowded.sort(by: isBefore)
          }
          start = end
        }
      }
    }
  }

  /// By how much the ratios of a like triangle may differ: for errors of 1 px in the stars, and 0.001 for what a similarity
  /// cannot describe (distortion, refraction).
  var tolerance: Float { 2 / size + 0.001 }

  /// Of three of the points. Nil for a flat or tiny one, which tells little.
  init?(_ points: [PixelPoint], _ i: Int, _ j: Int, _ k: Int) {
    // Each star with the side opposite to it.
    var sides = (
      (points[j].distance(to: points[k]), i), (points[i].distance(to: points[k]), j),
      (points[i].distance(to: points[j]), k)
    )
    if sides.0.0 < sides.1.0 { swap(&sides.0, &sides.1) }
    if sides.1.0 < sides.2.0 { swap(&sides.1, &sides.2) }
    if sides.0.0 < sides.1.0 { swap(&sides.0, &sides.1) }
    let long = sides.0.0
    guard sides.2.0 > 10, sides.2.0 > 0.1 * long else { return nil }
    let (p, q, r) = (points[sides.0.1], points[sides.1.1], points[sides.2.1])
    let cross = (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)
    guard abs(cross) > 0.02 * long * long else { return nil }
    self.init(
      middle: Float(sides.1.0 / long), short: Float(sides.2.0 / long), size: Float(long), a: Int16(sides.0.1),
      b: Int16(sides.1.1), c: Int16(sides.2.1), leftHanded: cross > 0)
  }
}

/// A triangle here that looks like a triangle there.
struct TrianglePair {
  var here: Int
  var there: Int
  /// Difference of the ratios in units of what errors of 1 px allow.
  var difference: Float
}

extension Triangle {
  /// Pairs of like triangles, the most alike first. `there` must be ordered by its middle ratio. Their sizes may differ
  /// by 15 per cent; reflections are alike.
  static func pairs(_ here: [Triangle], _ there: [Triangle], limit: Int) -> [TrianglePair] {
    var result: [TrianglePair] = []
    for (i, triangle) in here.enumerated() {
      let tolerance = triangle.tolerance
      var low = 0
      var high = there.count
      while low < high {
        let middle = (low + high) / 2
        if there[middle].middle < triangle.middle - tolerance { low = middle + 1 } else { high = middle }
      }
      var k = low
      while k < there.count && there[k].middle <= triangle.middle + tolerance {
        let other = there[k]
        if abs(other.short - triangle.short) <= tolerance, other.size < 1.15 * triangle.size,
          triangle.size < 1.15 * other.size
        {
          let difference = max(abs(other.short - triangle.short), abs(other.middle - triangle.middle)) / tolerance
          result.append(TrianglePair(here: i, there: k, difference: difference))
        }
        k += 1
      }
    }
    result.sort { ($0.difference, $0.here, $0.there) < ($1.difference, $1.here, $1.there) }
    return Array(result.prefix(limit))
  }
}
