/// What the difference of two frames means for one star.
public struct StarResidual: Sendable, Equatable {
  /// In the first frame.
  public var position: PixelPoint
  /// Above the local sky, within `radius`, in the unit of the pixels.
  public var flux: Double
  public var radius: Double
  /// Flux in the first frame minus flux in the second, and its error for independent noise.
  public var difference: Double
  public var error: Double

  public var residual: Double { error > 0 ? difference / error : difference == 0 ? 0 : .infinity }

  /// Of the second frame, in units of the first.
  public var ratio: Double { flux > 0 ? 1 - difference / flux : .nan }
}

/// Sums a difference over the aperture of each star, above the difference of the sky around it: by a constant on the sky
/// no star becomes brighter.
struct StarDifferences {
  let first: MaskedImage
  let difference: DifferenceImage
  /// Of the first frame, px.
  let fwhm: Double

  /// The brightest only: a crowded field need not be compared star by star.
  static let most = 5000

  /// Stars with an undamaged aperture, brightest first.
  func callAsFunction(_ stars: [Source]) -> [StarResidual] {
    let width = fwhm.isFinite ? fwhm : 3
    let radius = max(1.5 * width, 2.5)
    let (inner, outer) = (max(2.5 * width, radius + 1), max(4 * width, radius + 4))
    return stars.prefix(Self.most).compactMap {
      residual(at: $0.position, radius: radius, inner: inner, outer: outer)
    }
  }

  private func residual(at centre: PixelPoint, radius: Double, inner: Double, outer: Double) -> StarResidual? {
    let reach = Int(outer.rounded(.up))
    let (x0, y0) = (Int(centre.x.rounded()), Int(centre.y.rounded()))
    var result = StarResidual(position: centre, flux: 0, radius: radius, difference: 0, error: 0)
    var (area, variance, skyVariance) = (0.0, 0.0, 0.0)
    var sky: [Double] = []
    var skyDifference: [Double] = []
    let (columns, rows) = (difference.width, difference.height)
    for y in (y0 - reach)...(y0 + reach) {
      for x in (x0 - reach)...(x0 + reach) {
        let (dx, dy) = (Double(x) - centre.x, Double(y) - centre.y)
        let square = dx * dx + dy * dy
        let covered = CircleOverlap.fraction(dx: dx, dy: dy, radius: radius)
        let isSky = square >= inner * inner && square <= outer * outer
        guard covered > 0 || isSky else { continue }
        guard x >= 0, y >= 0, x < columns, y < rows else {
          if covered > 0 { return nil }
          continue
        }
        let i = y * columns + x
        let d = Double(difference.image.pixels[i])
        guard !d.isNaN else {
          if covered > 0 { return nil }
          continue
        }
        let (value, v) = (Double(first.image.pixels[i]), Double(difference.sumVariance.pixels[i]))
        if covered > 0 {
          area += covered
          result.flux += covered * value
          result.difference += covered * d
          variance += covered * covered * v
        } else {
          sky.append(value)
          skyDifference.append(d)
          skyVariance += v
        }
      }
    }
    guard Double(sky.count) >= area else { return nil }
    let count = Double(sky.count)
    result.flux -= area * Median.inPlace(&sky)
    result.difference -= area * Median.inPlace(&skyDifference)
    // The error of a median is larger than that of a mean by sqrt(pi / 2).
    result.error = (variance + area * area * skyVariance / (count * count) * .pi / 2).squareRoot()
    return result
  }
}
