/// How much a star scatters in units of what was expected; each figure is near 1 for a constant star.
public struct ConstancyDeparture: Sendable, Equatable {
  /// From the median absolute deviation; from all values, those beyond 6 counted as 6; of means over consecutive frames.
  public var robust = Double.nan
  public var clipped = Double.nan
  public var slow = Double.nan
  public var count = 0
  /// Slow scatter beyond the expected one, mag^2: an estimate, which may be negative.
  private var slowExcess = Double.nan
  /// Mean of n/variance over the blocks of n frames, mag^-2, and the number of blocks.
  private var precision = Double.nan
  private var blocks = 0

  /// The largest of the three; 0 where too little is known.
  public var worst: Double { max(robust.isNaN ? 0 : robust, clipped.isNaN ? 0 : clipped, slow.isNaN ? 0 : slow) }

  public init() {}

  /// Standardised residuals in the order of time, and the variances they were divided by.
  public init(_ z: [Double], variances: [Double]) {
    count = z.count
    guard count > 1 else { return }
    var squares = 0.0
    var sum = 0.0
    for value in z {
      squares += min(value * value, 36)
      sum += value
    }
    clipped = (squares / Double(count)).squareRoot()
    if let division = TimeBlocks(count: count) {
      blocks = division.ranges.count
      let mean = sum / Double(count)
      var total = 0.0
      var inverses = 0.0
      for block in division.ranges {
        var departure = 0.0
        for frame in block {
          departure += z[frame] - mean
          inverses += 1 / variances[frame]
        }
        total += departure * departure / Double(block.count)
      }
      let square = total / Double(blocks)
      slow = square.squareRoot()
      precision = inverses / Double(blocks)
      slowExcess = (square - 1) / precision
    }
    var work = z
    let median = Median.inPlace(&work)
    for i in work.indices { work[i] = abs(work[i] - median) }
    robust = RobustScale.sigmaPerMAD * Median.inPlace(&work)
  }

  /// Departures over their limits R (1.3 + 3 / sqrt(2 (N - 1))), R = max(1, median of all); 0 where too little is known.
  static func ratios(_ departures: [ConstancyDeparture]) -> [Double] {
    let common = max(1, Median.of(departures.map(\.worst)))
    return departures.map { star in
      star.count > 1 ? star.worst / (common * (1.3 + 3 / (2 * Double(star.count - 1)).squareRoot())) : 0
    }
  }

  /// Expects of every star the slow scatter that is typical of all, beside that of its errors.
  static func expectTypicalSlowScatter(of departures: inout [ConstancyDeparture]) {
    var typical = 0.0
    // The errors of the estimates grow with what is sought.
    for _ in 0..<3 {
      let estimates = departures.filter { $0.blocks > 0 }.map { star in
        ExcessVariance(
          value: star.slowExcess, error: (2 / Double(star.blocks)).squareRoot() * (1 / star.precision + typical))
      }
      typical = estimates.isEmpty ? 0 : max(0, ExcessVariance.typical(estimates))
    }
    guard typical > 0 else { return }
    for i in departures.indices { departures[i].slow /= (1 + typical * departures[i].precision).squareRoot() }
  }
}

/// What the residuals of a star against an ensemble tell, in magnitudes.
public struct ConstancyStatistics: Sendable, Equatable {
  public var departure = ConstancyDeparture()
  /// Scatter of the residuals, and what was expected of it.
  public var scatter = Double.nan
  public var expected = Double.nan
  /// Chi-square per degree of freedom against the expected errors.
  public var chi2PerDof = Double.nan
  /// Scatter of means over `block` consecutive frames, and what was expected of it.
  public var slowScatter = Double.nan
  public var slowExpected = Double.nan
  public var block = 0

  public init() {}

  /// Residuals of one star in the order of time, NaN where missing, with their variances, which hold no floor yet.
  public init(residuals: [Double], variances: [Double], floor: Double) {
    var values: [Double] = []
    var expected: [Double] = []
    for (residual, variance) in zip(residuals, variances) where !residual.isNaN {
      values.append(residual)
      expected.append(variance)
    }
    let total = expected.map { $0 + floor * floor }
    departure = ConstancyDeparture(zip(values, total).map { $0 / $1.squareRoot() }, variances: total)
    guard values.count > 1 else { return }
    let n = Double(values.count)
    var chi2 = 0.0
    var squares = 0.0
    for (value, variance) in zip(values, expected) {
      chi2 += value * value / variance
      squares += value * value
    }
    chi2PerDof = chi2 / (n - 1)
    let typical = Median.inPlace(&expected)
    self.expected = typical.squareRoot()
    scatter = RobustScale.sigma(values)
    if departure.clipped > departure.robust {
      // Where outliers speak, the figure holds them.
      scatter = max(
        scatter, min(departure.clipped * (typical + floor * floor).squareRoot(), (squares / n).squareRoot()))
    }
    guard let blocks = TimeBlocks(count: values.count) else { return }
    block = blocks.size
    slowExpected = ((typical + floor * floor) / Double(block)).squareRoot()
    let mean = values.reduce(0, +) / n
    let means = blocks.ranges.map { range in range.reduce(0) { $0 + values[$1] - mean } / Double(range.count) }
    slowScatter = (means.reduce(0) { $0 + $1 * $1 } / Double(means.count)).squareRoot()
  }

  /// In words, how a star varies that departs too much.
  public var variation: String {
    // Noise that knows no time makes the means of few blocks scatter by up to half more, too.
    if departure.slow > 1.5 * max(departure.robust, departure.clipped) {
      return "slow variable: means of \(block) frames scatter by \(Self.milli(slowScatter)) mmag "
        + "against \(Self.milli(slowExpected)) expected"
    }
    return "variable: scatter \(Self.milli(scatter)) mmag against \(Self.milli(expected)) expected"
  }

  /// Millimagnitudes in words: whole ones from 10 on, else one decimal.
  static func milli(_ magnitude: Double) -> String {
    let value = magnitude * 1000
    return value.isFinite ? value.fixed(value >= 10 ? 0 : 1) : "?"
  }
}

/// Consecutive frames in blocks of at least max(3, min(N/6, 20)), evenly divided: long enough for slow changes to show,
/// short enough for several of them. Nil for fewer than 12 frames.
private struct TimeBlocks {
  let size: Int
  let ranges: [Range<Int>]

  init?(count: Int) {
    guard count >= 12 else { return nil }
    let size = max(3, min(count / 6, 20))
    let blocks = count / size
    self.size = size
    ranges = (0..<blocks).map { $0 * count / blocks..<($0 + 1) * count / blocks }
  }
}
