import ElnathCore

/// A target's curve made in other ways, minus the curve itself: a strip for each way; taken from `distrust.csv` and
/// `distrust_<target>.csv`.
struct DistrustPlot {
  private struct Point {
    var time: Double
    var error: Double
    /// By way, mag; NaN where it has no point.
    var differences: [Double]
  }

  /// One other way, in words.
  private struct Way {
    var column: String
    var what: String
    var figures: String
    var isDistrusted: Bool
  }

  private let target: String
  private let filter: String
  private let points: [Point]
  private let ways: [Way]
  private let axis: NightAxis
  private let width: Plot.Width

  /// Nil where no other way has a point.
  init?(_ verdicts: SavedTable, _ table: SavedTable, target: String, filter: String) {
    let (name, band) = (CSVText.cleaned(target), CSVText.cleaned(filter))
    let all = verdicts.rows.filter {
      verdicts.text($0, "target") == name && verdicts.text($0, "filter") == band
        && (Int(verdicts.text($0, "n")) ?? 0) > 0
    }
    ways = all.map { row in
      let rms = 1000 * verdicts.real(row, "rms_mag")
      return Way(
        column: verdicts.text(row, "way"), what: Self.short(verdicts.text(row, "what")),
        figures: "rms \(rms.isFinite ? rms.fixed(rms < 9.95 ? 1 : 0) : "?") mmag, "
          + "\(verdicts.text(row, "exceeding")) of \(verdicts.text(row, "n")) beyond",
        isDistrusted: verdicts.text(row, "distrusted") == "1")
    }
    let rows = table.rows.filter {
      table.text($0, "filter") == band && table.text($0, "used") == "1" && table.real($0, "delta_mag").isFinite
    }
    let times = rows.map { (table.real($0, "bjd_tdb"), table.real($0, "jd_utc")) }
    guard !ways.isEmpty, let narrow = NightAxis(times) else { return nil }
    width = narrow.panels.count > 2 ? .twoColumns : .oneColumn
    guard let axis = NightAxis(times, width: width) else { return nil }
    let columns = ways.map(\.column)
    points = zip(rows, times).map { row, time in
      let own = table.real(row, "delta_mag")
      return Point(
        time: axis.place(time.0, time.1), error: table.real(row, "delta_mag_err"),
        differences: columns.map { table.real(row, $0) - own })
    }
    guard points.contains(where: { $0.differences.contains(where: \.isFinite) }) else { return nil }
    (self.target, self.filter, self.axis) = (target, filter, axis)
  }

  /// Room for this many characters beside the figures.
  private static func short(_ text: String) -> String {
    text.count > 34 ? text.prefix(33) + "\u{2026}" : text
  }

  func plot(name: String) -> Plot {
    let aspect = (width == .oneColumn ? 0.22 : 0.11) + (width == .oneColumn ? 0.21 : 0.1) * Double(ways.count)
    return Plot(
      name: name, script: "distrust.gp",
      variables: axis.variables + [
        ("data", Gnuplot.quoted(name + ".csv")), ("name", Gnuplot.quoted(target)), ("filter", Gnuplot.quoted(filter)),
        ("count", "\(ways.count)"), Gnuplot.array("ways", ways.map(\.column)),
        Gnuplot.array("titles", ways.map(\.what)),
        Gnuplot.array("figures", ways.map(\.figures)),
        ("distrusted", Gnuplot.quoted(ways.map { $0.isDistrusted ? "1" : "0" }.joined(separator: " "))),
        ("reach", "\(reach)"), ("tic", "\(RoundStep.atLeast(0.45 * reach))"),
        ("line", "\((width == .oneColumn ? 0.045 : 0.022) / aspect)"), ("left", "\(width.axes.left)"),
        ("right", "\(width.axes.right)"),
      ],
      tables: [Plot.Table(name: name + ".csv", bytes: data)], width: width, aspect: aspect)
  }

  /// Half the height of a strip: room for nearly all differences and for the error bars.
  private var reach: Double {
    let differences = points.flatMap(\.differences).filter(\.isFinite).map(abs)
    let bars = points.map(\.error).filter(\.isFinite)
    let most = min(differences.max() ?? 0, 4 * Median.percentile(differences, 0.98))
    return min(1e6, max(1e-3, 1.1 * most, bars.isEmpty ? 0 : 1.3 * Median.of(bars)))
  }

  private var data: [UInt8] {
    var columns: [Column<Point>] = [
      Column("time", "d", "Time since the zero of the axis.") { .real($0.time) },
      Column("error", "mag", "Error of delta_mag in the light curve.") { .real($0.error) },
    ]
    for (place, way) in ways.enumerated() {
      columns.append(
        Column(way.column, "mag", "Magnitude difference made in this way minus that of the light curve.") {
          .real($0.differences[place])
        })
    }
    // gnuplot does not see that a last cell is empty.
    columns.append(Column("used", "", "1, all of these points are used.") { _ in .integer(1) })
    return CSVFormat.bytes(of: points, columns: columns)
  }
}
