/// The joint solution of stars and frames, m_ij = M_i + Z_j with mean Z = 0: one mean magnitude a star, one zero point
/// a frame (Honeycutt 1992, PASP 104, 435). Missing stars do no harm, a variable or wild one little.
///
/// Each measurement weighs u/(s^2 + J^2): s^2 its expected variance, J^2 what the star scatters beyond it (Broeg et al.
/// 2005, AN 326, 134, weigh by the scatter too), u Huber's factor min(1, limit/|z|) for its standardised residual z.
/// Stars and frames that share nothing fall into components, each with a mean Z of its own: nothing ties them together.
public struct Ensemble: Sendable, Equatable {
  /// Least jitter that a weight assumes, mag. Without it a star whose residuals happen to be small draws the frames to
  /// itself, which makes them smaller still; the zero points then scatter more than their errors tell.
  public var floor: Double
  /// Standardised residual beyond which a measurement loses weight.
  public var huberLimit = 2.5
  /// No star has more than this part of the weight of a frame with at least four.
  public var largestShare = 0.35
  public var iterations = 12
  /// Largest change of a zero point, mag, that ends the iteration.
  public var tolerance = 1e-5

  public init(floor: Double) {
    precondition(floor > 0, "the floor keeps one star from taking all the weight")
    self.floor = floor
  }

  /// The floor of the final solution of a series: with few frames a star's own jitter is not well known.
  public static func floor(frames: Int) -> Double { frames < 40 ? selectionFloor : 0.001 }
  /// The floor while comparison stars are being chosen, mag.
  public static let selectionFloor = 0.003

  /// Solves for all stars of the problem. A star or a frame without any measurement has NaN.
  public func solve(_ problem: EnsembleProblem) -> EnsembleSolution {
    var fit = EnsembleFit(problem, stars: Array(0..<problem.stars), settings: self)
    fit.start()
    fit.refine()
    return fit.solution(stars: problem.stars)
  }
}
