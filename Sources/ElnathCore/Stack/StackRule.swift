/// How frames of one field become one image.
public struct StackRule: Sendable, Equatable {
  /// Which values of a pixel are left out.
  public enum Rejection: String, Codable, Sendable, CaseIterable {
    case none
    /// Further than so many standard deviations from the median, again and again until nothing more is left out; the
    /// values that lie within the last limits stay. The numbers are those of astropy's
    /// `sigma_clip(cenfunc="median", stdfunc="std", maxiters=None)`: the deviation is that of the population, so a lone
    /// outlier among N values, at most N/sqrt(N-1) of these out, is never rejected at 3 up to N = 7.
    case sigma
    /// As `sigma`, by 1.134 times the standard deviation of the values drawn in to median +- 1.5 of it (Huber 1981,
    /// Robust Statistics, 1.7).
    case winsorised
    /// Further from the median than so many times 1.4826 median absolute deviations, once.
    case mad
    /// Further from the median than so many times sqrt(v + (c D)^2): v the variance that the noise model gives the
    /// value, D the largest difference of the median image to the 8 neighbours of the pixel. The second term is what
    /// seeing and guiding do to the slopes of a star, so that no core is bitten.
    case noise
  }

  /// What is made of the values that are kept.
  public enum Combination: String, Codable, Sendable, CaseIterable {
    case median, mean
    /// The mean with the weights of the frames.
    case weighted
  }

  public var rejection: Rejection
  public var combination: Combination
  /// Limits below and above the median, in standard deviations; at least 1.
  public var low: Double
  public var high: Double
  /// c of `Rejection.noise`: between FWHM 3.5 and 4.5 px the peak of a star changes by 0.4 to 0.6 D.
  public var seeing: Double

  public init(
    _ rejection: Rejection = .sigma, _ combination: Combination = .median, low: Double = 3, high: Double = 3,
    seeing: Double = 0.7
  ) {
    precondition(low >= 1 && high >= 1 && seeing >= 0, "limits below one deviation would reject everything")
    self.rejection = rejection
    self.combination = combination
    self.low = low
    self.high = high
    self.seeing = seeing
  }

  /// True where the values of a pixel must be brought into order.
  var sorts: Bool { rejection != .none || combination == .median }
}
