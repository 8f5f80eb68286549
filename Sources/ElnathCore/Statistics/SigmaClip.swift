/// Mean and scatter of values after those too far from their median are left out, again and again until none is.
public struct SigmaClip: Sendable {
  /// How many standard deviations from the median a value may lie.
  public var limit: Double
  /// Rounds at most.
  public var rounds: Int
  /// The first standard deviation is at least this, so that a median absolute deviation of zero (integer data) does
  /// not throw everything away.
  public var floor: Double
  /// Digitisation step of the values, 0 for none. A value stands for an interval of this width: it is left out only
  /// where all of its interval lies beyond the limit, and the median lies within the interval of the middle value where
  /// half of the values do. A plain median of integers would put the window off the centre by up to half a step.
  public var step: Double

  public init(limit: Double = 3, rounds: Int = 10, floor: Double = 0, step: Double = 0) {
    self.limit = limit
    self.rounds = rounds
    self.floor = floor
    self.step = step
  }

  /// What clipping kept, and between which values.
  public struct Result: Sendable, Equatable {
    /// Mean, median and sample standard deviation of the values kept; NaN when none is.
    public var mean = Double.nan
    public var median = Double.nan
    public var sigma = Double.nan
    public var kept = 0
    public var rejected = 0
    /// The values kept lie between these.
    public var lower = Double.nan
    public var upper = Double.nan

    /// Standard deviation of a normal distribution that would leave `sigma` after this clipping.
    public var normalSigma: Double { TruncatedNormal.sigma(kept: sigma, halfWidth: (upper - lower) / 2) }
  }

  /// Clips about the median; the first standard deviation comes from the median absolute deviation.
  /// NaN values are left out and not counted.
  public func callAsFunction(_ values: [Float]) -> Result {
    var given = values.filter { !$0.isNaN }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: given.count) { sorted in
      var sort = BucketSort()
      given.withUnsafeMutableBufferPointer { sort($0, count: $0.count, into: sorted) }
      return callAsFunction(sorted: UnsafeBufferPointer(sorted))
    }
  }

  /// The same for values that are already in ascending order, without NaN: no value is moved or copied.
  public func callAsFunction(sorted work: UnsafeBufferPointer<Float>) -> Result {
    var values = AscendingValues(work)
    return clip(&values)
  }

  /// The same for values that are put in order as far as they are looked at.
  func callAsFunction(_ values: inout BucketedValues) -> Result { clip(&values) }

  private func clip<Values: OrderedValues>(_ work: inout Values) -> Result {
    let given = work.count
    guard given > 0 else { return Result() }
    var low = 0
    var high = given
    let first = centre(&work, low, high)
    var centre = first
    // Half of all values deviate by less than this, each counted with half its interval: the plain median deviation of
    // integers may be 0, and what the first round throws out does not come back.
    let deviation = Self.medianDeviation(&work, from: centre) + step / 2
    var sigma = max(RobustScale.sigmaPerMAD * deviation, floor)
    var halfWidth = Double.infinity
    var mean = centre
    // Sums about the first median do not cancel.
    var sum = 0.0
    var squares = 0.0
    for round in 0...rounds {
      let previous = (low, high)
      if round > 0 || sigma + step > 0 {
        halfWidth = limit * sigma + step / 2
        low = min(max(work.count(below: centre - halfWidth), low), high)
        high = max(min(work.count(upTo: centre + halfWidth), high), low)
      }
      if round == 0 {
        (sum, squares) = work.sums(low..<high, about: first)
      } else {
        for gone in [previous.0..<low, high..<previous.1] {
          let less = work.sums(gone, about: first)
          sum -= less.sum
          squares -= less.squares
        }
      }
      let n = Double(high - low)
      mean = first + sum / n
      sigma = n > 1 ? (max(0, squares - sum * sum / n) / (n - 1)).squareRoot() : 0
      if round > 0 && previous == (low, high) { break }
      centre = self.centre(&work, low, high)
    }
    return Result(
      mean: mean, median: centre, sigma: sigma, kept: high - low, rejected: given - (high - low),
      lower: centre - halfWidth, upper: centre + halfWidth)
  }

  /// The median of the values of ranks low ..< high; with a step, interpolated within the middle value's interval.
  private func centre<Values: OrderedValues>(_ work: inout Values, _ low: Int, _ high: Int) -> Double {
    let count = high - low
    let middle = (low + high) / 2
    guard step > 0 else {
      return count % 2 == 1
        ? work.value(rank: middle) : (work.value(rank: middle - 1) + work.value(rank: middle)) / 2
    }
    let edge = work.value(rank: (low + high - 1) / 2) - step / 2
    let below = min(max(work.count(below: edge), low), high)
    let within = min(max(work.count(below: edge + step), below), high) - below
    return edge + step * (Double(count) / 2 - Double(below - low)) / Double(max(within, 1))
  }

  /// Median absolute deviation from `centre`, by bisection: the values nearest to the centre are neighbours in the order.
  private static func medianDeviation<Values: OrderedValues>(_ work: inout Values, from centre: Double) -> Double {
    func deviation(rank: Int) -> Double {
      // The window of rank + 1 values whose farther end is nearest.
      var low = 0
      var high = work.count - 1 - rank
      while low < high {
        let middle = (low + high) / 2
        if centre - work.value(rank: middle) > work.value(rank: middle + rank + 1) - centre {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return max(abs(centre - work.value(rank: low)), abs(work.value(rank: low + rank) - centre))
    }
    let upper = deviation(rank: work.count / 2)
    return work.count % 2 == 1 ? upper : (deviation(rank: work.count / 2 - 1) + upper) / 2
  }
}
