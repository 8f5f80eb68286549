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
