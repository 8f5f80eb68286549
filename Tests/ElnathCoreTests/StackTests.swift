import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("stack")
struct StackTests {
  private static let width = 37
  private static let height = 11

  /// Frames of integers around 1000 with outliers, row-major.
  private static func frames(_ count: Int, seed: UInt64, sigma: Double = 5) -> [[UInt16]] {
    (0..<count).map { k in
      var random = SeededGenerator(seed: seed, part: UInt64(k))
      return (0..<(width * height)).map { _ in
        var value = 1000 + sigma * random.normal()
        if random.next() % 50 == 0 { value += abs(2000 * random.normal()) }
        return UInt16(min(max(value.rounded(), 0), 65_535))
      }
    }
  }

  private static func general(
    _ frames: [[Float]], _ rule: StackRule, known: [StackKernel.Frame]? = nil, rowsAtATime: Int = height
  ) -> Stack {
    let planes = StackPlanes(width: width, height: height)
    let kernel = StackKernel(rule, frames: known ?? frames.map { _ in StackKernel.Frame() })
    for first in stride(from: 0, to: height, by: rowsAtATime) {
      let rows = first..<min(first + rowsAtATime, height)
      let all = max(0, rows.lowerBound - kernel.margin)..<min(height, rows.upperBound + kernel.margin)
      let band = CombinationBand(frames: frames.count, pixels: all.count * width)
      for (k, frame) in frames.enumerated() {
        frame.withUnsafeBufferPointer {
          band.store(
            UnsafeBufferPointer(rebasing: $0[(all.lowerBound * width)..<(all.upperBound * width)]), frame: k, at: 0)
        }
      }
      kernel.combine(band, rows: rows, bandFirst: all.lowerBound, bandRows: all.count, into: planes)
    }
    return planes.stack()
  }

  private static func quick(_ frames: [[UInt16]], _ rule: StackRule) throws -> Stack {
    let planes = StackPlanes(width: width, height: height)
    let kernel = try #require(IntegerStack(rule, frames: frames.count, zero: 32_768))
    let band = IntegerBand(frames: frames.count, pixels: width * height)
    for (k, frame) in frames.enumerated() {
      let stored = frame.map { Int16(truncatingIfNeeded: Int($0) - 32_768).bigEndian }
      stored.withUnsafeBufferPointer { band.store(bigEndian: $0, frame: k, at: 0) }
    }
    kernel.combine(band, count: width * height, into: planes, at: 0)
    return planes.stack()
  }

  private static func bits(_ stack: Stack) -> [UInt32] {
    stack.image.pixels.map(\.bitPattern) + stack.variance.pixels.map(\.bitPattern)
      + stack.coverage.pixels.map { UInt32($0) } + stack.rejected.pixels.map { UInt32($0) }
  }

  @Test(
    "the quick way for integers gives the bits of the general one",
    arguments: [1, 2, 3, 7, 8, 25, 88], [StackRule.Rejection.none, .sigma, .winsorised, .mad])
  func quickEqualsGeneral(count: Int, rejection: StackRule.Rejection) throws {
    let frames = Self.frames(count, seed: 3)
    for combination in [StackRule.Combination.median, .mean] {
      let rule = StackRule(rejection, combination, low: 2.5, high: 3)
      let general = Self.general(frames.map { $0.map { Float($0) } }, rule)
      #expect(Self.bits(try Self.quick(frames, rule)) == Self.bits(general))
    }
  }

  /// A pixel by the rule as it is written.
  private static func plain(_ values: [Double], _ rule: StackRule) -> (value: Double, variance: Double, kept: Int) {
    func deviation(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }
    func within(_ some: [Double], of kept: [Double], _ sigma: Double) -> [Double] {
      let centre = Median.of(kept)
      return some.filter { $0 >= centre - rule.low * sigma && $0 <= centre + rule.high * sigma }
    }
    var kept = values
    switch rule.rejection {
    case .sigma:
      while true {
        let next = within(kept, of: kept, deviation(kept))
        if next.count == kept.count { break }
        kept = next
      }
      kept = within(values, of: kept, deviation(kept))
    case .mad:
      let centre = Median.of(values)
      kept = within(values, of: values, RobustScale.sigmaPerMAD * Median.of(values.map { abs($0 - centre) }))
    case .none, .winsorised, .noise: break
    }
    let n = Double(kept.count)
    let isMedian = rule.combination == .median
    let spread = deviation(kept) * deviation(kept) / (n - 1)
    return (
      isMedian ? Median.of(kept) : kept.reduce(0, +) / n,
      isMedian ? n * CombinationEfficiency.medianVariance(kept.count) * spread : spread, kept.count
    )
  }

  @Test(
    "many integers, of which each number is counted, give what the rule says", arguments: [160, 161, 300],
    [StackRule.Rejection.none, .sigma, .mad])
  func many(count: Int, rejection: StackRule.Rejection) throws {
    let frames = Self.frames(count, seed: 11)
    // Numbers far apart are not counted but sorted: both ways are gone.
    let wide = (0..<(Self.width * Self.height)).count { i in
      let values = frames.map { Int($0[i]) }
      return values.max()! - values.min()! >= 4096
    }
    #expect(wide > 5 && wide < 200)
    for combination in [StackRule.Combination.median, .mean] {
      let rule = StackRule(rejection, combination, low: 2.5, high: 3)
      let stack = try Self.quick(frames, rule)
      for i in stack.image.pixels.indices {
        let expected = Self.plain(frames.map { Double($0[i]) }, rule)
        #expect(Int(stack.coverage.pixels[i]) == count)
        #expect(Int(stack.rejected.pixels[i]) == count - expected.kept, "pixel \(i)")
        // Single precision of numbers near 1000, and of their variance.
        #expect(abs(Double(stack.image.pixels[i]) - expected.value) < 1e-4)
        #expect(abs(Double(stack.variance.pixels[i]) / expected.variance - 1) < 1e-6)
      }
    }
  }

  @Test(
    "many integers give the bits of the general way", arguments: [161, 300],
    [StackRule.Rejection.none, .sigma, .winsorised, .mad])
  func manyEqualGeneral(count: Int, rejection: StackRule.Rejection) throws {
    let frames = Self.frames(count, seed: 13)
    for combination in [StackRule.Combination.median, .mean] {
      let rule = StackRule(rejection, combination, low: 2.5, high: 3)
      #expect(
        Self.bits(try Self.quick(frames, rule)) == Self.bits(Self.general(frames.map { $0.map { Float($0) } }, rule)))
    }
  }

  @Test("the result does not depend on the bands", arguments: StackRule.Rejection.allCases)
  func bands(rejection: StackRule.Rejection) {
    let frames = Self.frames(9, seed: 5).map { $0.map { Float($0) } }
    let known = frames.map { _ in
      StackKernel.Frame(weight: 1, noise: MasterCombination.Noise(constant: 25, linear: 0))
    }
    let rule = StackRule(rejection, .weighted)
    let whole = Self.bits(Self.general(frames, rule, known: known))
    #expect(Self.bits(Self.general(frames, rule, known: known, rowsAtATime: 1)) == whole)
    #expect(Self.bits(Self.general(frames, rule, known: known, rowsAtATime: 4)) == whole)
  }

  @Test("gaps do not count, and where no frame has a value there is none")
  func gaps() {
    var frames = (0..<5).map { k in [Float](repeating: Float(10 + k), count: Self.width * Self.height) }
    for k in 0..<5 { frames[k][40] = .nan }
    for k in 0..<3 { frames[k][41] = .nan }
    let stack = Self.general(frames, StackRule(.sigma, .median))
    #expect(stack.image.pixels[40].isNaN && stack.variance.pixels[40].isNaN)
    #expect(stack.coverage.pixels[40] == 0 && stack.rejected.pixels[40] == 0)
    #expect(stack.image.pixels[41] == 13.5 && stack.coverage.pixels[41] == 2)
    #expect(stack.image.pixels[42] == 12 && stack.coverage.pixels[42] == 5)
    // Everything else, the last row and column included, has all five.
    #expect(stack.coverage.pixels.count { $0 == 5 } == Self.width * Self.height - 2)
  }

  @Test("variances are those of the scatter of the result", arguments: StackRule.Combination.allCases)
  func pulls(combination: StackRule.Combination) {
    // Frames of different noise; the truth is 100.
    let sigmas = (0..<12).map { 4 + Double($0) }
    let frames = sigmas.enumerated().map { k, sigma in
      var random = SeededGenerator(seed: 17, part: UInt64(k))
      return (0..<(Self.width * Self.height)).map { _ in Float(100 + sigma * random.normal()) }
    }
    let known = sigmas.map {
      StackKernel.Frame(weight: 1 / ($0 * $0), noise: MasterCombination.Noise(constant: $0 * $0, linear: 0))
    }
    let stack = Self.general(frames, StackRule(.none, combination), known: known)
    let pulls = zip(stack.image.pixels, stack.variance.pixels).map { (Double($0) - 100) / Double($1).squareRoot() }
    let square = pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)
    // 407 squares: 7 per cent at one sigma, taken three times; the median's variance is an approximation to some per
    // cent where the noise differs by a factor of four.
    #expect(abs(square - 1) < (combination == .median ? 0.3 : 0.21))
  }

  @Test("a changing seeing bites no star, and a cosmic ray on its wing is left out")
  func seeing() {
    let width = Self.width
    // A star of 20,000 e- at the peak in frames of FWHM 3.5 to 4.5 px.
    var frames = (0..<9).map { k in
      let sigma = (3.5 + Double(k) / 8) / 2.3548
      var random = SeededGenerator(seed: 23, part: UInt64(k))
      return (0..<(width * Self.height)).map { i in
        let (dx, dy) = (Double(i % width) - 18, Double(i / width) - 5)
        let light = 200 + 20_000 * (1.7 / sigma) * (1.7 / sigma) * exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
        return Float(light + (light + 25).squareRoot() * random.normal())
      }
    }
    frames[4][3 * width + 25] += 3000
    let known = frames.map { _ in
      StackKernel.Frame(weight: 1, noise: MasterCombination.Noise(constant: 25, linear: 1))
    }
    let stack = Self.general(frames, StackRule(.noise, .mean, low: 4, high: 4), known: known)
    for y in 2..<9 {
      for x in 15..<22 { #expect(stack.rejected[x, y] == 0, "pixel \(x), \(y)") }
    }
    #expect(stack.rejected[25, 3] == 1)
    // The same limit on the noise alone bites the core: the term is what keeps it.
    let bitten = Self.general(frames, StackRule(.noise, .mean, low: 4, high: 4, seeing: 0), known: known)
    #expect(bitten.rejected[18, 5] >= 2)
  }
}
