/// How the values that several frames have of one pixel become one.
///
/// All but `median` end with the mean of the values kept, weighted where the frames differ in noise.
public enum CombinationMethod: String, Codable, Sendable, CaseIterable {
  /// Values further from the median than so many standard deviations of the *noise model* are left out. Rejects a lone
  /// outlier from three frames on.
  case noise
  /// About the median by the standard deviation of the values themselves (population, not sample), again and again until
  /// nothing is left out: what astropy's `sigma_clip` does with `cenfunc="median", maxiters=None`. A lone outlier among
  /// N values is at most N/sqrt(N-1) of these out, so a limit of 3 rejects none up to N = 7, one of 4 none up to 14.
  case sigma
  /// As `sigma`, but the standard deviation is that of the values drawn in to median +- 1.5 standard deviations, times
  /// 1.134 to make up for it, found by iteration (Huber 1981, Robust Statistics, 1.7 for the idea of drawing in).
  case winsorised
  /// About the median by 1.4826 times the median absolute deviation, once.
  case mad
  /// The median of all values; nothing is rejected.
  case median
  /// The mean of all values; nothing is rejected.
  case mean

  /// True where values may be left out, so that a limit means something.
  public var rejects: Bool { self != .median && self != .mean }

  var sorts: Bool { self != .mean }
}
