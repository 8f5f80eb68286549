import ElnathCore

/// The picture of a difference with its histogram.
struct DifferencePlot {
  let plot: Plot

  init(_ found: FrameDifference, unit: String, files: (first: String, second: String), verdict: String) {
    let map = DifferenceMap(found.difference)
    struct Bin {
      var x: Double
      var y: Double
      var value: Double
      var count: Int
    }
    let bins = map.means.indices.map { i in
      Bin(
        x: map.centre(i % map.columns), y: map.centre(i / map.columns), value: Double(map.means[i]),
        count: map.counts[i])
    }
    let mapData = CSVFormat.bytes(
      of: bins,
      columns: [
        Column("x", "px", "Centre of the bin.") { .real($0.x) },
        Column("y", "px", "Centre of the bin.") { .real($0.y) },
        Column("difference", unit, "Mean difference of its pixels.") {
          .real(DecimalRounding.significant($0.value, 6))
        },
        // Last, since gnuplot does not see that a last cell is empty.
        Column("pixels", "", "Pixels that were compared.") { .integer($0.count) },
      ])
    let statistics = found.statistics
    let histogramData = CSVFormat.bytes(
      of: Array(statistics.histogram.enumerated()),
      columns: [
        Column("residual", "", "Centre of the bin, in units of the error.") { (bin: (offset: Int, element: Int)) in
          let place = (Double(bin.offset) + 0.5) * DifferenceStatistics.binWidth - DifferenceStatistics.reach
          return .real(DecimalRounding.decimals(place, 6))
        },
        Column("pixels", "", "Pixels in it; the outermost hold all beyond.") { .integer($0.element) },
      ])
    func short(_ value: Double) -> String { "\(DecimalRounding.significant(value, 3))" }
    let figures =
      "median \(short(statistics.medianInErrors)), scatter (1.48 MAD) \(short(statistics.scatter)), beyond 5: "
      + short(statistics.fractionBeyond)
    let shape = Double(found.difference.height) / Double(found.difference.width)
    plot = Plot(
      name: "difference", script: "difference.gp",
      variables: [
        ("map", Gnuplot.quoted("difference_map.csv")), ("histogram", Gnuplot.quoted("difference_histogram.csv")),
        ("name", Gnuplot.quoted(Self.names(files.first, files.second))),
        ("unit", Gnuplot.quoted(unit)), ("reach", "\(map.reach > 0 ? map.reach : 1)"),
        ("width", "\(found.difference.width)"), ("height", "\(found.difference.height)"), ("bin", "\(map.bin)"),
        ("shape", "\(shape)"), ("pixels", "\(Double(statistics.pixels))"),
        ("bin_width", "\(DifferenceStatistics.binWidth)"), ("verdict", Gnuplot.quoted(verdict)),
        ("figures", Gnuplot.quoted(figures)),
      ],
      tables: [
        Plot.Table(name: "difference_map.csv", bytes: mapData),
        Plot.Table(name: "difference_histogram.csv", bytes: histogramData),
      ], aspect: 1.3)
  }

  /// Both paths, cut short where they are too long for the picture, but not where they differ.
  private static func names(_ first: String, _ second: String) -> String {
    let most = 34
    func end(_ path: String) -> String { path.count > most ? "..." + path.suffix(most - 3) : path }
    func start(_ path: String) -> String { path.count > most ? path.prefix(most - 3) + "..." : path }
    return end(first) == end(second) && first != second
      ? start(first) + " - " + start(second) : end(first) + " - " + end(second)
  }
}
