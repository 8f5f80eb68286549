import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("stack by the noise model")
struct NoiseStackTests {
  private static let width = 70
  private static let height = 12

  /// What the frames of a test show: sky, a star whose seeing changes, gaps, cosmic rays.
  private struct Scene {
    var values: [[Float]]
    var variances: [[Float]]

    init(frames: Int, seed: UInt64) {
      values = []
      variances = []
      for k in 0..<frames {
        var random = SeededGenerator(seed: seed, part: UInt64(k))
        let sigma = (3.5 + Double(k % 5) / 4) / 2.3548
        var (own, noise): ([Float], [Float]) = ([], [])
        for i in 0..<(width * height) {
          let (dx, dy) = (Double(i % width) - 35.3, Double(i / width) - 5.6)
          let light = 20_000 / (sigma * sigma) * exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
          let variance = 40 + 10 * Double(i % width) / Double(width) + light
          var value = light + variance.squareRoot() * random.normal()
          if random.next() % 200 == 0 { value += 3000 * random.uniform() }
          if random.next() % 60 == 0 || i == 100 || (i == 101 && k > 0) { value = .nan }
          own.append(Float(value))
          noise.append(Float(variance))
        }
        values.append(own)
        variances.append(noise)
      }
    }
  }

  /// The rule as it is written, without any short cut.
  private static func expected(
    _ scene: Scene, _ rule: StackRule, weights: [Double]
  ) -> [(value: Double, variance: Double, given: Int, kept: Int)] {
    func median(_ i: Int) -> Double { Median.of(scene.values.map { Double($0[i]) }) }
    let medians = (0..<(width * height)).map(median)
    return medians.indices.map { i in
      let (x, y) = (i % width, i / width)
      var largest = 0.0
      for j in max(0, y - 1)...min(height - 1, y + 1) {
        for k in max(0, x - 1)...min(width - 1, x + 1) {
          let d = abs(medians[j * width + k] - medians[i])
          if d > largest { largest = d }
        }
      }
      let seeing = rule.seeing * largest
      var (w, sum, variance, given, kept) = (0.0, 0.0, 0.0, 0, 0)
      for k in scene.values.indices where !scene.values[k][i].isNaN {
        given += 1
        let (value, v) = (Double(scene.values[k][i]), Double(scene.variances[k][i]))
        let limit = (value < medians[i] ? rule.low : rule.high) * (v + seeing * seeing).squareRoot()
        guard abs(value - medians[i]) <= limit else { continue }
        kept += 1
        w += weights[k]
        sum += weights[k] * value
        variance += weights[k] * weights[k] * v
      }
      return (sum / w, variance / (w * w), given, kept)
    }
  }

  private static func stack(_ scene: Scene, _ rule: StackRule, weights: [Double], rowsAtATime: Int)
    -> Stack
  {
    let planes = StackPlanes(width: width, height: height)
    let kernel = StackKernel(rule, frames: weights.map { .measured(weight: $0) })
    for first in stride(from: 0, to: height, by: rowsAtATime) {
      let rows = first..<min(first + rowsAtATime, height)
      let all =
        max(0, rows.lowerBound - kernel.margin)..<min(height, rows.upperBound + kernel.margin)
      let bands = [scene.values, scene.variances].map { planes in
        let band = CombinationBand(frames: weights.count, pixels: all.count * width)
        for (k, plane) in planes.enumerated() {
          plane.withUnsafeBufferPointer {
            band.store(
              UnsafeBufferPointer(
                rebasing: $0[(all.lowerBound * width)..<(all.upperBound * width)]), frame: k, at: 0)
          }
        }
        return band
      }
      kernel.combine(
        bands[0], variances: bands[1], rows: rows, bandFirst: all.lowerBound, bandRows: all.count,
        into: planes)
    }
    return planes.stack()
  }

  @Test("the quick look changes nothing of the rule", arguments: [1, 2, 3, 5, 9, 24, 120, 300])
  func rule(frames: Int) {
    let scene = Scene(frames: frames, seed: 61)
    let rule = StackRule(.noise, .weighted, low: 4, high: 3.5)
    let weights = (0..<frames).map { 0.01 * (1 + Double($0 % 3)) }
    let stack = Self.stack(scene, rule, weights: weights, rowsAtATime: 5)
    for (i, expected) in Self.expected(scene, rule, weights: weights).enumerated() {
      #expect(Int(stack.coverage.pixels[i]) == expected.given)
      guard expected.given > 0 else {
        #expect(stack.image.pixels[i].isNaN && stack.variance.pixels[i].isNaN)
        continue
      }
      // Two values too far apart: the lower one is kept, as what should not be there adds light.
      guard expected.kept > 0 else {
        #expect(Int(stack.rejected.pixels[i]) == expected.given - 1)
        continue
      }
      #expect(Int(stack.rejected.pixels[i]) == expected.given - expected.kept, "\(i)")
      // Sums in single precision of values that differ by the noise from one of them.
      let error = expected.variance.squareRoot()
      #expect(
        abs(Double(stack.image.pixels[i]) - expected.value) < 1e-3 * error + 1e-6
          * abs(expected.value))
      #expect(abs(Double(stack.variance.pixels[i]) / expected.variance - 1) < 1e-5)
    }
    let again = Self.stack(scene, rule, weights: weights, rowsAtATime: 1)
    #expect(stack.image.pixels.map(\.bitPattern) == again.image.pixels.map(\.bitPattern))
    #expect(stack.variance.pixels.map(\.bitPattern) == again.variance.pixels.map(\.bitPattern))
  }

  @Test("cosmic rays go, the core of the star stays, in seeing from 3.5 to 4.5 px")
  func star() {
    let scene = Scene(frames: 25, seed: 67)
    let rule = StackRule(.noise, .weighted, low: 4, high: 4)
    let stack = Self.stack(
      scene, rule, weights: [Double](repeating: 1, count: 25), rowsAtATime: Self.height)
    var rays = 0
    for k in 0..<25 {
      for y in 4..<8 {
        for x in 34..<38 where scene.values[k][y * Self.width + x] > 26_000 { rays += 1 }
      }
    }
    var bitten = 0
    for y in 4..<8 { for x in 34..<38 { bitten += Int(stack.rejected[x, y]) } }
    #expect(bitten <= rays)
    // One value in 200 was hit by up to 3000 e-, most of them far beyond the noise of 7 e-.
    let sky = (0..<(Self.width * Self.height)).filter {
      $0 % Self.width < 24 || $0 % Self.width > 46
    }
    let rejected = sky.reduce(0) { $0 + Int(stack.rejected.pixels[$1]) }
    let given = sky.reduce(0) { $0 + Int(stack.coverage.pixels[$1]) }
    #expect(abs(Double(rejected) / Double(given) - 0.005) < 0.002)
    // What is left is the sky: 0 within its error.
    let pulls = sky.compactMap { i -> Double? in
      let (value, variance) = (Double(stack.image.pixels[i]), Double(stack.variance.pixels[i]))
      return value.isNaN ? nil : value / variance.squareRoot()
    }
    let square = pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)
    // Some 560 squares: 6 per cent at one sigma.
    #expect(abs(square - 1) < 0.2)
  }
}
