/// Mean of each row and of each column of one amplifier in one bias: what the pattern of a bias is made of.
public struct BiasProfile: Sendable, Equatable {
  /// ADU; NaN for a line without usable pixels.
  let rows: [Double]
  let columns: [Double]

  /// Pixels further than this many standard deviations from the level are defects, not pattern.
  private static let reach = 10.0

  /// - Parameters:
  ///   - corrected: the trimmed bias without the zero level that the overscan tells, ADU.
  ///   - sample: of the same frame: its level and scatter.
  public init(_ corrected: PixelGrid<Float>, area: PixelRectangle, sample: AmplifierSample) {
    precondition(area.fits(width: corrected.width, height: corrected.height), "the amplifier lies on the frame")
    let some = stride(from: 0, to: sample.values.count, by: 7).map { Double(sample.values[$0]) }
    let width = Self.reach * max(RobustScale.sigma(some, about: sample.level), 0.5)
    let (low, high) = (Float(sample.level - width), Float(sample.level + width))
    var rows = [Double](repeating: .nan, count: area.height)
    var sums = [Float](repeating: 0, count: area.width)
    var counts = sums
    var columnSums = [Double](repeating: 0, count: area.width)
    // Sums of deviations from the level: single precision holds a band of rows of them.
    let level = Float(sample.level)
    corrected.pixels.withUnsafeBufferPointer { pixels in
      sums.withUnsafeMutableBufferPointer { sums in
        counts.withUnsafeMutableBufferPointer { counts in
          for y in 0..<area.height {
            let start = (area.y + y) * corrected.width + area.x
            var sum: Float = 0
            var count: Float = 0
            for x in 0..<area.width {
              let value = pixels[start + x]
              let isSound = value >= low && value <= high
              let deviation = isSound ? value - level : 0
              let one: Float = isSound ? 1 : 0
              sum += deviation
              count += one
              sums[x] += deviation
              counts[x] += one
            }
            if count > 0 { rows[y] = Double(sum) / Double(count) }
            if y % 64 == 63 || y == area.height - 1 {
              for x in 0..<area.width {
                columnSums[x] += Double(sums[x])
                sums[x] = 0
              }
            }
          }
        }
      }
    }
    self.rows = rows
    columns = zip(columnSums, counts).map { $1 > 0 ? $0 / Double($1) : .nan }
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
