import ElnathCore

/// A target's magnitudes within nights against FWHM and sky.
struct LeakagePlot {
  private let name: String
  private let filter: String
  private let departures: [CurveDeparture]
  private let slopes: [CurveSlope]

  /// Nil where too few points have both.
  init?(_ curve: LightCurve, filter: String) {
    let points = curve.points.filter { $0.frame.filter == filter }
    departures = CurveDeparture.all(of: points).filter { $0.fwhm.isFinite && $0.sky.isFinite }
    guard departures.count >= CurveSlope.fewestPoints else { return nil }
    (name, self.filter) = (curve.target.name, filter)
    slopes = CurveSlope.slopes(of: curve.target, points)
  }

  func plot(name file: String) -> Plot {
    let (seeing, sky) = (slope(.fwhm), slope(.sky))
    let axes = Plot.Width.oneColumn.axes
    return Plot(
      name: file, script: "seeing_leakage.gp",
      variables: [
        ("data", Gnuplot.quoted(file + ".csv")), ("name", Gnuplot.quoted(name)), ("filter", Gnuplot.quoted(filter)),
        ("fwhm_slope", "\(seeing.slope.isFinite ? seeing.slope : 0)"),
        ("sky_slope", "\(sky.slope.isFinite ? sky.slope : 0)"),
        ("fwhm_label", Gnuplot.quoted(label(seeing, "mag/px"))),
        ("sky_label", Gnuplot.quoted(label(sky, "mag/(e-/px/s)"))), ("left", "\(axes.left)"),
        ("right", "\(axes.right)"),
      ],
      tables: [Plot.Table(name: file + ".csv", bytes: data)], aspect: 0.9)
  }

  private func slope(_ quantity: CurveSlope.Quantity) -> CurveSlope.Value {
    slopes.first { $0.quantity == quantity }?.alone ?? CurveSlope.Value()
  }

  private func label(_ value: CurveSlope.Value, _ unit: String) -> String {
    guard value.slope.isFinite else { return "" }
    let slope = "\(value.slope < 0 ? "\u{2212}" : "")\(abs(value.slope).fixed(4))"
    return "\(slope) \u{00B1} \(value.error.fixed(4)) \(unit), \(abs(value.significance).fixed(1)) \u{03C3}"
  }

  private var data: [UInt8] {
    CSVFormat.bytes(
      of: departures,
      columns: [
        Column("frame", "", "Number of the frame.") { .integer($0.frame) },
        Column("fwhm", "px", "FWHM of the frame minus its mean in the night.") { .real($0.fwhm) },
        Column("sky", "e-/px/s", "Sky of the frame minus its mean in the night.") { .real($0.sky) },
        Column("delta_mag", "mag", "Magnitude of the target minus its mean in the night.") { .real($0.deltaMagnitude) },
        Column("error", "mag", "Error of delta_mag.") { .real($0.error) },
      ])
  }
}
