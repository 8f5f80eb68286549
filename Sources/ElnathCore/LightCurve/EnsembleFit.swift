/// The joint solution at work: what `Ensemble` iterates, and what the choice of comparison stars takes stars out of.
/// Tables hold stars in rows, frames next to each other.
struct EnsembleFit: Sendable {
  let settings: Ensemble
  let frames: Int
  /// Which star of the problem each row is.
  private(set) var stars: [Int]

  /// Magnitudes, 0 where missing, and expected variances, infinite where missing: the weight is then 0 by itself.
  private(set) var magnitudes: [Double]
  private(set) var variances: [Double]
  private(set) var weights: EnsembleWeights
  /// Leave-one-out residuals and the variances of the zero points they refer to; NaN where there is none.
  private(set) var residuals: [Double]
  private(set) var residualVariances: [Double]

  /// Each star's mean, and its variance beyond the expected one, mag^2: an estimate, which may be negative.
  private(set) var means: [Double]
  private(set) var excess: [Double]
  private(set) var zeroPoints: [Double]
  /// Variance of each zero point if the means were known, mag^2.
  private(set) var zeroPointVariances: [Double]
  private(set) var counts: [Int]
  private(set) var components: ConnectedFrames
  /// True while all that is known comes from medians.
  private var isStart = false

  init(_ problem: EnsembleProblem, stars: [Int], settings: Ensemble) {
    self.settings = settings
    self.stars = stars
    let frames = problem.frames
    self.frames = frames
    let size = stars.count * frames
    magnitudes = Array(repeating: 0, count: size)
    variances = Array(repeating: .infinity, count: size)
    for (row, star) in stars.enumerated() {
      for frame in 0..<frames {
        let magnitude = problem.magnitudes[star * frames + frame]
        let variance = problem.variances[star * frames + frame]
        guard magnitude.isFinite && variance.isFinite && variance >= 0 else { continue }
        magnitudes[row * frames + frame] = magnitude
        variances[row * frames + frame] = variance
      }
    }
    weights = EnsembleWeights(rows: stars.count, frames: frames)
    residuals = Array(repeating: .nan, count: size)
    residualVariances = residuals
    means = Array(repeating: 0, count: stars.count)
    excess = means
    zeroPoints = Array(repeating: 0, count: frames)
    zeroPointVariances = Array(repeating: .nan, count: frames)
    components = ConnectedFrames(variances: variances, frames: frames)
    counts = Array(repeating: 0, count: frames)
    countStars()
  }

  var rows: Int { stars.count }

  func isPresent(row: Int, frame: Int) -> Bool { variances[row * frames + frame] < .infinity }

  /// J^2 as the weights use it.
  func jitter(row: Int) -> Double { max(settings.floor * settings.floor, excess[row]) }

  /// Takes a star out. The rest stays where it is: a good start for the next `refine`.
  mutating func remove(row: Int) {
    let range = row * frames..<(row + 1) * frames
    magnitudes.removeSubrange(range)
    variances.removeSubrange(range)
    residuals.removeSubrange(range)
    residualVariances.removeSubrange(range)
    weights.remove(row: row)
    stars.remove(at: row)
    means.remove(at: row)
    excess.remove(at: row)
    components = ConnectedFrames(variances: variances, frames: frames)
    countStars()
  }

  private mutating func countStars() {
    for frame in 0..<frames { counts[frame] = 0 }
    for row in 0..<rows {
      for frame in 0..<frames where isPresent(row: row, frame: frame) { counts[frame] += 1 }
    }
  }

  /// A first solution from medians alone, which no minority of wild values moves.
  mutating func start() {
    var column: [Double] = []
    for _ in 0..<10 {
      for row in 0..<rows {
        column.removeAll(keepingCapacity: true)
        for frame in 0..<frames where isPresent(row: row, frame: frame) {
          column.append(magnitudes[row * frames + frame] - zeroPoints[frame])
        }
        means[row] = column.isEmpty ? 0 : Median.inPlace(&column)
      }
      var change = 0.0
      for frame in 0..<frames {
        column.removeAll(keepingCapacity: true)
        for row in 0..<rows where isPresent(row: row, frame: frame) {
          column.append(magnitudes[row * frames + frame] - means[row])
        }
        let middle = column.isEmpty ? 0 : Median.inPlace(&column)
        change = max(change, abs(middle - zeroPoints[frame]))
        zeroPoints[frame] = middle
      }
      if change < 0.001 { break }
    }
    setWeights(robust: false)
    setResiduals(memory: 0)
    isStart = true
  }

  /// Iterates weights, solution and jitter until the zero points rest; `atLeast` times, since the first jitter is rough.
  mutating func refine(atLeast fewest: Int = 3) {
    for iteration in 0..<settings.iterations {
      let before = zeroPoints
      setWeights(robust: true)
      weights.solve(magnitudes, means: &means, zeroPoints: &zeroPoints)
      components.centre(&zeroPoints, means: &means, variances: variances)
      // Half of the old jitter stays: two stars would pass their common scatter to and fro forever. That of the start is
      // only good for first weights: medians are no weighted means, from which a heavy star could be left out.
      setResiduals(memory: isStart ? 0 : 0.5)
      isStart = false
      var change = 0.0
      for frame in 0..<frames { change = max(change, abs(zeroPoints[frame] - before[frame])) }
      if iteration + 1 >= fewest && change < settings.tolerance { break }
    }
  }

  private mutating func setWeights(robust: Bool) {
    let limit = settings.huberLimit
    let before = weights
    var updated = weights
    updated.fill { row, weights in
      let base = row * frames
      let jitter = jitter(row: row)
      let mean = means[row]
      for frame in 0..<frames {
        let variance = variances[base + frame] + jitter
        var factor = 1.0
        if robust {
          // A star hides part of its residual by its own weight in the zero point.
          let hidden = max(1 - before.values[base + frame] / before.totals[frame], 0.1)
          let residual = magnitudes[base + frame] - mean - zeroPoints[frame]
          let z = (residual * residual / (variance * hidden)).squareRoot()
          factor = z > limit ? limit / z : 1
        }
        weights[frame] = factor / variance
      }
    }
    updated.limitShares(to: settings.largestShare, counts: counts)
    weights = updated
  }

  /// Residuals against the zero point of the other stars, their variances, and from both the excess of every star.
  private mutating func setResiduals(memory: Double) {
    let sums = varianceSums()
    var found: [ExcessVariance] = []
    var z: [Double] = []
    for row in 0..<rows {
      let base = row * frames
      var weighted = 0.0
      var total = 0.0
      for frame in 0..<frames {
        let at = base + frame
        residuals[at] = .nan
        residualVariances[at] = .nan
        guard variances[at] < .infinity else { continue }
        let weight = weights.values[at]
        let others = weights.totals[frame] - weight
        guard counts[frame] > 1 && others > 0 else { continue }
        let own = weight * weight
        let full = sums.full[frame] - own * (variances[at] + excess[row])
        let variance = max(full, sums.expected[frame] - own * variances[at], 0) / (others * others)
        residuals[at] = (magnitudes[at] - means[row] - zeroPoints[frame]) * weights.totals[frame] / others
        residualVariances[at] = variance
        weighted += weight * residuals[at]
        total += weight
      }
      z.removeAll(keepingCapacity: true)
      let mean = weighted / total
      let known = max(excess[row], 0)
      var inverses = 0.0
      for frame in 0..<frames where !residuals[base + frame].isNaN {
        residuals[base + frame] -= mean
        let variance = variances[base + frame] + residualVariances[base + frame] + known
        z.append(residuals[base + frame] / variance.squareRoot())
        inverses += 1 / variance
      }
      found.append(ExcessVariance(standardised: &z, inverseVariances: inverses, known: known))
    }
    ExcessVariance.drawTogether(&found)
    for row in 0..<rows { excess[row] = memory * excess[row] + (1 - memory) * found[row].value }
    for frame in 0..<frames {
      let total = weights.totals[frame]
      zeroPointVariances[frame] = total > 0 ? max(sums.full[frame], sums.expected[frame]) / (total * total) : .nan
    }
  }

  /// Sums of w^2 s^2 over the stars of each frame, with and without the excess. The excess enters with its sign: each
  /// is uncertain, and only their sum is needed; cut at zero one by one, they would pretend scatter that is not there.
  private func varianceSums() -> (full: [Double], expected: [Double]) {
    var full = [Double](repeating: 0, count: frames)
    var expected = full
    for row in 0..<rows {
      let base = row * frames
      let more = excess[row]
      for frame in 0..<frames where variances[base + frame] < .infinity {
        let square = weights.values[base + frame] * weights.values[base + frame]
        expected[frame] += square * variances[base + frame]
        full[frame] += square * (variances[base + frame] + more)
      }
    }
    return (full, expected)
  }
}
