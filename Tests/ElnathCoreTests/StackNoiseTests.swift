import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("noise of a stack")
struct StackNoiseTests {
  private static let width = 96
  private static let height = 90
  private static let transforms: [SimilarityTransform] = [
    SimilarityTransform(a: 1, b: 0, tx: 0, ty: 0), SimilarityTransform(a: 1, b: 0, tx: 0.5, ty: -0.5),
    SimilarityTransform(a: 1, b: 0.004, tx: 1.3, ty: 2.7), SimilarityTransform(a: 0.999, b: -0.003, tx: -1.2, ty: 0.4),
    SimilarityTransform(a: -0.9999, b: 0.01, tx: 95.2, ty: 88.9),
  ]

  /// A stack of frames of nothing but noise, each frame with its own.
  private static func stack(
    _ kernel: ResamplingKernel, _ combination: StackRule.Combination, sigmas: [Double], seed: UInt64
  ) -> Stack {
    let count = width * height
    let bands = (0..<2).map { _ in CombinationBand(frames: transforms.count, pixels: count) }
    for (k, transform) in transforms.enumerated() {
      var random = SeededGenerator(seed: seed, part: UInt64(k))
      let frame = (0..<count).map { _ in Float(sigmas[k] * random.normal()) }
      let noise = [Float](repeating: Float(sigmas[k] * sigmas[k]), count: count)
      var line = [Float](repeating: 0, count: 2 * width)
      frame.withUnsafeBufferPointer { frame in
        noise.withUnsafeBufferPointer { noise in
          line.withUnsafeMutableBufferPointer { line in
            let output = Resampling.Output(
              values: UnsafeMutableBufferPointer(rebasing: line[..<width]),
              variances: UnsafeMutableBufferPointer(rebasing: line[width...]))
            let source = Resampling.Source(values: frame, variances: noise, columns: width, first: 0)
            for y in 0..<height {
              Resampling(kernel, transform: transform).row(y, of: source, into: output)
              for (band, part) in zip(bands, [output.values, output.variances]) {
                band.store(UnsafeBufferPointer(part), frame: k, at: y * width)
              }
            }
          }
        }
      }
    }
    let planes = StackPlanes(width: width, height: height)
    let frames = sigmas.map { StackKernel.Frame.measured(weight: 1 / ($0 * $0)) }
    StackKernel(StackRule(.noise, combination, low: 5, high: 5), frames: frames)
      .combine(bands[0], variances: bands[1], rows: 0..<height, bandFirst: 0, bandRows: height, into: planes)
    return planes.stack()
  }

  @Test(
    "VARIANCE is that of single pixels, and of sums by the factor of the correlation",
    arguments: ResamplingKernel.allCases, [StackRule.Combination.mean, .weighted])
  func sums(kernel: ResamplingKernel, combination: StackRule.Combination) {
    let sigmas = [4, 5, 3, 6, 4.5]
    let side = 16
    var (pixels, single, boxes, summed) = (0, 0.0, 0, 0.0)
    for seed in 0..<30 {
      let stack = Self.stack(kernel, combination, sigmas: sigmas, seed: 100 + UInt64(seed))
      // Inside, where all frames have values.
      for y in 8..<(Self.height - 8) {
        for x in 8..<(Self.width - 8) {
          single += Double(stack.image[x, y] * stack.image[x, y] / stack.variance[x, y])
          pixels += 1
        }
      }
      for j in stride(from: 8, through: Self.height - 8 - side, by: side) {
        for i in stride(from: 8, through: Self.width - 8 - side, by: side) {
          var (sum, variance) = (0.0, 0.0)
          for y in j..<(j + side) {
            for x in i..<(i + side) {
              sum += Double(stack.image[x, y])
              variance += Double(stack.variance[x, y])
            }
          }
          summed += sum * sum / variance
          boxes += 1
        }
      }
    }
    // 180,000 squares, of which some four tell the same: 0.7 per cent at one sigma.
    #expect(abs(single / Double(pixels) - 1) < 0.021)
    let frames = zip(Self.transforms, sigmas).map { transform, sigma in
      StackCorrelation.Frame(
        resampling: Resampling(kernel, transform: transform),
        weight: combination == .weighted ? 1 / (sigma * sigma) : 1, variance: sigma * sigma)
    }
    let factor = StackCorrelation.factor(frames, width: Self.width, height: Self.height)
    // Lanczos keeps nearly all of the noise where it is, the others leave less than half.
    #expect(kernel == .lanczos3 ? (1.02..<1.4).contains(factor) : (1.5..<2.25).contains(factor), "\(factor)")
    // Along the border of a box less of the noise is shared: 2 / (3 n) of 16 pixels for those that mix two, and nothing
    // to speak of for Lanczos. 600 squares: 6 per cent at one sigma.
    let border = kernel == .lanczos3 ? 1 : 1 - 2 / (3 * Double(side))
    #expect(abs(summed / Double(boxes) / (factor * border) - 1) < 0.18)
  }

  @Test("frames that lie on one another do not correlate, and bilinear at all phases has 2.25")
  func factor() {
    let plain = StackCorrelation.Frame(resampling: nil, weight: 1, variance: 9)
    #expect(StackCorrelation.factor([plain, plain], width: 50, height: 40) == 1)
    let turned = StackCorrelation.Frame(
      resampling: Resampling(.bilinear, transform: SimilarityTransform(a: 0.999, b: 0.02, tx: 0.3, ty: -0.2)),
      weight: 1,
      variance: 9)
    // Its phases are spread over some 16 rows of 500 pixels.
    #expect(abs(StackCorrelation.factor([turned], width: 500, height: 500) / 2.25 - 1) < 0.03)
  }

  @Test("the noise of the sky is found whatever the variances say, and stars keep their own", arguments: [0.25, 1, 3])
  func sky(ratio: Double) throws {
    let field = SyntheticField(
      width: 300, height: 280,
      stars: SyntheticField.stars(60, width: 300, height: 280, margin: 10, flux: 1500...150_000, seed: 11))
    var frame = field.frame(seed: 4)
    let truth = frame.image.variance.pixels
    // The sky of 200 e- and a read noise of 8 e- make 264; what is said differs by a constant.
    let excess = Float(264 / ratio - 264)
    for i in truth.indices { frame.image.variance.pixels[i] = max(1, truth[i] + excess) }
    let noise = try #require(SkyNoise(FrameReduction(reduced: frame)))
    // 2400 differences, clipped: 3.5 per cent at one sigma.
    #expect(abs(noise.ratio / ratio - 1) < 0.11, "\(noise.ratio)")
    #expect(SkyNoise.contradicts([noise]) == (ratio != 1))
    // The fainter wings of stars stand above the sky in the darker half, too: some per cent.
    #expect(abs(noise.expected * ratio / 264 - 1) < 0.05, "\(noise.expected)")
    for i in truth.indices where truth[i] > 2000 {
      #expect(abs(noise.corrected(frame.image.variance.pixels[i]) / truth[i] - 1) < 0.04)
    }
    #expect(abs(noise.corrected(Float(264 / ratio)) / 264 - 1) < 0.12)
  }

  @Test("without a zero level the model is never trusted; one odd frame of many is no contradiction")
  func contradictions() {
    let good = SkyNoise(expected: 100, ratio: 1.05)
    #expect(!SkyNoise.contradicts([good, good, SkyNoise(expected: 100, ratio: 4)]))
    #expect(SkyNoise.contradicts([SkyNoise(expected: 100, ratio: 1.05, zeroKnown: false)]))
    #expect(SkyNoise.contradicts([SkyNoise(expected: 100, ratio: 0.5), SkyNoise(expected: 100, ratio: 0.6)]))
  }
}
