/// One of the tests that two frames, tables or curves must pass to count as equal.
public struct ComparisonTest: Sendable, Equatable {
  /// One word.
  public var name: String
  public var value: Double
  /// The largest value that passes.
  public var limit: Double
  /// What was found, for people.
  public var sentence: String

  public init(_ name: String, value: Double, limit: Double, _ sentence: String) {
    self.name = name
    self.value = value
    self.limit = limit
    self.sentence = sentence
  }

  public var passes: Bool { value <= limit }
}

/// How large a difference may be.
///
/// A *value* is what photometry would measure: the flux of a star, the sum of a box of pixels, a row of a table. Two values
/// are equal where they differ by no more than `tolerance` times the error that they carry: with the default of 1, by no
/// more than what the error bars say they might. Where the noise of the two is independent they differ by more than that by
/// chance; so differences within five times the scatter that neighbouring values show against each other pass as well. Of
/// two reductions of one exposure that scatter is close to zero, and the tolerance alone decides.
public struct ComparisonLimits: Sendable, Equatable {
  public var tolerance: Double

  public init(tolerance: Double = 1) { self.tolerance = tolerance }

  /// The largest difference of a value, in units of its error.
  /// - Parameter scatter: that of values against their neighbours; NaN where there is none.
  public func value(scatter: Double) -> Double { max(tolerance, scatter.isFinite ? 5 * scatter : 5) }

  /// Fraction of pixels that may lie more than five errors off: chance gives 6e-7, what a cosmic ray filter or a list of
  /// bad pixels leaves in one reduction and not in the other some 1e-5.
  public static let fractionBeyond = 1e-4

  /// The largest scatter in units of the errors: the tolerance, or 1 with the uncertainty of a robust scale from `count` values (five times
  /// 1.17/sqrt(n)) and a tenth for errors that are themselves measured.
  public func scatter(count: Int) -> Double { max(tolerance, 1.1 + 5.8 / Double(max(count, 1)).squareRoot()) }
}
