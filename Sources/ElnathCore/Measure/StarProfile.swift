#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The shape of a star that is assumed where none was measured: Moffat's profile (1969, A&A 3, 455) with beta = 2.5,
/// whose wings are as broad as those of real stars in middling seeing. It decides how far haloes are masked and how much
/// of a neighbour's light is expected in an aperture; no flux is ever corrected with it.
public struct StarProfile: Sendable, Equatable {
  private static let beta = 2.5
  /// Scale of the profile squared, px^2.
  private let scale2: Double

  /// `fwhm` in px, above zero.
  public init(fwhm: Double) {
    precondition(fwhm > 0, "a star has a width")
    scale2 = fwhm * fwhm / (4 * (pow(2, 1 / Self.beta) - 1))
  }

  /// Light per px at distance `r` for a star of flux 1.
  public func surface(at r: Double) -> Double {
    (Self.beta - 1) / (.pi * scale2) * pow(1 + r * r / scale2, -Self.beta)
  }

  /// Distance at which a star of this flux falls to `level` per px; 0 where it never reaches it.
  public func radius(flux: Double, level: Double) -> Double {
    let peak = flux * surface(at: 0)
    guard level > 0, peak > level else { return 0 }
    return (scale2 * (pow(peak / level, 1 / Self.beta) - 1)).squareRoot()
  }

  /// Fraction of a star's light within a circle of radius `r` whose centre lies `offset` from the star.
  public func fraction(within r: Double, offset: Double) -> Double {
    guard offset > 0 else { return enclosed(r) }
    // Whole rings about the star first, then rings of which only an arc lies in the circle.
    let whole = max(r - offset, 0)
    let from = abs(offset - r)
    let steps = 48
    let step = (offset + r - from) / Double(steps)
    var arcs = 0.0
    for i in 0..<steps {
      let rho = from + (Double(i) + 0.5) * step
      let cosine = (rho * rho + offset * offset - r * r) / (2 * rho * offset)
      arcs += surface(at: rho) * rho * acos(min(max(cosine, -1), 1))
    }
    return enclosed(whole) + 2 * arcs * step
  }

  /// Fraction of the light within `r` of the star's centre.
  public func enclosed(_ r: Double) -> Double { 1 - pow(1 + r * r / scale2, 1 - Self.beta) }
}
