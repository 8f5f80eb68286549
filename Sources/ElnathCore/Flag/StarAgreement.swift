/// Whether the stars of a frame agree on how much light it got: under even cloud they do, under patchy cloud they do not.
/// NaN where there are too few stars.
struct StarAgreement: Sendable {
  /// Rms of the residuals in units of their expectation: 1 where the stars agree. The worst tenth of the stars (one
  /// from five stars on) is left out, since a flare or a cosmic ray is no cloud, and what chance would have given it
  /// is made up for.
  var ratio = Double.nan
  /// What chance alone makes of the ratio once in 30 000 frames: more than 2 where there are few stars.
  var chance = Double.nan
  /// Rms of the same residuals, mag.
  var rms = Double.nan
  /// How the light lost changes across the field.
  var plane: FieldPlane?

  init() {}

  init(_ solution: EnsembleSolution, _ problem: EnsembleProblem, frame: Int, positions: [PixelPoint]) {
    var residuals: [Residual] = []
    for star in 0..<problem.stars {
      let place = star * problem.frames + frame
      let value = solution.residuals[place]
      let variance = problem.variances[place] + solution.leaveOneOutVariances[place] + solution.jitter[star]
      guard value.isFinite && variance > 0 && variance.isFinite else { continue }
      residuals.append(Residual(value: value, variance: variance, position: positions[star]))
    }
    guard residuals.count >= 3 else { return }
    setScatter(residuals)
    let placed = residuals.filter { $0.position.x.isFinite && $0.position.y.isFinite }
    if placed.count >= 8 {
      plane = FieldPlane(
        positions: placed.map(\.position), values: placed.map(\.value), variances: placed.map(\.variance))
    }
  }

  private struct Residual {
    var value: Double
    var variance: Double
    var position: PixelPoint
    var z: Double { abs(value) / variance.squareRoot() }
  }

  private mutating func setScatter(_ residuals: [Residual]) {
    let spared = residuals.count >= 5 ? max(1, residuals.count / 10) : 0
    let kept = residuals.sorted { $0.z < $1.z }.dropLast(spared)
    let n = Double(kept.count)
    let expected = TruncatedNormal.variance(keeping: n / Double(residuals.count))
    ratio = (kept.reduce(0) { $0 + $1.z * $1.z } / n / expected).squareRoot()
    // Chi square at 4 sigma (Wilson & Hilferty 1931, PNAS 17, 684), per star.
    let spread = 2 / (9 * n)
    let root = 1 - spread + 4 * spread.squareRoot()
    chance = (root * root * root).squareRoot()
    rms = (kept.reduce(0) { $0 + $1.value * $1.value } / n).squareRoot()
  }
}
