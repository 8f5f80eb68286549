/// The difference summed over boxes of pixels, each about as large as the aperture of a star: what is too faint for a
/// single pixel, such as the shape of a flat, stands out here as it would in photometry.
public struct DifferenceBoxes: Sendable, Equatable {
  public static let side = 16

  /// A square of pixels, `side` px wide.
  public struct Box: Sendable, Equatable {
    /// Its first pixel, from 0.
    public var x: Int
    public var y: Int
    /// Mean difference of its pixels, in their unit.
    public var mean: Double
    /// The same in units of its error.
    public var residual: Double
  }

  /// Those of which at least half of the pixels are compared, row by row.
  public var boxes: [Box] = []
  /// Scatter of neighbouring boxes against each other in units of their errors: 1 for independent noise, 0 for
  /// reductions of one exposure; differences that change slowly over the frame do not enter. NaN for fewer than three.
  public var scatter = Double.nan

  public init(_ difference: DifferenceImage) {
    let (width, height, side) = (difference.width, difference.height, Self.side)
    let (columns, rows) = (width / side, height / side)
    var residuals = [Double](repeating: .nan, count: columns * rows)
    difference.image.pixels.withUnsafeBufferPointer { image in
      difference.sumVariance.pixels.withUnsafeBufferPointer { variance in
        for row in 0..<rows {
          for column in 0..<columns {
            var (sum, noise, count) = (0.0, 0.0, 0)
            for y in (row * side)..<((row + 1) * side) {
              for i in (y * width + column * side)..<(y * width + (column + 1) * side) where !image[i].isNaN {
                sum += Double(image[i])
                noise += Double(variance[i])
                count += 1
              }
            }
            guard 2 * count >= side * side else { continue }
            let residual = Double(DifferenceStatistics.residual(Float(sum), Float(noise)))
            residuals[row * columns + column] = residual
            boxes.append(Box(x: column * side, y: row * side, mean: sum / Double(count), residual: residual))
          }
        }
      }
    }
    scatter = Self.scatter(residuals, columns: columns, rows: rows)
  }

  /// Of each box against the mean of its two neighbours, along rows and along columns: a slope cancels. NaN and infinite
  /// values have no neighbours.
  private static func scatter(_ residuals: [Double], columns: Int, rows: Int) -> Double {
    var bends: [Double] = []
    func add(_ before: Double, _ own: Double, _ after: Double) {
      let bend = abs(before - 2 * own + after)
      if bend.isFinite { bends.append(bend) }
    }
    for i in residuals.indices {
      let (column, row) = (i % columns, i / columns)
      if column > 0, column + 1 < columns { add(residuals[i - 1], residuals[i], residuals[i + 1]) }
      if row > 0, row + 1 < rows { add(residuals[i - columns], residuals[i], residuals[i + columns]) }
    }
    // 1 + 4 + 1 variances.
    return RobustScale.sigmaPerMAD * Median.inPlace(&bends) / 6.0.squareRoot()
  }

  /// The box that differs most; nil without boxes.
  public var worst: Box? { boxes.max { abs($0.residual) < abs($1.residual) } }
}
