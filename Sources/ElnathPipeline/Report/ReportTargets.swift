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
    var pictures: [HTML] = []
    for curve in product.curves {
      for filter in files.filters {
        let points = curve.points.filter { $0.used && $0.frame.filter == filter }
        let values = points.map(\.deltaMagnitude).filter(\.isFinite)
        func median(_ value: (LightCurvePoint) -> Double) -> Double { Median.of(points.map(value).filter(\.isFinite)) }
        rows.add([
          "\(curve.target.name)", "\(filter)", "\(points.count)", "\(HTML.number(median(\.radius), decimals: 1))",
          "\(HTML.number(median(\.deltaMagnitudeError), decimals: 4))",
          "\(HTML.number(median(\.deltaMagnitudeErrorScaled), decimals: 4))",
          "\(HTML.number(RobustScale.sigma(values), decimals: 4))",
          "\(HTML.number((values.max() ?? .nan) - (values.min() ?? .nan), decimals: 3))",
        ])
        pictures.append(
          try self.pictures.plot(
            files.stem(curve.target, filter: filter),
            caption: """
              \(curve.target.name)\(filter.isEmpty ? "" : ", " + filter): magnitude difference against the comparison stars, \
              brighter upwards. Below, the check star and the comparison stars, measured the same way.
              """))
        pictures.append(
          try self.pictures.plot(
            files.stem(curve.target, filter: filter, of: "seeing_leakage"),
            caption: "Does the seeing leak into the curve? Magnitudes against FWHM and sky, within nights."))
      }
    }
    let note: HTML = """
      <p class="soft">Error bars hold photons, sky, read noise, dark current, sky estimate, scintillation and the ensemble;
      those with floor also what the comparison stars of like brightness scatter beyond it. A point is left out for what
      its frame or its pixels tell, never for its own value.</p>
      """
    let scans = HTML([
      try self.pictures.plot("radius_scan", caption: "Scatter of stars like the target against the aperture's radius."),
      try self.pictures.plot(
        "error_budget", caption: "What each term has in the error bars, in the median of the used points."),
    ])
    return Section(
      name: "targets", title: "Light curves", body: rows.html + note + HTML(pictures) + scans + (try slopes()))
  }
}
