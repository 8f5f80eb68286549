import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("resampling by area and along runs")
struct AreaResamplingTests {
  private static let width = 60
  private static let height = 50

  private static func resampled(
    _ frame: [Float], variances: [Float]? = nil, _ kernel: ResamplingKernel,
    _ transform: SimilarityTransform
  ) -> (values: [Float], variances: [Float]) {
    let resampling = Resampling(kernel, transform: transform)
    var values = [Float](repeating: 0, count: width * height)
    var out = values
    frame.withUnsafeBufferPointer { frame in
      (variances ?? []).withUnsafeBufferPointer { given in
        values.withUnsafeMutableBufferPointer { values in
          out.withUnsafeMutableBufferPointer { out in
            for y in 0..<height {
              let window = resampling.sourceRows(for: y..<(y + 1), width: width, height: height)
              let part = (window.lowerBound * width)..<(window.upperBound * width)
              let line = (y * width)..<((y + 1) * width)
              resampling.row(
                y,
                of: Resampling.Source(
                  values: UnsafeBufferPointer(rebasing: frame[part]),
                  variances: variances == nil ? nil : UnsafeBufferPointer(rebasing: given[part]),
                  columns: width,
                  first: window.lowerBound),
                into: Resampling.Output(
                  values: UnsafeMutableBufferPointer(rebasing: values[line]),
                  variances: UnsafeMutableBufferPointer(rebasing: out[line])))
            }
          }
        }
      }
    }
    return (values, out)
  }

  /// Turns by `angle` degrees and stretches about the middle, then shifts.
  private static func turned(
    _ angle: Double, scale: Double = 1, by shift: (Double, Double) = (0, 0), mirrored: Bool = false
  ) -> SimilarityTransform {
    let (a, b) = (scale * cos(angle * .pi / 180), scale * sin(angle * .pi / 180))
    let centre = PixelPoint(x: Double(width - 1) / 2, y: Double(height - 1) / 2)
    var transform = SimilarityTransform(a: a, b: b, tx: 0, ty: 0, mirrored: mirrored)
    let moved = transform(centre)
    (transform.tx, transform.ty) = (centre.x - moved.x + shift.0, centre.y - moved.y + shift.1)
    return transform
  }

  private static let transforms = [
    turned(0, by: (0.3, -0.6)), turned(0.05, by: (1.4, 2.2)), turned(7), turned(30), turned(45),
    turned(90),
    turned(180, by: (0.5, 0.25)), turned(-120, scale: 1.01), turned(3, scale: 0.8),
    turned(11, scale: 1.7),
    turned(20, mirrored: true), turned(180, mirrored: true),
  ]

  /// Stars in the middle, so that none reaches beyond the frame.
  private static func stars() -> [Float] {
    var light = [Float](repeating: 0, count: width * height)
    for (cx, cy, flux) in [(30.3, 24.8, 5000.0), (25.1, 27.4, 800), (33.9, 21.2, 20_000)] {
      for y in 0..<height {
        for x in 0..<width {
          let d2 = (Double(x) - cx) * (Double(x) - cx) + (Double(y) - cy) * (Double(y) - cy)
          light[y * width + x] += Float(flux / (2 * .pi * 1.44) * exp(-d2 / 2.88))
        }
      }
    }
    return light
  }

  @Test("light is kept under any shift, rotation, scale and flip", arguments: transforms)
  func flux(transform: SimilarityTransform) {
    let frame = Self.stars()
    let (values, _) = Self.resampled(frame, .area, transform)
    let sum = values.reduce(0.0) { $0 + ($1.isNaN ? 0 : Double($1)) }
    let truth = frame.reduce(0.0) { $0 + Double($1) }
    // Single precision of some hundred values; the wings end where the frame does.
    #expect(abs(sum / truth - 1) < 1e-5)
  }

  @Test("the identity changes nothing, not even a bit", arguments: ResamplingKernel.allCases)
  func identity(kernel: ResamplingKernel) {
    var frame = (0..<(Self.width * Self.height)).map { Float(($0 * 7919) % 1000) + 0.125 }
    let variances = frame.map { $0 + 3 }
    frame[777] = .nan
    let (values, out) = Self.resampled(frame, variances: variances, kernel, .identity)
    for i in frame.indices where i != 777 {
      if kernel == .lanczos3 {
        // Sums of weights that are 0 but for rounding.
        #expect(abs(values[i] - frame[i]) < 1e-3)
      } else {
        #expect(values[i] == frame[i] && out[i] == variances[i], "\(i)")
      }
    }
    #expect(values[777].isNaN)
  }

  @Test("parts of pixels are those of geometry")
  func octagon() {
    // A unit square turned by 45 degrees about the middle of a pixel shares with it a regular octagon of width 1, and
    // reaches into four neighbours with a triangle each.
    var frame = [Float](repeating: 0, count: Self.width * Self.height)
    let middle = 20 * Self.width + 30
    frame[middle] = 1
    var transform = SimilarityTransform(a: cos(.pi / 4), b: sin(.pi / 4), tx: 0, ty: 0)
    let moved = transform(PixelPoint(x: 30, y: 20))
    (transform.tx, transform.ty) = (30 - moved.x, 20 - moved.y)
    let (values, variances) = Self.resampled(frame, .area, transform)
    let octagon = 2 * (2.0.squareRoot() - 1)
    #expect(abs(Double(values[middle]) - octagon) < 1e-6)
    let corner = (1 - octagon) / 4
    #expect(abs(Double(variances[middle]) - (octagon * octagon + 4 * corner * corner)) < 1e-6)
  }

  @Test(
    "variances are those of the scatter", arguments: ResamplingKernel.allCases, [0, 1, 5, 6, 9])
  func scatter(kernel: ResamplingKernel, index: Int) {
    var random = SeededGenerator(seed: 47)
    // A flat of a vignetted field: the noise triples towards the right.
    let variances = (0..<(Self.width * Self.height)).map {
      4 + 32 * Float($0 % Self.width) / Float(Self.width)
    }
    var (sum, count) = (0.0, 0)
    for _ in 0..<12 {
      let frame = variances.map { $0.squareRoot() * Float(random.normal()) }
      let (values, out) = Self.resampled(
        frame, variances: variances, kernel, Self.transforms[index])
      for (value, variance) in zip(values, out) where !value.isNaN {
        sum += Double(value * value / variance)
        count += 1
      }
    }
    // 12,000 values and more, of which up to four correlate: 2.6 per cent at one sigma, taken three times.
    #expect(count > 10_000)
    #expect(abs(sum / Double(count) - 1) < 0.08)
  }

  @Test(
    "a masked pixel never leaks, whatever it holds", arguments: ResamplingKernel.allCases,
    transforms)
  func masked(kernel: ResamplingKernel, transform: SimilarityTransform) {
    var frame = [Float](repeating: 50, count: Self.width * Self.height)
    for k in [1234, 1235, 1700, 2001, 2061] { frame[k] = .nan }
    let (values, variances) = Self.resampled(frame, kernel, transform)
    // By area a pixel holds light, and so as much more as it is larger on the frame.
    let level = kernel == .area ? Float(50 * transform.scale * transform.scale) : 50
    #expect(values.contains { !$0.isNaN })
    for (value, variance) in zip(values, variances) {
      #expect(value.isNaN == variance.isNaN)
      if !value.isNaN { #expect(abs(value - level) < 2e-3) }
    }
  }

  @Test("beyond the edges there is nothing", arguments: ResamplingKernel.allCases)
  func edges(kernel: ResamplingKernel) {
    let frame = [Float](repeating: 7, count: Self.width * Self.height)
    let (values, _) = Self.resampled(
      frame, kernel, SimilarityTransform(a: 1, b: 0, tx: 10.25, ty: -7.75))
    for y in 0..<Self.height {
      for x in 0..<Self.width {
        let place = (x: Double(x) + 10.25, y: Double(y) - 7.75)
        let isInside = place.x <= Double(Self.width) - 0.5 && place.y >= -0.5
        #expect(values[y * Self.width + x].isNaN == !isInside, "\(x), \(y)")
      }
    }
    let away = Self.resampled(frame, kernel, SimilarityTransform(a: 1, b: 0, tx: 1e12, ty: 0))
    #expect(away.values.allSatisfy { $0.isNaN })
  }

  @Test(
    "areas along a run are those of each pixel alone",
    arguments: transforms + [
      turned(0.3, by: (1.25, 0.5)), turned(1.5, scale: 0.999), turned(-2.5, scale: 1.001), turned(179.2),
      turned(0.8, mirrored: true), turned(179.4, scale: 1.002, mirrored: true),
    ])
  func areaRuns(transform: SimilarityTransform) {
    var random = SeededGenerator(seed: 59)
    var frame = (0..<(Self.width * Self.height)).map { _ in Float(100 * random.uniform()) }
    let noise = frame.map { $0 + 5 }
    for _ in 0..<40 { frame[Int(random.next() % UInt64(Self.width * Self.height))] = .nan }
    let (values, variances) = Self.resampled(frame, variances: noise, .area, transform)
    var alone = [Float](repeating: 0, count: 2 * Self.width)
    for y in 0..<Self.height {
      alone.withUnsafeMutableBufferPointer { alone in
        frame.withUnsafeBufferPointer { frame in
          noise.withUnsafeBufferPointer { noise in
            AreaOverlap.write(
              0..<Self.width, row: y,
              of: Resampling.Source(values: frame, variances: noise, columns: Self.width, first: 0),
              transform: FrameTransform(transform),
              into: Resampling.Output(
                values: UnsafeMutableBufferPointer(rebasing: alone[..<Self.width]),
                variances: UnsafeMutableBufferPointer(rebasing: alone[Self.width...])))
          }
        }
      }
      for x in 0..<Self.width {
        let (value, variance) = (values[y * Self.width + x], variances[y * Self.width + x])
        #expect(value.isNaN == alone[x].isNaN, "\(x), \(y)")
        // Shares in single precision, of values up to 100.
        if !value.isNaN {
          #expect(abs(value - alone[x]) < 1e-3, "\(x), \(y)")
          #expect(abs(variance - alone[Self.width + x]) < 1e-3, "\(x), \(y)")
        }
      }
    }
  }

  @Test("runs of a row give what each place gives alone", arguments: transforms)
  func runs(transform: SimilarityTransform) {
    var random = SeededGenerator(seed: 53)
    var frame = (0..<(Self.width * Self.height)).map { _ in Float(100 * random.uniform()) }
    for _ in 0..<40 { frame[Int(random.next() % UInt64(Self.width * Self.height))] = .nan }
    let (values, _) = Self.resampled(frame, .bilinear, transform)
    for y in 0..<Self.height {
      for x in 0..<Self.width {
        let place = transform(PixelPoint(x: Double(x), y: Double(y)))
        let expected = Self.interpolated(frame, place)
        let value = values[y * Self.width + x]
        // Where half of the weight is missing rounding decides.
        guard abs(expected.given - 0.5) > 1e-6, expected.margin > 1e-6 else { continue }
        #expect(value.isNaN == expected.value.isNaN, "\(x), \(y)")
        if !value.isNaN { #expect(abs(Double(value) - expected.value) < 2e-4, "\(x), \(y)") }
      }
    }
  }

  /// The definition: four pixels, those without a value left out; `margin` is the distance to the frame's edge.
  private static func interpolated(
    _ frame: [Float], _ p: PixelPoint
  ) -> (value: Double, given: Double, margin: Double) {
    let margins = [p.x + 0.5, Double(width) - 0.5 - p.x, p.y + 0.5, Double(height) - 0.5 - p.y]
    let margin = margins.map { abs($0) }.min() ?? 0
    guard margins.allSatisfy({ $0 >= 0 }) else { return (.nan, 1, margin) }
    var (sum, given) = (0.0, 0.0)
    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
      let (x, y) = (Int(p.x.rounded(.down)) + dx, Int(p.y.rounded(.down)) + dy)
      let w = max(0, 1 - abs(p.x - Double(x))) * max(0, 1 - abs(p.y - Double(y)))
      guard x >= 0, y >= 0, x < width, y < height, !frame[y * width + x].isNaN else { continue }
      sum += w * Double(frame[y * width + x])
      given += w
    }
    return (given > 0.5 ? sum / given : .nan, given, margin)
  }
}
