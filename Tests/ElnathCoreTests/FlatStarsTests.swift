import ElnathTestSupport
import Foundation
import Testing

@testable import ElnathCore

@Suite("stars in flats")
struct FlatStarsTests {
  private let width = 301
  private let height = 273
  private let noise = MasterCombination.Noise(constant: 1e-5, linear: 1e-4)

  /// A flat with a gradient, stars and what else is asked for.
  private func frame(scatter: Double = 0.0105, stars: Int = 12) -> PixelGrid<Float> {
    var random = SeededGenerator(seed: 11)
    var frame = PixelGrid<Float>(width: width, height: height, repeating: 1)
    for y in 0..<height {
      for x in 0..<width { frame.set(x, y, Float(1 + 0.03 * Double(y) / 273 + scatter * random.normal())) }
    }
    for _ in 0..<stars {
      let (u, v, peak) = (random.uniform() * 301, random.uniform() * 273, 0.02 + 0.3 * random.uniform())
      for y in max(0, Int(v) - 10)..<min(height, Int(v) + 11) {
        for x in max(0, Int(u) - 10)..<min(width, Int(u) + 11) {
          let r2 = (Double(x) - u) * (Double(x) - u) + (Double(y) - v) * (Double(y) - v)
          frame.set(x, y, frame[x, y] + Float(peak * exp(-r2 / 10)))
        }
      }
    }
    for x in 40..<50 { frame.set(x, 100, .nan) }
    return frame
  }

  private var master: PixelGrid<Float> {
    var random = SeededGenerator(seed: 12)
    return PixelGrid(
      width: width, height: height, pixels: (0..<(width * height)).map { _ in Float(1 + 0.004 * random.normal()) })
  }

  /// What the search is to find, box by box.
  private func expected(_ frame: PixelGrid<Float>, _ master: PixelGrid<Float>, limit: Float) -> Set<Int> {
    // Twentieths of a standard deviation.
    var pulls = [Int](repeating: 0, count: width * height)
    for i in pulls.indices {
      let variance = Float(noise.constant) + Float(noise.linear) * max(master.pixels[i], 0)
      let pull = (frame.pixels[i] - master.pixels[i]) / variance.squareRoot()
      pulls[i] = pull.isNaN ? 0 : Int((min(max(pull, -6), 6) * 20).rounded(.toNearestOrEven))
    }
    // Two blocks in each direction, every other pixel of them.
    func edges(_ length: Int) -> [Range<Int>] { [0..<(length / 2), (length / 2)..<length] }
    let medians = edges(height).map { rows in
      edges(width).map { columns in
        var some: [Int] = []
        for y in stride(from: rows.lowerBound, to: rows.upperBound, by: 2) {
          for x in stride(from: columns.lowerBound, to: columns.upperBound, by: 2) { some.append(pulls[y * width + x]) }
        }
        some.sort()
        // Half of the values lie below it, those of its own step spread evenly.
        let middle = some[(some.count - 1) / 2]
        let (below, own) = (some.count { $0 < middle }, some.count { $0 == middle })
        return Float(middle) - 0.5 + (Float(some.count) / 2 - Float(below)) / Float(own)
      }
    }
    func level(_ x: Int, _ y: Int) -> Float {
      let t = (Float(y) + 0.5) * 2 / Float(height) - 0.5
      let s = (Float(x) + 0.5) * 2 / Float(width) - 0.5
      let left = (1 - t) * medians[0][0] + t * medians[1][0]
      let right = (1 - t) * medians[0][1] + t * medians[1][1]
      return (1 - s) * left + s * right
    }
    var marked: Set<Int> = []
    for side in [5, 15] {
      var sums = [Float](repeating: 0, count: width * height)
      var seen: [Double] = []
      for y in 0...(height - side) {
        for x in 0...(width - side) {
          var sum = 0
          for v in y..<(y + side) { for u in x..<(x + side) { sum += pulls[v * width + u] } }
          sums[y * width + x] = Float(sum) - Float(side * side) * level(x + side / 2, y + side / 2)
          if y % 7 == 0, x % 13 == y % 13 { seen.append(Double(sums[y * width + x])) }
        }
      }
      let middle = Median.of(seen)
      let scatter = max(RobustScale.sigma(seen, about: middle), Double(20 * side))
      let threshold = Float(middle) + limit * Float(scatter)
      let (half, reach) = (side / 2, side / 2 / 2 + 3)
      for y in 0...(height - side) {
        for x in 0...(width - side) where sums[y * width + x] > threshold {
          for v in max(0, y + half - reach)...min(height - 1, y + half + reach) {
            for u in max(0, x + half - reach)...min(width - 1, x + half + reach) { marked.insert(v * width + u) }
          }
        }
      }
    }
    return marked
  }

  private func found(_ marks: PixelBits) -> Set<Int> {
    Set((0..<height).flatMap { y in marks.columns(row: y).map { y * width + $0 } })
  }

  @Test(
    "the search marks what sums over each box alone show, be the limit that of the noise or of what the boxes show",
    arguments: [0.0105, 0.03], [5.5, 0.3] as [Float])
  func reference(scatter: Double, limit: Float) {
    let (frame, master) = (frame(scatter: scatter), master)
    var search = FlatStars()
    search.limit = limit
    let marks = search(frame, master: master, noise: noise)
    #expect(found(marks) == expected(frame, master, limit: limit))
    #expect(marks.count > 0)
  }

  @Test("marks of a rectangle are those of its pixels that lie on the frame, and unions hold both")
  func bits() {
    var marks = PixelBits(width: 150, height: 4)
    marks.mark(x: 60..<130, y: 1..<9)
    marks.mark(x: -5..<2, y: 0..<1)
    var other = PixelBits(width: 150, height: 4)
    other.mark(x: 149..<200, y: 3..<4)
    other.mark(x: 20..<20, y: 0..<4)
    marks.formUnion(other)
    #expect(marks.columns(row: 0) == [0, 1])
    #expect(marks.columns(row: 2) == Array(60..<130))
    #expect(marks.columns(row: 3) == Array(60..<130) + [149])
    #expect(marks.count == 2 + 3 * 70 + 1)
    #expect(!other.isMarked(row: 0) && other.isMarked(row: 3) && marks[129, 1] && !marks[130, 1])
  }
}
