#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the places of a star in its pixels spread over the frames of a series, as the variances of the three waves
/// that a round aperture answers to: cos 2 pi x + cos 2 pi y, 2 cos 2 pi x cos 2 pi y, cos 4 pi x + cos 4 pi y, which have
/// variance 1 where all places are alike.
public struct PixelMotion: Sendable, Equatable {
  /// Variances and covariances: 11, 12, 13, 22, 23, 33.
  private let covariances: [Double]

  /// All places are alike: the field drifts, or nothing is known of it.
  public static let anywhere = PixelMotion(covariances: [1, 0, 0, 1, 0, 1])

  private init(covariances: [Double]) { self.covariances = covariances }

  /// The star's place on each frame, px; `anywhere` from fewer than two of them.
  public init(places: [PixelPoint]) {
    guard places.count >= 2 else {
      self = .anywhere
      return
    }
    let values = places.map { Self.waves($0.x, $0.y) }
    let means = (0..<3).map { wave in values.reduce(0) { $0 + $1[wave] } / Double(values.count) }
    var covariances: [Double] = []
    for i in 0..<3 {
      for j in i..<3 {
        covariances.append(
          values.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) } / Double(values.count - 1))
      }
    }
    self.init(covariances: covariances)
  }

  static func waves(_ x: Double, _ y: Double) -> [Double] {
    let (a, b) = (cos(2 * .pi * x), cos(2 * .pi * y))
    // cos 2a = 2 cos^2 a - 1.
    return [a + b, 2 * a * b, 2 * (a * a + b * b) - 2]
  }

  /// Variance of a sum of the waves with these amplitudes.
  func variance(of amplitudes: [Double]) -> Double {
    let (a, b, c) = (amplitudes[0], amplitudes[1], amplitudes[2])
    let squares = a * a * covariances[0] + b * b * covariances[3] + c * c * covariances[5]
    let products = a * b * covariances[1] + a * c * covariances[2] + b * c * covariances[4]
    return max(0, squares + 2 * products)
  }

  /// How far the star covers a pixel: 0 where it stays, 1 where all places are alike.
  var share: Double { min(1, covariances[0]) }
}
