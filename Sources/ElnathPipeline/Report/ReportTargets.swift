import ElnathCore

extension Report {
  /// What each curve goes along with, within nights.
  private func slopes() throws(PipelineError) -> HTML {
    guard let table = try SavedTable(path: folder + "/slopes.csv"), !table.rows.isEmpty else { return "" }
    var rows = HTMLTable(
      [
        "Star", "Role", "Filter", "Against", "Slope (mag/unit)", "Error", "Significance (sigma)",
        "with the others fixed",
      ],
      numeric: [4, 5, 6, 7])
    for row in table.rows {
      func number(_ column: String, _ decimals: Int) -> HTML {
        "\(HTML.number(table.real(row, column), decimals: decimals))"
      }
      rows.add([
        "\(table.text(row, "star"))", "\(table.text(row, "role"))", "\(table.text(row, "filter"))",
        "\(table.text(row, "against"))", number("slope", 5), number("slope_err", 5), number("significance", 1),
        number("significance_joint", 1),
      ])
    }
    return """
      <details><summary>Slopes against airmass, place, seeing and sky, within nights</summary>
      <p class="soft">A curve that goes with the seeing or the sky may be made by them, or run along with them by chance: the
      errors know that neighbouring points belong together.</p>
      \(rows.html)</details>

      """
  }

  /// Light curve and figures of each target.
  func targetSection() throws(PipelineError) -> Section? {
    guard !product.curves.isEmpty else { return nil }
    var rows = HTMLTable(
      [
        "Target", "Filter", "Points used", "Radius (px)", "Median error (mag)", "with floor (mag)", "Scatter (mag)",
        "Range (mag)",
      ], numeric: [2, 3, 4, 5, 6, 7])
    var parts: [HTML] = []
    for curve in product.curves {
      for filter in files.filters { rows.add(figures(of: curve, filter: filter)) }
      parts.append(try part(of: curve))
    }
    let note: HTML = """
      <p>Each target has a table of its own, with one row for each frame: take the rows with <code>used</code> = 1 and of
      these the columns <code>bjd_tdb</code> (time of mid-exposure), <code>delta_mag</code> (magnitude difference, fainter is
      larger) and <code>delta_mag_err_scaled</code> (its error). <code>elnath export</code> writes the forms of the AAVSO,
      AstroImageJ, the VO and others.</p>
      <p class="soft">Error bars hold photons, sky, read noise, dark current, sky estimate, scintillation and the comparison
      stars; those with floor also what comparison stars of like brightness scatter beyond their own bars. A point is left out
      for what its frame or its pixels tell, never for its own value.</p>

      """
    var all: [HTML] = []
    for filter in files.filters {
      all.append(
        try pictures.plot(
          files.name("targets", filter: filter),
          caption: "All targets\(filter.isEmpty ? "" : " in \(filter)") on one time axis, brighter upwards."))
    }
    return Section(
      name: "targets", title: "Light curves",
      body: rows.html + note + HTML(all) + HTML(parts) + (try slopes()))
  }

  private func figures(of curve: LightCurve, filter: String) -> [HTML] {
    let points = curve.points.filter { $0.used && $0.frame.filter == filter }
    let values = points.map(\.deltaMagnitude).filter(\.isFinite)
    func median(_ value: (LightCurvePoint) -> Double) -> Double { Median.of(points.map(value).filter(\.isFinite)) }
    return [
      "\(curve.target.name)", "\(filter)", "\(points.count)", "\(HTML.number(median(\.radius), decimals: 1))",
      "\(HTML.number(median(\.deltaMagnitudeError), decimals: 4))",
      "\(HTML.number(median(\.deltaMagnitudeErrorScaled), decimals: 4))",
      "\(HTML.number(RobustScale.sigma(values), decimals: 4))",
      "\(HTML.number((values.max() ?? .nan) - (values.min() ?? .nan), decimals: 3))",
    ]
  }

  /// The curves of one target, and what is to be held against them.
  private func part(of curve: LightCurve) throws(PipelineError) -> HTML {
    var curves: [HTML] = []
    var doubts: [HTML] = []
    for filter in files.filters {
      let title = "\(curve.target.name)\(filter.isEmpty ? "" : ", " + filter)"
      curves.append(
        try pictures.plot(
          files.stem(curve.target, filter: filter),
          caption: """
            \(title): magnitude difference against the comparison stars, brighter upwards. Below, the check star and the
            comparison stars, measured the same way: what they do together with the target is not the target's doing.
            """))
      func doubt(_ product: String, _ caption: HTML) throws(PipelineError) {
        doubts.append(try pictures.plot(files.stem(curve.target, filter: filter, of: product), caption: caption))
      }
      try doubt(
        "distrust",
        """
        \(title): the same curve made in other ways that are as good, minus the curve above. Points that stay within the grey
        bars do not depend on comparison stars, radius or method.
        """)
      try doubt(
        "aperture_scan",
        """
        \(title): why this radius. Scatter of constant stars as bright as the target against the radius of the aperture;
        below, how much light of neighbours it holds. The target's own scatter has no part in the choice.
        """)
      try doubt(
        "seeing_leakage",
        """
        \(title): does the seeing or the sky leak into the curve? Magnitudes against FWHM and sky, each minus its mean in the
        night. A slope of less than 4 \u{03C3} is none.
        """)
      try doubt(
        "radii",
        "\(title): the extended target in three radii. Where they part, seeing or sky is at work, not the target.")
    }
    return """
      <h3>\(curve.target.name)</h3>
      \(HTML(curves))\(try threeRadii(of: curve))\(Self.grid(doubts))
      """
  }

  /// Small figures beside each other, as many as there is room for.
  static func grid(_ figures: [HTML]) -> HTML {
    let drawn = figures.filter { !$0.markup.isEmpty }
    return drawn.isEmpty ? "" : "<div class=\"grid\">\n\(HTML(drawn))</div>\n"
  }

  /// An extended target in its three radii; empty for a star.
  private func threeRadii(of curve: LightCurve) throws(PipelineError) -> HTML {
    guard let table = try SavedTable(path: folder + "/radii.csv") else { return "" }
    let name = CSVText.cleaned(curve.target.name)
    var rows = HTMLTable(
      [
        "Filter", "Radius (px)", "Points", "Flux (e\u{207B})", "Median error (mag)", "Scatter (mag)", "Range (mag)",
        "Against FWHM (mag/px)", "\u{03C3}", "Against sky (mag per e\u{207B}/px/s)", "\u{03C3}",
      ], numeric: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for row in table.rows where table.text(row, "target") == name {
      func number(_ column: String, _ decimals: Int) -> HTML {
        "\(HTML.number(table.real(row, column), decimals: decimals))"
      }
      let mark = table.text(row, "chosen") == "1" ? " (chosen)" : ""
      rows.add([
        "\(table.text(row, "filter"))", number("radius_px", 1) + "\(mark)", "\(table.text(row, "n"))",
        number("flux_e", 0), number("median_err_mag", 4), number("scatter_mag", 4), number("range_mag", 3),
        number("fwhm_slope", 4), number("fwhm_significance", 1), number("sky_slope", 4), number("sky_significance", 1),
      ])
    }
    guard !rows.rows.isEmpty else { return "" }
    return "<p>An extended target in three radii: what changes with the radius is made by seeing and sky.</p>\n"
      + rows.html
  }
}
