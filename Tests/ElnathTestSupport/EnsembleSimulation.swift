import ElnathCore

/// A simulated series of comparison stars with known zero points.
public struct EnsembleSimulation: Sendable {
  public var stars = 10
  public var frames = 60
  /// Expected error of each star, mag, from the brightest to the faintest.
  public var errors = 0.004...0.02
  /// Scatter of every star that its expected error does not know, mag.
  public var jitter = 0.0
  /// Part of the measurements that are missing, at random.
  public var missing = 0.0
  /// Depth of the clouds in the second half, mag; errors grow as photons get fewer.
  public var cloud = 0.0

  public init() {}

  public struct Result: Sendable {
    public var problem: EnsembleProblem
    /// With mean 0.
    public var zeroPoints: [Double]
    public var means: [Double]
  }

  public func callAsFunction(seed: UInt64) -> Result {
    var random = SeededGenerator(seed: seed)
    var zeroPoints = (0..<frames).map { frame in
      let clouded = 2 * frame >= frames
      return 0.1 * Double(frame) / Double(frames) + 0.02 * random.normal() + (clouded ? cloud * random.uniform() : 0)
    }
    let mean = zeroPoints.reduce(0, +) / Double(frames)
    for frame in 0..<frames { zeroPoints[frame] -= mean }
    var magnitudes: [Double] = []
    var variances: [Double] = []
    var means: [Double] = []
    for star in 0..<stars {
      let place = stars > 1 ? Double(star) / Double(stars - 1) : 0
      let error = errors.lowerBound * power(errors.upperBound / errors.lowerBound, place)
      let brightness = -15 + 4 * place
      means.append(brightness)
      for frame in 0..<frames {
        // As photons get fewer by a factor 10^(0.4 Z), the relative variance grows by it.
        let variance = error * error * power(10, 0.4 * max(0, zeroPoints[frame]))
        let noise = variance.squareRoot() * random.normal() + jitter * random.normal()
        let isMissing = random.uniform() < missing
        magnitudes.append(isMissing ? .nan : brightness + zeroPoints[frame] + noise)
        variances.append(variance)
      }
    }
    return Result(
      problem: EnsembleProblem(stars: stars, frames: frames, magnitudes: magnitudes, variances: variances),
      zeroPoints: zeroPoints, means: means)
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
