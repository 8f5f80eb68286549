#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much the light in an aperture depends on where in its pixel a star falls: light counts as even within each pixel
/// that the border cuts, which it is not, by some thousandths of a star's light in apertures below one FWHM.
///
/// Computed for a Gaussian star integrated over pixels in the middle of the aperture; real profiles come within a fifth of
/// it where it matters. A flux is never corrected by it: the model is not good enough.
public struct PixelPhase: Sendable, Equatable {
  /// FWHM, px, ascending in equal ratios, and at each what every aperture does.
  private let widths: [Double]
  private let responses: [[Response]]

  /// What an aperture holds of a star by its place (x, y) in a pixel, over the mean: amplitudes of the first waves of
  /// `PixelMotion`, and the variance over all places that they leave.
  private struct Response: Sendable, Equatable {
    var amplitudes = [0.0, 0.0, 0.0]
    var rest = 0.0
  }

  /// Widths of stars from 0.6 to 1.8 times the typical one.
  private static let factors = [0.6, 0.72, 0.86, 1.0, 1.2, 1.45, 1.8]
  /// The eighth of a pixel that the symmetries leave, at places that share its area evenly.
  private static let places: [(x: Double, y: Double, weight: Double)] = {
    var places: [(x: Double, y: Double, weight: Double)] = []
    for i in 0..<4 {
      for j in 0...i { places.append((x: (Double(i) + 0.5) / 8, y: (Double(j) + 0.5) / 8, weight: i == j ? 1 : 2)) }
    }
    return places
  }()

  /// `fwhm`: typical, px. `shapes`: the apertures in the order of the tables for stars of some FWHM.
  public init(fwhm: Double, shapes: (Double) -> [any Aperture]) {
    widths = Self.factors.map { $0 * fwhm }
    responses = widths.map { width in
      shapes(width).map { Self.response(of: $0, fwhm: width) }
    }
  }

  /// Relative variance of the flux in aperture `k` over the frames of a series, of a star of this FWHM that moves so on
  /// the pixels. What does not change belongs to the star's mean.
  func variance(of k: Int, fwhm: Double, motion: PixelMotion) -> Double {
    let width = min(max(fwhm, widths[0]), widths[widths.count - 1])
    let i = min((widths.lastIndex { $0 <= width } ?? 0), widths.count - 2)
    let t = (width - widths[i]) / (widths[i + 1] - widths[i])
    func variance(_ response: Response) -> Double {
      motion.variance(of: response.amplitudes) + response.rest * motion.share
    }
    return (1 - t) * variance(responses[i][k]) + t * variance(responses[i + 1][k])
  }

  private static func response(of shape: any Aperture, fwhm: Double) -> Response {
    // Beyond this a border meets no light.
    guard shape.reach < 3 * fwhm + 1, shape.reach < 200 else { return Response() }
    let light = places.map { place in
      self.light(in: shape.weights(centeredAt: PixelPoint(x: place.x, y: place.y)), place.x, place.y, fwhm)
    }
    let total = places.reduce(0) { $0 + $1.weight }
    let mean = zip(places, light).reduce(0) { $0 + $1.0.weight * $1.1 } / total
    guard mean > 0 else { return Response() }
    var response = Response()
    response.rest = zip(places, light).reduce(0) { $0 + $1.0.weight * ($1.1 / mean - 1) * ($1.1 / mean - 1) } / total
    for wave in response.amplitudes.indices {
      var (product, norm) = (0.0, 0.0)
      for (place, light) in zip(places, light) {
        let value = PixelMotion.waves(place.x, place.y)[wave]
        product += place.weight * value * (light / mean - 1)
        norm += place.weight * value * value
      }
      response.amplitudes[wave] = product / norm
      response.rest -= product * product / norm / total
    }
    response.rest = max(0, response.rest)
    return response
  }

  /// Fraction of a star's light, at `x`, `y`, under these weights.
  private static func light(in weights: PixelWeights, _ x: Double, _ y: Double, _ fwhm: Double) -> Double {
    let scale = fwhm / SourceProfile.fwhmPerSigma * 2.0.squareRoot()
    func line(_ first: Int, _ count: Int, _ centre: Double) -> [Double] {
      (0..<count).map {
        let d = Double(first + $0) - centre
        return 0.5 * (erf((d + 0.5) / scale) - erf((d - 0.5) / scale))
      }
    }
    let columns = line(weights.x, weights.width, x)
    let rows = line(weights.y, weights.height, y)
    var sum = 0.0
    for row in 0..<weights.height {
      var part = 0.0
      for column in 0..<weights.width { part += weights.fractions[row * weights.width + column] * columns[column] }
      sum += rows[row] * part
    }
    return sum
  }

  /// Mean square of the relative light that a round aperture loses when its centre is off by an error of `variance`
  /// along each axis: the light in it is at its largest there, so the loss goes with the square of the error,
  /// -d^2 r^2 exp(-r^2/2s^2)/(4 s^4), and its mean square with the fourth power, 8 variance^2.
  static func lossVariance(radius r: Double, fwhm: Double, positionVariance: Double) -> Double {
    guard positionVariance > 0, fwhm > 0 else { return 0 }
    let s2 = fwhm * fwhm / (SourceProfile.fwhmPerSigma * SourceProfile.fwhmPerSigma)
    let edge = exp(-r * r / (2 * s2))
    let inside = 1 - edge
    guard inside > 0 else { return 0 }
    let loss = positionVariance * r * r * edge / (s2 * s2 * inside)
    return loss * loss / 2
  }
}
