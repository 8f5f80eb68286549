/// A number with the error that its own scatter tells.
public struct MeasuredValue: Sendable, Equatable {
  public var value: Double
  /// Standard error; NaN where a single look tells none.
  public var error: Double
  /// How many frames or pairs of frames it comes from.
  public var count: Int

  public init(_ value: Double, error: Double, count: Int) {
    self.value = value
    self.error = error
    self.count = count
  }

  /// No value.
  public static let unknown = MeasuredValue(.nan, error: .nan, count: 0)

  public var isKnown: Bool { value.isFinite }

  /// This value times a factor with an error of its own, both independent.
  public func times(_ factor: MeasuredValue) -> MeasuredValue {
    let errors = (error * factor.value, value * factor.error)
    return MeasuredValue(
      value * factor.value, error: (errors.0 * errors.0 + errors.1 * errors.1).squareRoot(), count: count)
  }

  func scaled(_ factor: Double) -> MeasuredValue {
    MeasuredValue(value * factor, error: error * abs(factor), count: count)
  }

  /// The square root, with the error that follows to first order; 0 for values below 0, whose error is then that of a
  /// root as large as the error of the square.
  var squareRoot: MeasuredValue {
    guard value > 0 else { return MeasuredValue(value.isNaN ? .nan : 0, error: error.squareRoot(), count: count) }
    let root = value.squareRoot()
    return MeasuredValue(root, error: min(error / (2 * root), error.squareRoot()), count: count)
  }
}

/// The mean of what many boxes say in each of several looks (frames, or pairs of frames).
enum BoxMean {
  /// Boxes further than this many standard deviations from the median of their look are left out: a star, a defect.
  private static let limit = 3.5

  /// - Parameters:
  ///   - looks: one value for each box, NaN for none; boxes are the same in all looks.
  ///   - weights: of each look.
  /// - Returns: the weighted mean of the looks' means. Its error is the larger of what the scatter of the boxes says
  ///   (averaged over the looks first, so that what is common to the looks of a box counts in full) and what the scatter
  ///   of the looks says. Unknown where fewer than four boxes have values.
  static func of(_ looks: [[Double]], weights: [Double]) -> MeasuredValue {
    var sum = 0.0
    var total = 0.0
    var means: [(value: Double, weight: Double)] = []
    var boxSums = [Double](repeating: 0, count: looks.first?.count ?? 0)
    var boxWeights = boxSums
    for (look, weight) in zip(looks, weights) where weight > 0 {
      let kept = clipped(look)
      guard kept.count >= 4 else { continue }
      let mean = kept.reduce(0) { $0 + look[$1] } / Double(kept.count)
      means.append((mean, weight))
      sum += weight * mean
      total += weight
      // About the look's own mean: how the looks differ is counted below.
      for box in kept {
        boxSums[box] += weight * (look[box] - mean)
        boxWeights[box] += weight
      }
    }
    guard total > 0 else { return .unknown }
    let value = sum / total
    var squares = 0.0
    var boxes = 0.0
    for box in boxSums.indices where boxWeights[box] > 0 {
      // A box that is missing in some looks has the larger scatter of those that are left, and counts by its weight.
      let deviation = boxSums[box] / total
      squares += deviation * deviation
      boxes += boxWeights[box] / total
    }
    let fromBoxes = boxes > 1 ? (squares / (boxes * (boxes - 1))).squareRoot() : .nan
    guard means.count > 1 else { return MeasuredValue(value, error: fromBoxes, count: 1) }
    let between = means.reduce(0) { $0 + $1.weight * ($1.value - value) * ($1.value - value) }
    let fromLooks = (between / (Double(means.count - 1) * total)).squareRoot()
    return MeasuredValue(value, error: max(fromBoxes, fromLooks), count: means.count)
  }

  /// Indices of the boxes that agree.
  private static func clipped(_ look: [Double]) -> [Int] {
    let known = look.indices.filter { look[$0].isFinite }
    let centre = Median.of(known.map { look[$0] })
    let reach = limit * RobustScale.sigma(known.map { look[$0] }, about: centre)
    // Boxes that are all alike (no noise at all) have no scatter to be clipped by.
    return reach > 0 ? known.filter { abs(look[$0] - centre) <= reach } : known
  }
}
