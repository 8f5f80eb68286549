import ElnathTestSupport
import Synchronization
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("compare: two frames of one field")
struct FrameComparisonTests {
  private static let field: SyntheticField = {
    SyntheticField(
      width: 220, height: 200,
      stars: SyntheticField.stars(60, width: 220, height: 200, margin: 40, flux: 1500...150_000, seed: 11))
  }()

  private static func compared(_ frame: Frame) -> ComparedFrame {
    ComparedFrame(image: frame.image, observation: frame.observation)
  }

  private static func difference(_ first: ComparedFrame, _ second: ComparedFrame) throws -> FrameDifference {
    switch FrameComparison()(first, second) {
    case .compared(let found): return found
    case .refused(let reason):
      Issue.record("refused: \(reason)")
      throw Refused(reason: reason)
    case .outOfMemory(let bytes):
      Issue.record("no \(bytes) bytes of memory")
      throw Refused(reason: "memory")
    }
  }

  private struct Refused: Error { var reason: String }

  private final class Count: Sendable { let value = Atomic(0) }

  /// A periodic image between its pixels, by the sum over its waves written as a matrix: nothing in common with an FFT.
  private static func sampled(_ grid: PixelGrid<Float>, dx: Double, dy: Double) -> PixelGrid<Float> {
    func weights(_ n: Int, _ shift: Double) -> [Double] {
      (0..<n).map { k in
        let x = Double(k) - shift
        let phase = Double.pi * x / Double(n)
        return abs(sin(phase)) < 1e-14 ? 1 : sin(.pi * x) / (Double(n) * tan(phase))
      }
    }
    let (width, height) = (grid.width, grid.height)
    // out(x) = sum over k of in(k) w(k - x - dx)
    let (across, along) = (weights(width, dx), weights(height, dy))
    var rows = [Double](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        var sum = 0.0
        for k in 0..<width { sum += Double(grid.pixels[y * width + k]) * across[(k - x + width) % width] }
        rows[y * width + x] = sum
      }
    }
    var out = [Float](repeating: 0, count: width * height)
    for x in 0..<width {
      for y in 0..<height {
        var sum = 0.0
        for k in 0..<height { sum += rows[k * width + x] * along[(k - y + height) % height] }
        out[y * width + x] = Float(sum)
      }
    }
    return PixelGrid(width: width, height: height, pixels: out)
  }

  private static func with(_ frame: ComparedFrame, image: PixelGrid<Float>) -> ComparedFrame {
    ComparedFrame(
      image: MaskedImage(image: image, variance: frame.image.variance, mask: frame.image.mask),
      observation: frame.observation)
  }

  @Test("a frame is equal to itself: no shift, no difference")
  func itself() throws {
    let frame = Self.compared(Self.field.frame(seed: 1))
    let found = try Self.difference(frame, frame)
    #expect(found.isEqual)
    #expect(abs(found.shift.x) < 1e-6 && abs(found.shift.y) < 1e-6)
    #expect(found.statistics.median == 0 && found.statistics.mad == 0 && found.statistics.beyond == 0)
    #expect(found.difference.image.pixels.allSatisfy { $0 == 0 })
    #expect(found.way == "whole" && found.stars.count > 20)
  }

  @Test("the same pixels moved by whole pixels, with the edge filled with zeros")
  func wholePixels() throws {
    let frame = Self.compared(Self.field.frame(seed: 2))
    let (width, height, dx, dy) = (frame.image.width, frame.image.height, 13, -7)
    var moved = PixelGrid<Float>(width: width, height: height, repeating: 0)
    for y in 0..<height {
      for x in 0..<width where (0..<width).contains(x - dx) && (0..<height).contains(y - dy) {
        moved.set(x, y, frame.image.image[x - dx, y - dy])
      }
    }
    let found = try Self.difference(frame, Self.with(frame, image: moved))
    #expect(found.isEqual)
    #expect(abs(found.shift.x - Double(dx)) < 1e-6 && abs(found.shift.y - Double(dy)) < 1e-6)
    #expect(found.statistics.mad == 0)
  }

  @Test(
    "the same pixels moved by a fraction of a pixel in Fourier space are found to 1e-4 px and equal",
    arguments: [(0.37, -0.5), (-4.218, 6.811), (0.02, 0.003)])
  func fourier(_ dx: Double, _ dy: Double) throws {
    let frame = Self.compared(Self.field.frame(seed: 3))
    let moved = Self.sampled(frame.image.image, dx: -dx, dy: -dy)
    let found = try Self.difference(frame, Self.with(frame, image: moved))
    #expect(found.isEqual, "\(found.tests)")
    #expect(abs(found.shift.x - dx) < 1e-4 && abs(found.shift.y - dy) < 1e-4, "\(found.shift)")
    // Only the wave at the Nyquist frequency is lost.
    #expect(found.statistics.scatter < 0.1)
  }

  @Test("independent exposures, moved or turned, are equal; the shift is true within its error")
  func exposures() throws {
    let first = Self.compared(Self.field.frame(seed: 4))
    let transforms = [
      SimilarityTransform(a: 1, b: 0, tx: 5.3, ty: -3.7), SimilarityTransform(a: 1, b: 0, tx: 0, ty: 0),
      SimilarityTransform(a: cos(0.02), b: sin(0.02), tx: 4, ty: 2),
    ]
    for (k, transform) in transforms.enumerated() {
      let second = Self.compared(Self.field.frame(seed: UInt64(20 + k), transform: transform))
      let found = try Self.difference(first, second)
      #expect(found.isEqual, "\(k): \(found.tests)")
      let centre = PixelPoint(x: 109.5, y: 99.5)
      let truth = transform(centre)
      // Five errors of the shift; the rotation is known from the stars alone.
      let allowed = k == 2 ? 0.05 : 5 * max(found.shiftError.x, found.shiftError.y)
      #expect(allowed < 0.06)
      #expect(abs(found.shift.x - (truth.x - centre.x)) < allowed, "\(k)")
      #expect(abs(found.shift.y - (truth.y - centre.y)) < allowed, "\(k)")
      #expect(found.registration?.isShift == (k < 2))
      // Independent noise scatters by its error, resampled or not.
      #expect(abs(found.statistics.scatter - 1) < 0.06, "\(k): \(found.statistics.scatter)")
    }
  }

  @Test("errors of the shift are true")
  func shiftPulls() throws {
    var pulls: [Double] = []
    for seed in 0..<30 as Range<UInt64> {
      let first = Self.compared(Self.field.frame(seed: 100 + 2 * seed))
      let transform = SimilarityTransform(a: 1, b: 0, tx: 0.3, ty: 0.4)
      let second = Self.compared(Self.field.frame(seed: 101 + 2 * seed, transform: transform))
      let found = try Self.difference(first, second)
      pulls.append((found.shift.x - 0.3) / found.shiftError.x)
      pulls.append((found.shift.y - 0.4) / found.shiftError.y)
    }
    let mean = pulls.reduce(0, +) / Double(pulls.count)
    let sigma = (pulls.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pulls.count - 1)).squareRoot()
    // 60 pulls: the mean is good to 0.13, their scatter to 0.09; four of those.
    #expect(abs(mean) < 0.52, "\(mean)")
    #expect(abs(sigma - 1) < 0.37, "\(sigma)")
  }

  @Test("a flat that one reduction lacks makes them different, though no pixel shows it")
  func flatLeftOut() throws {
    let frame = Self.compared(Self.field.frame(seed: 5))
    var image = frame.image.image
    for y in 0..<image.height {
      for x in 0..<image.width {
        let r2 = (Double(x - 110) * Double(x - 110) + Double(y - 100) * Double(y - 100)) / 22_000
        image.set(x, y, image[x, y] * Float(1 - 0.04 * r2))
      }
    }
    let found = try Self.difference(frame, Self.with(frame, image: image))
    #expect(!found.isEqual)
    let failed = found.tests.filter { !$0.passes }.map(\.name)
    #expect(failed.contains("boxes"), "\(failed)")
    #expect(found.statistics.fractionBeyond < 1e-3)
    #expect(abs(found.shift.x) < 0.01 && abs(found.shift.y) < 0.01)
    // The picture shows where: nothing in the middle, most in the corners.
    let map = DifferenceMap(found.difference, most: 20)
    let middle = map.means[map.rows / 2 * map.columns + map.columns / 2]
    #expect(map.means[0] > 4 * abs(middle) && map.means[0] > 3)
  }

  @Test("one star that changed is named, and nothing else fails")
  func oneStar() throws {
    var field = Self.field
    let first = Self.compared(field.frame(seed: 6))
    let bright = field.stars.indices.filter {
      field.stars[$0].position.lies(inWidth: 180, height: 160) && field.stars[$0].position.x > 40
        && field.stars[$0].position.y > 40
    }.max { field.stars[$0].flux < field.stars[$1].flux }
    let changed = try #require(bright)
    field.stars[changed].flux *= 0.8
    let found = try Self.difference(first, Self.compared(field.frame(seed: 7)))
    #expect(!found.isEqual)
    let worst = try #require(found.stars.max { abs($0.residual) < abs($1.residual) })
    #expect(worst.position.distance(to: field.stars[changed].position) < 0.5)
    #expect(worst.residual > 10)
  }

  @Test("what is masked in either frame does not count")
  func masked() throws {
    let frame = Self.compared(Self.field.frame(seed: 8))
    var image = frame.image
    image.image.set(50, 60, 1e9)
    image.mask.set(50, 60, .bad)
    image.image.set(51, 90, .nan)
    image.mask.set(51, 90, .noData)
    let damaged = ComparedFrame(image: image, observation: frame.observation)
    for (first, second) in [(frame, damaged), (damaged, frame)] {
      let found = try Self.difference(first, second)
      #expect(found.isEqual)
      #expect(found.difference.image[50, 60].isNaN && found.difference.image[51, 90].isNaN)
      #expect(found.statistics.pixels == 220 * 200 - 2)
    }
  }

  @Test("without stars frames of one size are compared pixel on pixel, of two sizes refused")
  func noStars() throws {
    let empty = SyntheticField(width: 96, height: 80, stars: [])
    let (one, other) = (Self.compared(empty.frame(seed: 1)), Self.compared(empty.frame(seed: 2)))
    let found = try Self.difference(one, other)
    #expect(found.registration == nil && found.shift.x.isNaN)
    #expect(found.isEqual, "\(found.tests)")
    let larger = SyntheticField(width: 97, height: 80, stars: [])
    guard case .refused(let reason) = FrameComparison()(one, Self.compared(larger.frame(seed: 3))) else {
      Issue.record("compared")
      return
    }
    #expect(reason.contains("96x80") && reason.contains("97x80"))
  }

  @Test("where memory does not suffice the frames are neither compared nor is anything else done", arguments: [0, 1])
  func noMemory(allocations: Int) {
    let frame = Self.compared(Self.field.frame(seed: 8))
    let moved = Self.sampled(frame.image.image, dx: -0.4, dy: 0.3)
    var comparison = FrameComparison()
    let given = Count()
    comparison.memory = { bytes in
      given.value.wrappingAdd(1, ordering: .relaxed).oldValue < allocations ? FourierImage.usualMemory(bytes) : nil
    }
    guard case .outOfMemory(let bytes) = comparison(frame, Self.with(frame, image: moved)) else {
      Issue.record("compared without memory")
      return
    }
    // Two spectra of 111 x 200 complex numbers.
    #expect(bytes == 2 * 111 * 200 * 16)
    #expect(given.value.load(ordering: .relaxed) == allocations + 1)
  }

  @Test("noise that no file tells is measured from the pixels")
  func measuredNoise() throws {
    let frames = [9, 10].map { Self.field.frame(seed: $0) }
    let bare = frames.map {
      ComparedFrame(pixels: $0.image.image, mask: nil, observation: $0.observation, gain: 1, saturation: nil)
    }
    let found = try Self.difference(bare[0], bare[1])
    #expect(found.isEqual, "\(found.tests)")
    // The mesh measures the noise to 3 per cent.
    #expect(abs(found.statistics.scatter - 1) < 0.08)
  }

  @Test("the histogram holds every pixel, and of independent noise is a bell of width 1")
  func histogram() throws {
    let found = try Self.difference(
      Self.compared(Self.field.frame(seed: 12)), Self.compared(Self.field.frame(seed: 13)))
    let counts = found.statistics.histogram
    #expect(counts.reduce(0, +) == found.statistics.pixels)
    let inner = counts[70..<90].reduce(0, +)
    // 68.27 per cent within one error; 44 000 pixels tell that to 0.2.
    #expect(abs(Double(inner) / Double(found.statistics.pixels) - 0.6827) < 0.015)
  }
}
