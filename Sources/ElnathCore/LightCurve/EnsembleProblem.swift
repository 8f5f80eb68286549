/// Stars seen on frames: the input of the joint solution m_ij = M_i + Z_j (Honeycutt 1992, PASP 104, 435).
public struct EnsembleProblem: Sendable {
  public let stars: Int
  public let frames: Int
  /// Instrumental magnitude -2.5 log10(flux/exposure) of star i on frame j at `i * frames + j`; NaN where missing.
  public var magnitudes: [Double]
  /// Expected variance of each, mag^2 (photons, sky, read noise, sky estimate, scintillation); same layout.
  public var variances: [Double]

  public init(stars: Int, frames: Int, magnitudes: [Double], variances: [Double]) {
    precondition(
      magnitudes.count == stars * frames && variances.count == stars * frames, "one value per star and frame")
    self.stars = stars
    self.frames = frames
    self.magnitudes = magnitudes
    self.variances = variances
  }
}

/// The joint solution. NaN where a star or a frame has no measurement.
public struct EnsembleSolution: Sendable {
  /// Mean magnitude of each star.
  public var means: [Double]
  /// Offset Z of each frame: m = M + Z, larger when light is lost; their mean is 0.
  public var zeroPoints: [Double]
  /// Variance of each Z, mag^2, extra scatter of patchy frames included.
  public var zeroPointVariances: [Double]
  /// Own jitter J^2 of each star, mag^2.
  public var jitter: [Double]
  /// Stars that entered each frame.
  public var counts: [Int]
  /// Leave-one-out residual of star i on frame j, mag, same layout as the problem; NaN where missing.
  public var residuals: [Double]
  /// Variance of that frame's Z without star i, same layout.
  public var leaveOneOutVariances: [Double]
  /// Rms of the comparison residuals of each frame, mag.
  public var frameRMS: [Double]
  /// Number of the connected set of stars and frames that each frame belongs to; 0 is the largest.
  public var components: [Int]

  public init(stars: Int, frames: Int) {
    means = Array(repeating: .nan, count: stars)
    zeroPoints = Array(repeating: .nan, count: frames)
    zeroPointVariances = zeroPoints
    jitter = means
    counts = Array(repeating: 0, count: frames)
    residuals = Array(repeating: .nan, count: stars * frames)
    leaveOneOutVariances = residuals
    frameRMS = zeroPoints
    components = Array(repeating: 0, count: frames)
  }
}
