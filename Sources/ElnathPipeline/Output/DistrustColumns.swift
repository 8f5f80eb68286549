import ElnathCore

/// `distrust.csv`: one row for each target, filter and other way to its curve.
public enum DistrustColumns {
  public static let all: [Column<DistrustVerdict>] = [
    Column("target", "", "Name of the target.") { .text($0.target) },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("way", "", "without_influential, smaller_radius, larger_radius or other_ensemble.") {
      .text($0.way.rawValue)
    },
    Column("what", "", "What was done to make the curve in the other way.") { .text($0.what) },
    Column("n", "", "Points that both curves use.") { .integer($0.count) },
    Column("exceeding", "", "Points that differ by more than error bar and noise allow.") {
      .integer($0.exceeding)
    },
    Column("rms_mag", "mag", "Rms of the differences of delta_mag.") { .real($0.rms) },
    Column("largest_mag", "mag", "The difference that is largest against its error bar.") { .real($0.largest) },
    Column(
      "largest_in_errors", "",
      "largest_mag over delta_mag_err, or over four times its own noise where that is more."
    ) { .real($0.largestInErrors) },
    Column("frame", "", "Number of the frame with the largest difference.") { .integer($0.frame) },
    Column("distrusted", "", "1 where a difference exceeds the error bar.") { .boolean($0.isDistrusted) },
  ]

  /// `distrust_<target>.csv`: one row for each light frame.
  public static let points: [Column<DistrustPoint>] =
    [
      Column("frame", "", "Number of the frame in the series.") { .integer($0.frame) },
      Column("filter", "", "Name of the filter.") { .text($0.filter) },
      Column("jd_utc", "d", "Mid-exposure, Julian date in UTC.") { .time($0.jdUTC) },
      Column("bjd_tdb", "d", "Mid-exposure at the barycentre, in TDB.") { .time($0.bjdTDB) },
      Column("used", "", "1 for a point to use.") { .boolean($0.used) },
      Column("delta_mag", "mag", "Magnitude difference as in the light curve.") { .real($0.deltaMagnitude) },
      Column("delta_mag_err", "mag", "Error of delta_mag.") { .real($0.error) },
    ]
    + DistrustWay.allCases.map { way in
      Column(way.rawValue, "mag", way.sentence) { .real($0.others[way]) }
    }
}

extension DistrustWay {
  fileprivate var sentence: String {
    switch self {
    case .withoutInfluential: "delta_mag without the three comparison stars that move it most."
    case .smallerRadius: "delta_mag at a radius smaller by a quarter."
    case .largerRadius: "delta_mag at a radius larger by a quarter."
    case .otherEnsemble: "delta_mag with the ensemble sum for zeropoint, or the other way round."
    }
  }
}
