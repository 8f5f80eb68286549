import ElnathCore

/// What the frames were like: FWHM, elongation, sky, transparency, matched stars, airmass and shift against time.
struct QualityPlot {
  private let frames: [FrameSummary]
  private let axis: NightAxis
  private let width: Plot.Width

  /// Nil where no frame has a time.
  init?(_ frames: [FrameSummary]) {
    let timed = frames.filter { $0.jdUTC.isFinite }
    let times = timed.map { (Double.nan, $0.jdUTC) }
    guard let narrow = NightAxis(times) else { return nil }
    width = narrow.panels.count > 2 ? .twoColumns : .oneColumn
    guard let axis = NightAxis(times, width: width) else { return nil }
    (self.frames, self.axis) = (timed, axis)
  }

  func plot() -> Plot {
    let ranges = ranges
    let aspect = width == .oneColumn ? 1.6 : 0.85
    return Plot(
      name: "quality", script: "quality.gp",
      variables: axis.variables + [
        ("data", Gnuplot.quoted("quality.csv")),
        Gnuplot.array("lows", ranges.map(\.lower)), Gnuplot.array("highs", ranges.map(\.upper)),
        Gnuplot.array("tics", ranges.map { RoundStep.between($0.lower, $0.upper, most: 4) }),
        ("has_flagged", frames.contains { $0.status == .flagged } ? "1" : "0"),
        ("has_unused", frames.contains { $0.status == .unused || $0.status == .rejected } ? "1" : "0"),
        ("left", "\(width.axes.left)"), ("right", "\(width.axes.right)"),
      ],
      tables: [Plot.Table(name: "quality.csv", bytes: data)], width: width, aspect: aspect)
  }

  private func matched(_ frame: FrameSummary) -> Double { frame.registration.map { Double($0.matched) } ?? .nan }

  /// In the order of the panels.
  private var ranges: [ValueRange] {
    let panels: [(values: [Double], least: Double)] = [
      (frames.map(\.fwhm), 0.1), (frames.map(\.elongation), 0.02), (frames.map(\.sky), 1e-3),
      (frames.map(\.transparency), 0.02), (frames.map(matched), 1), (frames.map(\.airmass), 0.02),
      (frames.map(\.shiftX) + frames.map(\.shiftY), 0.5),
    ]
    return panels.map { values, least in
      guard let range = ValueRange(values, least: least) else { return .unit }
      let margin = 0.06 * (range.upper - range.lower)
      return ValueRange([range.lower - margin, range.upper + margin], least: least) ?? range
    }
  }

  private var data: [UInt8] {
    let states: [FrameSummary.Status: Int] = [.used: 0, .flagged: 1, .unused: 2, .rejected: 3]
    return CSVFormat.bytes(
      of: frames,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real(axis.place(.nan, $0.jdUTC)) },
        Column("fwhm", "px", "Full width at half maximum.") { .real($0.fwhm) },
        Column("elongation", "", "Long over short axis of the stars.") { .real($0.elongation) },
        Column("sky", "e-/px", "Level of the sky.") { .real($0.sky) },
        Column("transparency", "", "Relative transparency.") { .real($0.transparency) },
        Column("matched", "", "Stars matched with the reference frame.") { .integer($0.registration?.matched) },
        Column("airmass", "", "Airmass.") { .real($0.airmass) },
        Column("dx", "px", "Shift in x.") { .real($0.shiftX) },
        Column("dy", "px", "Shift in y.") { .real($0.shiftY) },
        Column("state", "", "0 used, 1 flagged, 2 unused, 3 rejected.") { .integer(states[$0.status] ?? 3) },
      ])
  }
}
