#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Weighted regression of a curve within its nights and segments, with errors that allow for residuals which belong
/// together in time.
///
/// The variance of a slope rests on the long-run variance of regressor times residual, estimated from its lowest cosine
/// transforms; the slope over its error then follows Student's t with as many degrees of freedom as transforms
/// (Lazarus, Lewis, Stock & Watson 2018, J. Bus. Econ. Stat. 36, 541). The significance is the normal deviate of the
/// same probability. What it cannot know: a change of the star itself that happens to run with the quantity.
struct WithinNights: Sendable {
  /// Places of the points of each night and segment.
  let groups: [[Int]]
  private let roots: [Double]
  private let times: [Double]
  /// Magnitudes times the root of their weights, free of the groups' means.
  private let magnitudes: [Double]

  /// Points in the order of time.
  init(_ points: [LightCurvePoint]) {
    struct Key: Hashable {
      var night: String
      var segment: Int
    }
    let keys = points.map { Key(night: $0.frame.night, segment: $0.frame.segment) }
    groups = Dictionary(grouping: points.indices, by: { keys[$0] }).values.sorted { $0[0] < $1[0] }
    roots = points.map {
      1 / ($0.deltaMagnitudeErrorScaled > 0 ? $0.deltaMagnitudeErrorScaled : $0.deltaMagnitudeError)
    }
    times = points.map { $0.frame.jdUTC.isFinite ? $0.frame.jdUTC : Double($0.frame.frame) }
    magnitudes = Self.centred(points.map(\.deltaMagnitude), roots, groups)
  }

  /// Standard deviation of a quantity within the groups.
  func spread(_ values: [Double]) -> Double {
    var squares = 0.0
    for group in groups {
      let mean = group.reduce(0) { $0 + values[$1] } / Double(group.count)
      squares += group.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) }
    }
    return (squares / Double(max(values.count - groups.count, 1))).squareRoot()
  }

  /// The slope against `values` beside the `others`, and which part of their variance these leave to it.
  func slope(_ values: [Double], others: [[Double]], withTime: Bool) -> (value: CurveSlope.Value, independent: Double) {
    var own = Self.centred(values, roots, groups)
    let before = Self.product(own, own)
    var rest = magnitudes
    var removed = groups.count
    if withTime {
      let line = Self.centred(times, roots, groups)
      removed += groups.count
      for group in groups {
        Self.remove(line, from: &own, group)
        Self.remove(line, from: &rest, group)
      }
    }
    var basis: [[Double]] = []
    for other in others {
      var column = Self.centred(other, roots, groups)
      let whole = Self.product(column, column)
      if withTime {
        let line = Self.centred(times, roots, groups)
        for group in groups { Self.remove(line, from: &column, group) }
      }
      for known in basis { Self.remove(known, from: &column) }
      guard Self.product(column, column) > 1e-9 * whole, whole > 0 else { continue }
      Self.remove(column, from: &own)
      Self.remove(column, from: &rest)
      basis.append(column)
      removed += 1
    }
    let after = Self.product(own, own)
    let independent = before > 0 ? after / before : .nan
    let free = values.count - removed - 1
    guard after > 1e-6 * before, before > 0, free >= 4 else { return (CurveSlope.Value(), independent) }
    var value = CurveSlope.Value()
    value.slope = Self.product(own, rest) / after
    Self.remove(own, from: &rest)
    let scores = zip(own, rest).map { $0 * $1 }
    let (variance, freedom) = Self.longRunVariance(scores)
    let n = Double(values.count)
    value.error = (n * variance * n / Double(free)).squareRoot() / after
    guard value.error > 0 else { return (value, independent) }
    value.significance = Self.normalDeviate(value.slope / value.error, freedom: freedom)
    return (value, independent)
  }

  // MARK: Arithmetic

  private static func centred(_ values: [Double], _ roots: [Double], _ groups: [[Int]]) -> [Double] {
    var result = values
    for group in groups {
      let weight = group.reduce(0) { $0 + roots[$1] * roots[$1] }
      // Julian dates lose no digits when counted from one of them.
      let zero = values[group[0]]
      let mean = group.reduce(0) { $0 + roots[$1] * roots[$1] * (values[$1] - zero) } / weight
      for place in group { result[place] = (values[place] - zero - mean) * roots[place] }
    }
    return result
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  private static func remove(_ known: [Double], from column: inout [Double]) {
    let norm = product(known, known)
    guard norm > 0 else { return }
    let part = product(known, column) / norm
    for place in column.indices { column[place] -= part * known[place] }
  }

  private static func remove(_ known: [Double], from column: inout [Double], _ group: [Int]) {
    var (norm, overlap) = (0.0, 0.0)
    for place in group {
      norm += known[place] * known[place]
      overlap += known[place] * column[place]
    }
    guard norm > 0 else { return }
    for place in group { column[place] -= overlap / norm * known[place] }
  }

  /// Variance of the mean of a series times its length, from its lowest cosine transforms, and their number.
  static func longRunVariance(_ values: [Double]) -> (value: Double, freedom: Double) {
    let n = Double(values.count)
    let count = transforms(values)
    var sum = 0.0
    for order in 1...count {
      var transform = 0.0
      for (place, value) in values.enumerated() {
        transform += value * cos(.pi * Double(order) * (Double(place) + 0.5) / n)
      }
      sum += 2 / n * transform * transform
    }
    return (sum / Double(count), Double(count))
  }

  /// How many transforms stand for the lowest frequency: as many as are recommended, but of a series that remembers only
  /// those over which its spectrum is level. That of an autoregressive series of first order falls by a tenth over
  /// k = n (1 - r) sqrt(0.1 (6/pi^2) / (2 r)) of them on average, r its correlation from one value to the next.
  private static func transforms(_ values: [Double]) -> Int {
    let n = Double(values.count)
    let usual = 0.4 * pow(n, 2.0 / 3)
    let squares = values.reduce(0) { $0 + $1 * $1 }
    let products = zip(values, values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    // A short series looks less correlated than it is, by some (1 + 4 r)/n (Marriott & Pope 1954, Biometrika 41, 390).
    let seen = squares > 0 ? products / squares : 0
    let memory = min(seen + (1 + 4 * max(seen, 0)) / n, 0.99)
    let level = memory > 0 ? n * (1 - memory) * (0.1 * 6 / (.pi * .pi) / (2 * memory)).squareRoot() : usual
    return max(2, Int(min(usual, level).rounded()))
  }

  /// The normal deviate as improbable as this value of Student's t (Wallace 1959, Ann. Math. Stat. 30, 1124), good to
  /// some per cent from 2 degrees of freedom on.
  static func normalDeviate(_ t: Double, freedom: Double) -> Double {
    let size = (freedom * log1p(t * t / freedom)).squareRoot() * (8 * freedom + 1) / (8 * freedom + 3)
    return t < 0 ? -size : size
  }
}
