/// Values against truth in units of their errors.
public struct Pulls: Sendable {
  public private(set) var values: [Double] = []

  public init() {}

  public mutating func add(_ value: Double, truth: Double, variance: Double) {
    values.append((value - truth) / variance.squareRoot())
  }

  public var count: Int { values.count }
  public var mean: Double { values.reduce(0, +) / Double(count) }
  /// Standard deviation about the mean.
  public var sigma: Double {
    let middle = mean
    return (values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(count - 1)).squareRoot()
  }
}
