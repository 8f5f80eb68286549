/// Mean of each row and of each column of one amplifier in one bias: what the pattern of a bias is made of.
public struct BiasProfile: Sendable, Equatable {
  /// ADU; NaN for a line without usable pixels.
  let rows: [Double]
  let columns: [Double]

  /// Pixels further than this many standard deviations from the level are defects, not pattern.
  private static let reach = 10.0

  /// - Parameters:
  ///   - level: the zero level as the overscan tells it; nil for none.
  ///   - area: of the trimmed frame.
  ///   - sample: of the same frame: its level and scatter.
  init<Raw: RawPixels>(
    _ raw: Raw, level: Overscan.Level?, area: PixelRectangle, sample: AmplifierSample
  ) throws(Raw.Failure) {
    let trim = raw.observation.trim
    precondition(area.fits(width: trim.width, height: trim.height), "the amplifier lies on the frame")
    let some = stride(from: 0, to: sample.values.count, by: 7).map { Double(sample.values[$0]) }
    let width = Self.reach * max(RobustScale.sigma(some, about: sample.level), 0.5)
    var sums = ProfileSums(
      area: area, range: Float(sample.level - width)...Float(sample.level + width), level: Float(sample.level))
    let first = trim.x + area.x
    let line = UnsafeMutableBufferPointer<Float>.allocate(capacity: area.width)
    defer { line.deallocate() }
    try raw.forEachRow(of: (0..<area.height).map { trim.y + area.y + $0 }) { y, values in
      let source = UnsafeBufferPointer(rebasing: values[first..<(first + area.width)])
      if let level {
        level.subtract(row: y, from: first, source, into: line)
        sums.add(UnsafeBufferPointer(line))
      } else {
        sums.add(source)
      }
    }
    (rows, columns) = sums.means()
  }

  private init(rows: [Double], columns: [Double]) {
    self.rows = rows
    self.columns = columns
  }
}

/// Rows and columns of the bias that lie above or below the others in every frame.
public struct BiasStructure: Sendable, Equatable {
  /// Standard deviation of the true means of the rows and of the columns, noise taken off, ADU. Unknown for fewer than
  /// two biases.
  public var rows: MeasuredValue
  public var columns: MeasuredValue

  /// What two frames share is their covariance: noise has none, so nothing has to be subtracted.
  init(_ profiles: [BiasProfile]) {
    rows = Self.pattern(profiles.map(\.rows))
    columns = Self.pattern(profiles.map(\.columns))
  }

  private static func pattern(_ profiles: [[Double]]) -> MeasuredValue {
    guard profiles.count > 1 else { return .unknown }
    let pairs = zip(profiles, profiles.dropFirst()).map(covariance)
    let known = pairs.filter { $0.value.isFinite }
    guard !known.isEmpty else { return .unknown }
    let n = Double(known.count)
    let square = MeasuredValue(
      known.reduce(0) { $0 + $1.value } / n, error: (known.reduce(0) { $0 + $1.error * $1.error } / n).squareRoot(),
      count: profiles.count)
    return square.squareRoot
  }

  /// With its standard error for normal values; pairs that share a frame share errors, so no less is claimed for many.
  private static func covariance(_ a: [Double], _ b: [Double]) -> (value: Double, error: Double) {
    let both = zip(a, b).filter { $0.isFinite && $1.isFinite }
    guard both.count > 10 else { return (.nan, .nan) }
    let n = Double(both.count)
    let means = (both.reduce(0) { $0 + $1.0 } / n, both.reduce(0) { $0 + $1.1 } / n)
    var (aa, ab, bb) = (0.0, 0.0, 0.0)
    for (x, y) in both {
      aa += (x - means.0) * (x - means.0)
      ab += (x - means.0) * (y - means.1)
      bb += (y - means.1) * (y - means.1)
    }
    let scale = 1 / (n - 1)
    return (ab * scale, ((aa * bb + ab * ab) * scale * scale / n).squareRoot())
  }
}
