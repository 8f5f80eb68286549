#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the value of a frame between its pixels is found.
///
/// Pixels without a value take no part; where they would carry half of the weight or more the result has none either, so
/// nothing is smeared over a gap, and no masked pixel leaks into its neighbours.
///
/// `bilinear` and `lanczos3` give surface brightness: their weights sum to 1, a flat sky keeps its level. `area` gives
/// light: what falls on the pixel of the reference frame, so that the sum over a star is kept whatever shift, rotation or
/// scale. Where the scale is 1 the two are the same.
///
/// A resampled pixel is a sum over several, so its variance is the sum of theirs by the squared weights, and its
/// neighbours correlate with it: the variance of a sum over an aperture is not the sum of the variances.
public enum ResamplingKernel: String, Codable, Sendable, CaseIterable {
  /// Four pixels: no value outside theirs, at the price of up to half a pixel's width of blur.
  case bilinear
  /// 36 pixels (Duchon 1979): keeps the width of stars that are sampled well; rings around single hot pixels.
  case lanczos3
  /// Every pixel by the area of it that the pixel of the reference frame covers: drizzling with drops of a whole pixel
  /// (Fruchter & Hook 2002, PASP 114, 144).
  case area

  /// Pixels on each side of a place that its value is taken from, where the scale is 1.
  var reach: Int { self == .lanczos3 ? 3 : 1 }

  /// Steps of the phase in `weights`.
  static let steps = 2048

  /// `2 * reach` weights, from pixel -reach + 1 to reach, for each phase 0 ... 1 in `steps` steps. Of Lanczos only: the
  /// others are as quick to compute.
  func weights() -> [Float] {
    guard self == .lanczos3 else { return [] }
    let reach = reach
    var table: [Float] = []
    for step in 0...Self.steps {
      let phase = Double(step) / Double(Self.steps)
      var own = ((1 - reach)...reach).map { tap -> Double in
        let x = phase - Double(tap)
        return abs(x) < 1e-9 ? 1 : abs(x) >= 3 ? 0 : Self.sinc(x) * Self.sinc(x / 3)
      }
      let sum = own.reduce(0, +)
      for i in own.indices { own[i] /= sum }
      table += own.map { Float($0) }
    }
    return table
  }

  private static func sinc(_ x: Double) -> Double { sin(.pi * x) / (.pi * x) }
}
