/// Combines calibration frames pixel by pixel into a master with its variance.
///
/// By default values are judged by the noise model of a pixel, not by the scatter of a few values: about the median a
/// lone outlier among N values never lies more than N/sqrt(N-1) standard deviations out, so a clip at three could
/// reject nothing up to N = 7.
public struct MasterCombination: Sendable {
  public var method: CombinationMethod
  /// Standard deviations from the median beyond which a value is left out.
  public var limit: Double
  /// True to mark a pixel as `bad` from which values were left out again and again: it is unstable. One frame may hold a
  /// cosmic ray, two hardly in one place. Only for frames of one level and one scene.
  public var marksUnstable = false

  public init(_ method: CombinationMethod = .noise, limit: Double = 4) {
    precondition(limit > 0, "a limit is positive")
    self.method = method
    self.limit = limit
  }

  /// True where so many left out of those given make a pixel unstable: a fifth, and at least two of five.
  func isUnstable(given: Int, kept: Int) -> Bool {
    marksUnstable && given >= 5 && given - kept >= max(2, (given + 4) / 5)
  }

  /// Variance of one pixel value of a frame: constant + linear * value, e.g. read noise and photons.
  public struct Noise: Sendable, Equatable {
    public var constant: Double
    public var linear: Double
    /// Variance by which the frame may differ from the others beyond its noise (a level that drifted, a gradient of
    /// the sky). It widens the window in which values are kept and is no part of the error of the mean.
    public var spread: Double

    public init(constant: Double, linear: Double, spread: Double = 0) {
      self.constant = constant
      self.linear = linear
      self.spread = spread
    }
  }

  /// The master of frames of one size, one level and one noise. NaN pixels do not count; a pixel without any value is
  /// NaN with the mask `noData`.
  public func callAsFunction(
    _ frames: [PixelGrid<Float>], noise: Noise, typical: Double = .nan, step: Double = 0, exposure: Double = 0
  ) -> Master {
    self(frames, noise: frames.map { _ in noise }, typical: typical, step: step, exposure: exposure)
  }

  /// The same for frames that differ in noise.
  ///
  /// - Parameters:
  ///   - weights: of the frames in the mean; nil for equal ones.
  ///   - typical, step: see `CombinationKernel`.
  public func callAsFunction(
    _ frames: [PixelGrid<Float>], noise: [Noise], weights: [Double]? = nil, typical: Double = .nan,
    step: Double = 0, exposure: Double = 0
  ) -> Master {
    precondition(!frames.isEmpty, "a master needs frames")
    let width = frames[0].width
    let height = frames[0].height
    precondition(frames.allSatisfy { $0.width == width && $0.height == height }, "frames must have one size")
    let kernel = CombinationKernel(self, noise: noise, weights: weights, typical: typical, step: step)
    let planes = MasterPlanes(width: width, height: height)
    // Some megabytes at a time.
    let rows = max(1, (1 << 20) / (width * frames.count))
    let band = CombinationBand(frames: frames.count, pixels: rows * width)
    for first in stride(from: 0, to: height, by: rows) {
      let pixels = (first * width)..<(min(first + rows, height) * width)
      for (k, frame) in frames.enumerated() {
        frame.pixels.withUnsafeBufferPointer { all in
          band.store(UnsafeBufferPointer(rebasing: all[pixels]), frame: k, at: 0)
        }
      }
      planes.combine(band, by: kernel, from: pixels.lowerBound, count: pixels.count)
    }
    return planes.master(frames: frames.count, exposure: exposure)
  }

  /// Noise of one pixel of one frame from the difference of two frames of one level, every 7th pixel taken, clipped.
  public static func pairNoise(_ a: PixelGrid<Float>, _ b: PixelGrid<Float>) -> Double {
    let differences = stride(from: 0, to: a.pixels.count, by: 7).map { a.pixels[$0] - b.pixels[$0] }
    return SigmaClip(floor: 0.3)(differences).sigma / 2.0.squareRoot()
  }
}
