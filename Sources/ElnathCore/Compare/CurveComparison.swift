/// One value of a table with its error: of a frame, and of a star and an aperture where the table has several.
public struct ComparedValue: Sendable, Equatable {
  /// What names a value in both tables.
  public struct Key: Sendable, Hashable {
    public var frame: Int
    /// Empty in a light curve, which has one star.
    public var star: String
    public var aperture: String

    public init(frame: Int, star: String = "", aperture: String = "") {
      self.frame = frame
      self.star = star
      self.aperture = aperture
    }
  }

  public var key: Key
  /// Empty where the table does not tell.
  public var filter: String
  /// Days; NaN where unknown.
  public var time: Double
  public var value: Double
  public var error: Double
  public var isUsed: Bool

  public init(_ key: Key, filter: String = "", time: Double = .nan, value: Double, error: Double, isUsed: Bool = true) {
    self.key = key
    self.filter = filter
    self.time = time
    self.value = value
    self.error = error
    self.isUsed = isUsed
  }
}

/// Compares two light curves, or two tables of photometry, value by value.
///
/// The magnitudes of a light curve count from the median of its own filter: a constant between two curves is found, told
/// and taken off before their values are compared. Fluxes have no such freedom.
public struct CurveComparison: Sendable {
  /// What the values are: magnitudes of a light curve, or fluxes of a table of photometry.
  public enum Kind: Sendable {
    case lightCurve, photometry
  }

  /// A value that both tables have.
  public struct Row: Sendable, Equatable {
    public var first: ComparedValue
    public var second: ComparedValue
    /// First minus second, without the constant of a light curve.
    public var difference: Double
    /// Of the difference, for independent errors.
    public var error: Double

    public var key: ComparedValue.Key { first.key }
    public var residual: Double {
      error > 0 ? difference / error : difference == 0 ? 0 : difference > 0 ? .infinity : -.infinity
    }
  }

  /// A number with its standard error.
  public struct Measured: Sendable, Equatable {
    public var value: Double
    public var error: Double
  }

  public let kind: Kind
  /// Values that both tables have, in the order of the first.
  public let rows: [Row]
  /// Values that one table has and the other has not: no such row, or an empty cell.
  public let onlyFirst: [ComparedValue.Key]
  public let onlySecond: [ComparedValue.Key]
  /// Rows that one table uses and the other does not.
  public let usedDiffers: [ComparedValue.Key]
  /// First minus second, the median of each filter of a light curve in the order of the filters; empty for photometry.
  public let offsets: [(filter: String, offset: Measured)]
  /// Of the differences against time, per day: light curves; NaN without times.
  public let slope: Measured
  /// Median of second over first less 1: photometry.
  public let ratio: Double
  /// In the unit of the values, and in units of the errors.
  public let median: Double
  public let mad: Double
  public let medianInErrors: Double
  /// 1.4826 x the median absolute deviation, in units of the errors.
  public let scatter: Double
  /// Values that differ by more than five errors.
  public let beyond: Int
  public let valueLimit: Double
  public let tests: [ComparisonTest]

  public var isEqual: Bool { tests.allSatisfy(\.passes) }

  /// No key may stand twice in a table.
  public init(
    _ first: [ComparedValue], _ second: [ComparedValue], kind: Kind, limits: ComparisonLimits = ComparisonLimits()
  ) {
    let others = Dictionary(second.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let own = Set(first.filter { $0.value.isFinite }.map(\.key))
    var rows: [Row] = []
    var missing: [ComparedValue.Key] = []
    var usedDiffers: [ComparedValue.Key] = []
    for value in first {
      guard let other = others[value.key] else {
        if value.value.isFinite { missing.append(value.key) }
        continue
      }
      if value.isUsed != other.isUsed { usedDiffers.append(value.key) }
      guard value.value.isFinite else { continue }
      guard other.value.isFinite else {
        missing.append(value.key)
        continue
      }
      let error = (value.error * value.error + other.error * other.error).squareRoot()
      rows.append(Row(first: value, second: other, difference: value.value - other.value, error: error))
    }
    self.kind = kind
    onlyFirst = missing
    onlySecond = second.filter { $0.value.isFinite && !own.contains($0.key) }.map(\.key)
    self.usedDiffers = usedDiffers
    offsets = kind == .lightCurve ? Self.takeOffsets(from: &rows) : []
    self.rows = rows
    ratio = Median.of(rows.filter { $0.first.value > 0 }.map { $0.second.value / $0.first.value - 1 })
    slope = kind == .lightCurve ? Self.slope(of: rows) : Measured(value: .nan, error: .nan)
    let differences = rows.map(\.difference)
    let residuals = rows.map(\.residual).filter { !$0.isNaN }
    median = Median.of(differences)
    mad = RobustScale.sigma(differences) / RobustScale.sigmaPerMAD
    medianInErrors = Median.of(residuals)
    scatter = RobustScale.sigma(residuals)
    beyond = residuals.count { abs($0) > 5 }
    // Errors that are too small must not excuse differences that are too large.
    valueLimit = limits.value(scatter: min(1, Self.neighbourScatter(rows)))
    tests = Self.tests(
      rows, missing: onlyFirst.count + onlySecond.count, scatter: scatter, limit: valueLimit, slope: slope,
      limits: limits)
  }

  private static func takeOffsets(from rows: inout [Row]) -> [(filter: String, offset: Measured)] {
    var result: [(filter: String, offset: Measured)] = []
    for filter in Set(rows.map(\.first.filter)).sorted() {
      let members = rows.indices.filter { rows[$0].first.filter == filter }
      let weighted = members.map { k in
        (value: rows[k].difference, weight: rows[k].error > 0 ? 1 / (rows[k].error * rows[k].error) : 1)
      }
      let offset = WeightedMedian.of(weighted)
      guard offset.isFinite else { continue }
      // A median is less sure than a mean by sqrt(pi / 2).
      let error = (Double.pi / 2 / weighted.reduce(0) { $0 + $1.weight }).squareRoot()
      result.append((filter, Measured(value: offset, error: error)))
      for k in members { rows[k].difference -= offset }
    }
    return result
  }

  private static func slope(of rows: [Row]) -> Measured {
    let timed = rows.filter { $0.first.time.isFinite && $0.error > 0 }
    guard let start = timed.first?.first.time else { return Measured(value: .nan, error: .nan) }
    var line = NormalEquations(unknowns: 2)
    for row in timed {
      line.add(row: [1, row.first.time - start], value: row.difference, weight: 1 / (row.error * row.error))
    }
    guard let solution = line.solve(), let covariance = line.covariance() else {
      return Measured(value: .nan, error: .nan)
    }
    return Measured(value: solution[1], error: max(0, covariance[1][1]).squareRoot())
  }

  /// Of values of one star against those of the next frame: what differs for a whole star, or slowly, does not enter.
  private static func neighbourScatter(_ rows: [Row]) -> Double {
    struct Series: Hashable {
      var star: String
      var aperture: String
      var filter: String
    }
    var last: [Series: Double] = [:]
    var steps: [Double] = []
    for row in rows.sorted(by: { $0.key.frame < $1.key.frame }) where row.residual.isFinite {
      let series = Series(star: row.key.star, aperture: row.key.aperture, filter: row.first.filter)
      if let before = last[series] { steps.append(abs(row.residual - before)) }
      last[series] = row.residual
    }
    // A few steps may all be the fault that is looked for.
    guard steps.count >= 5 else { return .nan }
    return RobustScale.sigmaPerMAD * Median.inPlace(&steps) / 2.0.squareRoot()
  }

  private static func tests(
    _ rows: [Row], missing: Int, scatter: Double, limit: Double, slope: Measured, limits: ComparisonLimits
  ) -> [ComparisonTest] {
    func rounded(_ value: Double) -> String { "\(DecimalRounding.significant(value, 3))" }
    let known = rows.filter { !$0.residual.isNaN }
    var tests = [
      ComparisonTest("rows", value: Double(missing), limit: 0, "\(missing) values are in one table only")
    ]
    if let worst = known.max(by: { abs($0.residual) < abs($1.residual) }) {
      let beyond = known.count { abs($0.residual) > limit }
      let star = worst.key.star.isEmpty ? "" : " of \(worst.key.star), \(worst.key.aperture)"
      tests.append(
        ComparisonTest(
          "values", value: abs(worst.residual), limit: limit,
          "\(beyond) of \(known.count) values differ by more than \(rounded(limit)) errors; the worst by "
            + "\(rounded(worst.residual)) in frame \(worst.key.frame)\(star)"))
      tests.append(
        ComparisonTest(
          "scatter", value: scatter, limit: limits.scatter(count: known.count),
          "values scatter by \(rounded(scatter)) of their errors"))
    } else {
      tests.append(ComparisonTest("values", value: .infinity, limit: limit, "no value is in both tables"))
    }
    let times = known.map(\.first.time).filter(\.isFinite)
    if slope.value.isFinite, let from = times.min(), let to = times.max(), to > from {
      // The whole slope in units of the error of a value, and what chance makes of it.
      let typical = Median.of(known.map(\.error))
      let drift = abs(slope.value) * (to - from) / typical
      let chance = min(1, neighbourScatter(rows)) * slope.error * (to - from) / typical
      tests.append(
        ComparisonTest(
          "slope", value: drift, limit: max(limits.tolerance, 5 * (chance.isFinite ? chance : 0)),
          "the difference drifts by \(rounded(drift)) errors of a value over the whole time"))
    }
    return tests
  }
}
