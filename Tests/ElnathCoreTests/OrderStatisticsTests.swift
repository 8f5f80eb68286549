import Testing

@testable import ElnathCore

/// Selection and bucket sorting against sorting by comparison.
@Suite struct OrderStatisticsTests {
  static func values(_ kind: String, _ count: Int, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { i in
      switch kind {
      case "whole": Float((3 * random.normal()).rounded())
      case "equal": 7
      case "rising": Float(i)
      case "falling": Float(-i)
      case "saw": Float(i % 11)
      case "far": random.uniform() < 0.1 ? Float(1e30 * random.normal()) : Float(random.normal())
      default: Float(random.normal())
      }
    }
  }

  @Test(arguments: ["normal", "whole", "equal", "rising", "falling", "saw", "far"])
  func everyRankIsThatOfTheSortedValues(kind: String) {
    for count in [1, 2, 3, 12, 13, 14, 40, 101, 102, 257, 1000] {
      let given = Self.values(kind, count, seed: UInt64(count))
      let sorted = given.sorted()
      for rank in Set([0, count / 4, count / 2, count - 1, count * 9 / 10]) {
        var work = given
        let (found, below) = work.withUnsafeMutableBufferPointer { work in
          (Median.select(work, count: count, rank: rank), work[..<rank].max())
        }
        #expect(found == sorted[rank])
        // What comes before is no larger, and nothing is lost.
        #expect(below.map { $0 <= found } ?? true)
        #expect(work.sorted() == sorted)
      }
    }
  }

  @Test(arguments: ["normal", "whole", "equal", "rising", "falling", "saw", "far"])
  func mediansAndRanksInMemoryAreThoseOfTheSortedValues(kind: String) {
    for count in [1, 2, 15, 16, 17, 40, 101, 256, 257, 2000, 2001] {
      let given = Self.values(kind, count, seed: UInt64(count))
      let sorted = given.sorted()
      var work = given
      work.withUnsafeMutableBufferPointer { work in
        #expect(Median.of(work, count: count) == (sorted[(count - 1) / 2] + sorted[count / 2]) / 2)
        for rank in Set([0, count / 4, count / 2, count - 1]) {
          #expect(Median.ranked(work, count: count, rank: rank) == sorted[rank])
        }
      }
      #expect(work.sorted() == sorted)
    }
  }

  @Test func rowsAreScannedAsValueByValue() {
    var random = SeededGenerator(seed: 9)
    for count in [0, 1, 15, 16, 17, 64, 131] {
      for special in [0, 1, Float.nan, .infinity, -.infinity, 50] {
        var row = (0..<count).map { _ in Float(random.normal()) }
        if count > 0 { row[Int(random.uniform() * Double(count))] = special }
        for limit: Float in [0, 1, 3.5, 50, .infinity] {
          #expect(RowScan.exceeds(limit, row.span) == row.contains { $0 > limit })
          #expect(RowScan.reaches(limit, row.span) == row.contains { $0 >= limit })
          #expect(RowScan.isBelow(limit, row.span) == row.allSatisfy { abs($0) < limit })
        }
      }
    }
  }

  @Test(arguments: ["normal", "whole", "equal", "rising", "falling", "saw", "far"])
  func bucketsGiveTheRanksOfTheSortedValues(kind: String) {
    var bucketed = BucketedValues()
    for count in [1, 2, 3, 31, 32, 33, 100, 1000, 5000] {
      var given = Self.values(kind, count, seed: UInt64(count))
      let sorted = given.sorted()
      given.withUnsafeMutableBufferPointer { bucketed.fill($0, count: count) }
      for limit: Double in [-1e40, -2.5, 0, 0.1, 1e-3, 6.5, 7, 1e40, Double.infinity, -.infinity] {
        #expect(bucketed.count(below: limit) == sorted.count { Double($0) < limit })
        #expect(bucketed.count(upTo: limit) == sorted.count { Double($0) <= limit })
      }
      #expect(bucketed.count(below: .nan) == 0 && bucketed.count(upTo: .nan) == count)
      for rank in Set([0, count / 7, count / 2, count - 1]) {
        #expect(bucketed.value(rank: rank) == Double(sorted[rank]))
      }
    }
  }

  @Test(arguments: ["normal", "whole", "equal", "rising", "falling", "saw", "far"], [0.0, 1.0])
  func clippingNeedsNoWholeOrder(kind: String, step: Double) {
    let clip = SigmaClip(limit: 3, rounds: 10, floor: 0.3 * step, step: step)
    var bucketed = BucketedValues()
    for count in [1, 2, 30, 40, 333, 2500] {
      var given = Self.values(kind, count, seed: UInt64(count))
      given.withUnsafeMutableBufferPointer { bucketed.fill($0, count: count) }
      let (quick, whole) = (clip(&bucketed), clip(given))
      #expect(quick.kept == whole.kept && quick.rejected == whole.rejected && quick.median == whole.median)
      // The order of summing differs.
      let scale = 1e-12 * max(abs(whole.mean), whole.sigma, 1e-300)
      #expect(abs(quick.mean - whole.mean) <= scale && abs(quick.sigma - whole.sigma) <= 10 * scale)
    }
  }

  @Test func trianglesOfLikeShapesAreAllThatPairsAreMadeOf() {
    var random = SeededGenerator(seed: 5)
    func points(_ count: Int) -> [PixelPoint] {
      (0..<count).map { _ in PixelPoint(x: 900 * random.uniform(), y: 900 * random.uniform()) }
    }
    let own = Triangle.all(of: points(12), count: 12)
    let there = points(60)
    let all = Triangle.all(of: there, count: there.count)
    let like = Triangle.local(of: there, longest: 2000, like: TriangleShapes(of: own))
    #expect(like.count < all.count / 2)
    func key(_ pair: TrianglePair, _ triangles: [Triangle]) -> [Int] {
      let other = triangles[pair.there]
      return [pair.here, Int(other.a), Int(other.b), Int(other.c)]
    }
    let expected = Triangle.pairs(own, all, limit: .max).map { key($0, all) }
    #expect(expected.count > 100)
    #expect(Triangle.pairs(own, like, limit: .max).map { key($0, like) } == expected)
  }

  @Test func trianglesAreOrderedAsByComparison() {
    var random = SeededGenerator(seed: 4)
    var points = (0..<40).map { _ in PixelPoint(x: 1000 * random.uniform(), y: 1000 * random.uniform()) }
    // A lattice has many triangles of one shape.
    for i in 0..<5 { for j in 0..<5 { points.append(PixelPoint(x: 100 * Double(i), y: 100 * Double(j))) } }
    let triangles = Triangle.all(of: points, count: points.count)
    func key(_ t: Triangle) -> (Float, Float, Int16, Int16, Int16) { (t.middle, t.short, t.a, t.b, t.c) }
    #expect(triangles.count > 10_000)
    #expect(zip(triangles, triangles.dropFirst()).allSatisfy { key($0) < key($1) })
  }
}
