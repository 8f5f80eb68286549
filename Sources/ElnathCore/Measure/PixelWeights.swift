/// How much of each pixel a shape covers: a small grid of fractions from 0 to 1 and the place of its first pixel.
/// It may reach past the border of a frame; a summing loop leaves those pixels out.
public struct PixelWeights: Sendable, Equatable {
  /// Column and row of the first pixel; may be negative.
  public let x: Int
  public let y: Int
  public let width: Int
  public let height: Int
  /// Covered fractions, row-major.
  public let fractions: [Double]

  public init(x: Int, y: Int, width: Int, height: Int, fractions: [Double]) {
    precondition(fractions.count == width * height, "one fraction for each pixel")
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.fractions = fractions
  }

  /// The pixels that a circle of radius `reach` about `centre` can touch, each with its fraction from `fraction`,
  /// which is given the place of the pixel's centre relative to `centre`.
  /// Nothing where place or reach lie beyond any image.
  init(around centre: PixelPoint, reach: Double, fraction: (Double, Double) -> Double) {
    guard abs(centre.x) <= Self.farthest, abs(centre.y) <= Self.farthest, reach <= Self.largest else {
      self.init(x: 0, y: 0, width: 0, height: 0, fractions: [])
      return
    }
    let left = Int((centre.x - reach).rounded(.down))
    let bottom = Int((centre.y - reach).rounded(.down))
    let width = Int((centre.x + reach).rounded(.up)) - left + 1
    let height = Int((centre.y + reach).rounded(.up)) - bottom + 1
    var fractions: [Double] = []
    fractions.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        fractions.append(fraction(Double(left + column) - centre.x, Double(bottom + row) - centre.y))
      }
    }
    self.init(x: left, y: bottom, width: width, height: height, fractions: fractions)
  }

  /// px: no detector has as many along a side; and no shape needs to reach that far, whose fractions are kept in memory.
  static let farthest = 1e6
  static let largest = 5000.0

  /// Covered area, px, past the border included.
  public var area: Double { fractions.reduce(into: CompensatedSum()) { $0 += $1 }.value }

  /// Sum of fraction x pixel over the pixels that lie on the grid, and the area covered there.
  /// A NaN pixel under the shape makes the sum NaN.
  public func sum(over grid: PixelGrid<Float>) -> (sum: Double, area: Double) {
    var sum = 0.0
    var area = 0.0
    for row in max(0, -y)..<max(max(0, -y), min(height, grid.height - y)) {
      for column in max(0, -x)..<max(max(0, -x), min(width, grid.width - x)) {
        let w = fractions[row * width + column]
        guard w > 0 else { continue }
        sum += w * Double(grid.pixels[(y + row) * grid.width + x + column])
        area += w
      }
    }
    return (sum, area)
  }
}
