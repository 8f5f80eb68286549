import ElnathCore

/// Curve of growth of one filter: how much of a star's light each aperture holds, over the frames in use; taken from
/// `growth.csv`.
struct GrowthPlot {
  /// One aperture, over the frames.
  private struct Point {
    var radius: Double
    var fractions: [Double]
    /// mag.
    var corrections: [Double]
    var errors: [Double]
  }

  private let filter: String
  private let points: [Point]
  private let fwhm: Double
  private let frames: Int
  /// Radii of the light curves, px, ascending.
  private let chosen: [Double]

  /// - Parameters:
  ///   - frames: Of the series; only those in use count.
  ///   - scans: `aperture_scan.csv`, which tells the radii of the light curves.
  /// Nil where no frame in use has a bright isolated star.
  init?(_ table: SavedTable, filter: String, frames: [FrameSummary], scans: SavedTable?) {
    let inUse = frames.filter { ($0.status == .used || $0.status == .flagged) && $0.filter == filter }
    let numbers = Set(inUse.map { "\($0.frame)" })
    let rows = table.rows.filter {
      numbers.contains(table.text($0, "frame")) && table.real($0, "fraction") > 0 && table.real($0, "radius_px") < 1e6
    }
    let byAperture = Dictionary(grouping: rows, by: { Int(table.text($0, "aperture").dropFirst()) ?? 0 })
    points = byAperture.sorted { $0.key < $1.key }.map { _, rows in
      Point(
        radius: Median.of(rows.map { table.real($0, "radius_px") }), fractions: rows.map { table.real($0, "fraction") },
        corrections: rows.map { table.real($0, "correction_mag") },
        errors: rows.map { table.real($0, "correction_err_mag") })
    }
    guard points.count > 1 else { return nil }
    self.filter = filter
    self.frames = points.map(\.fractions.count).max() ?? 0
    fwhm = Median.of(inUse.map(\.fwhm))
    let band = CSVText.cleaned(filter)
    let radii = scans.map { scans in
      scans.rows.filter { scans.text($0, "filter") == band && scans.text($0, "chosen") == "1" }
        .map { scans.real($0, "radius_px") }.filter { $0.isFinite && $0 < 1e6 }
    }
    chosen = Set(radii ?? []).sorted()
  }

  func plot(name: String) -> Plot {
    let radii = points.map(\.radius)
    let margin = 0.04 * ((radii.max() ?? 1) - (radii.min() ?? 0))
    let spreads = points.flatMap { [spread($0), Median.of($0.errors)] }.filter { $0 > 1e-5 && $0 < 10 }
    let axes = Plot.Width.oneColumn.axes
    return Plot(
      name: name, script: "growth.gp",
      variables: [
        ("data", Gnuplot.quoted(name + ".csv")), ("filter", Gnuplot.quoted(filter)), ("frames", "\(frames)"),
        ("radius_min", "\((radii.min() ?? 0) - margin)"), ("radius_max", "\((radii.max() ?? 1) + margin)"),
        ("fwhm", "\(fwhm > 0 ? fwhm : 0)"),
        ("fraction_min", "\(max(0, (points.flatMap(\.fractions).min() ?? 0) - 0.05))"),
        ("spread_min", "\(0.5 * (spreads.min() ?? 1e-3))"), ("spread_max", "\(2 * (spreads.max() ?? 1))"),
        ("chosen", Gnuplot.quoted(chosen.map { "\($0)" }.joined(separator: " "))), ("left", "\(axes.left)"),
        ("right", "\(axes.right)"),
      ],
      tables: [Plot.Table(name: name + ".csv", bytes: data)], aspect: 0.9)
  }

  /// Between the frames, mag; one frame has none.
  private func spread(_ point: Point) -> Double {
    point.corrections.count > 2 ? RobustScale.sigma(point.corrections) : .nan
  }

  private var data: [UInt8] {
    func part(_ place: Double) -> @Sendable (Point) -> Cell {
      { .real(Median.percentile($0.fractions, place)) }
    }
    return CSVFormat.bytes(
      of: points,
      columns: [
        Column("radius", "px", "Radius of the aperture, median over the frames.") { .real($0.radius) },
        Column("fraction", "", "Flux over that in the widest aperture, median over the frames.", value: part(0.5)),
        Column("low", "", "Fraction that 16 per cent of the frames stay below.", value: part(0.16)),
        Column("high", "", "Fraction that 84 per cent of the frames stay below.", value: part(0.84)),
        Column("least", "", "Least fraction of a frame.", value: part(0)),
        Column("most", "", "Largest fraction of a frame.", value: part(1)),
        Column("spread", "mag", "Scatter of the aperture correction between frames.") { .real(spread($0)) },
        Column("error", "mag", "Error of the aperture correction of one frame, median.") {
          .real(Median.of($0.errors))
        },
        Column("frames", "", "Frames that tell.") { .integer($0.fractions.count) },
      ])
  }
}
