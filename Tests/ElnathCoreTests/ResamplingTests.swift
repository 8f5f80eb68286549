import Testing

@testable import ElnathCore

@Suite("resampling")
struct ResamplingTests {
  private static let width = 40
  private static let height = 30

  /// The frame seen from the reference frame.
  private static func resampled(
    _ frame: [Float], _ kernel: ResamplingKernel, _ transform: SimilarityTransform, rowsAtATime: Int = height
  ) -> (values: [Float], dilution: [Float]) {
    let resampling = Resampling(kernel, transform: transform)
    var values = [Float](repeating: 0, count: width * height)
    var dilution = values
    frame.withUnsafeBufferPointer { frame in
      values.withUnsafeMutableBufferPointer { values in
        dilution.withUnsafeMutableBufferPointer { dilution in
          for first in stride(from: 0, to: height, by: rowsAtATime) {
            let rows = first..<min(first + rowsAtATime, height)
            let window = resampling.sourceRows(for: rows, width: width, height: height)
            let source = UnsafeBufferPointer(
              rebasing: frame[(window.lowerBound * width)..<(window.upperBound * width)])
            for y in rows {
              let line = (y * width)..<((y + 1) * width)
              resampling.row(
                y, of: Resampling.Source(values: source, columns: width, first: window.lowerBound),
                into: Resampling.Output(
                  values: UnsafeMutableBufferPointer(rebasing: values[line]),
                  variances: UnsafeMutableBufferPointer(rebasing: dilution[line])))
            }
          }
        }
      }
    }
    return (values, dilution)
  }

  private static let turned = SimilarityTransform(a: 0.998, b: 0.06, tx: 1.3, ty: -2.4)

  @Test("a shift by whole pixels moves the values; what lies outside is missing", arguments: ResamplingKernel.allCases)
  func wholePixels(kernel: ResamplingKernel) {
    let frame = (0..<(Self.width * Self.height)).map { Float(($0 * 7919) % 1000) }
    let (values, dilution) = Self.resampled(frame, kernel, SimilarityTransform(a: 1, b: 0, tx: 3, ty: -2))
    for y in 0..<Self.height {
      for x in 0..<Self.width {
        let value = values[y * Self.width + x]
        if x + 3 < Self.width && y - 2 >= 0 {
          // Weights are rounded to single precision.
          #expect(abs(value - frame[(y - 2) * Self.width + x + 3]) < 1e-3)
          #expect(abs(dilution[y * Self.width + x] - 1) < 1e-5)
        } else {
          #expect(value.isNaN)
        }
      }
    }
  }

  @Test("a plane stays a plane", arguments: ResamplingKernel.allCases)
  func plane(kernel: ResamplingKernel) {
    func plane(_ p: PixelPoint) -> Double { 100 + 2 * p.x - 3 * p.y }
    let frame = (0..<(Self.width * Self.height)).map {
      Float(plane(PixelPoint(x: Double($0 % Self.width), y: Double($0 / Self.width))))
    }
    let (values, _) = Self.resampled(frame, kernel, Self.turned)
    var compared = 0
    for y in 0..<Self.height {
      for x in 0..<Self.width {
        let p = Self.turned(PixelPoint(x: Double(x), y: Double(y)))
        guard p.x >= 3, p.x <= Double(Self.width - 4), p.y >= 3, p.y <= Double(Self.height - 4) else { continue }
        compared += 1
        // Slopes of 2 and 3: phases are taken in steps of 1/2048 px, and the weights of Lanczos have their middle up to
        // 0.02 px beside it.
        #expect(abs(Double(values[y * Self.width + x]) - plane(p)) < (kernel == .bilinear ? 0.003 : 0.11))
      }
    }
    #expect(compared > 500)
  }

  @Test("a gap takes no part and is not smeared", arguments: ResamplingKernel.allCases)
  func gap(kernel: ResamplingKernel) {
    var frame = [Float](repeating: 50, count: Self.width * Self.height)
    frame[15 * Self.width + 20] = .nan
    let (values, _) = Self.resampled(frame, kernel, SimilarityTransform(a: 1, b: 0, tx: 0.3, ty: 0))
    // The pixel that lies on it has no value; all others keep the level.
    #expect(values[15 * Self.width + 20].isNaN)
    #expect(abs(values[15 * Self.width + 19] - 50) < 1e-3)
    #expect(values[1..<(Self.width - 1)].allSatisfy { abs($0 - 50) < 1e-3 })
    #expect(values.count { $0.isNaN } <= 2)
  }

  @Test("the variance is the sum of the squared weights times that of a pixel", arguments: ResamplingKernel.allCases)
  func variance(kernel: ResamplingKernel) {
    var random = SeededGenerator(seed: 31)
    var sum = 0.0
    var count = 0
    for _ in 0..<8 {
      let frame = (0..<(Self.width * Self.height)).map { _ in Float(random.normal()) }
      let (values, dilution) = Self.resampled(frame, kernel, Self.turned)
      for (value, thin) in zip(values, dilution) where !value.isNaN {
        sum += Double(value) * Double(value) / Double(thin)
        count += 1
      }
    }
    // Some 7,500 values, of which neighbours correlate: 4 per cent at three sigma, doubled.
    #expect(abs(sum / Double(count) - 1) < 0.08)
  }

  @Test("the result does not depend on the bands", arguments: ResamplingKernel.allCases)
  func bands(kernel: ResamplingKernel) {
    let frame = (0..<(Self.width * Self.height)).map { Float(($0 * 7919) % 1000) }
    let turned = SimilarityTransform(a: -0.9, b: 0.4, tx: 36, ty: 27)
    let whole = Self.resampled(frame, kernel, turned)
    let pieces = Self.resampled(frame, kernel, turned, rowsAtATime: 1)
    #expect(whole.values.map(\.bitPattern) == pieces.values.map(\.bitPattern))
    #expect(whole.dilution.map(\.bitPattern) == pieces.dilution.map(\.bitPattern))
  }
}
