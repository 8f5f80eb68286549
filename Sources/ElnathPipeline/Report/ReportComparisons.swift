import ElnathCore

extension Report {
  /// The comparison stars and why each was taken or not.
  func comparisonSection() throws(PipelineError) -> Section? {
    guard !product.comparisons.isEmpty else { return nil }
    let columns = [
      "Star", "Filter", "Weight (%)", "Magnitude", "Scatter (mmag)", "Expected (mmag)", "\u{03C7}\u{00B2}/dof",
      "Influence (mmag)", "Distance (\u{2032})", "Decision",
    ]
    var used = HTMLTable(columns, numeric: [2, 3, 4, 5, 6, 7, 8])
    var others = used
    for star in product.comparisons {
      let row: [HTML] = [
        "\(star.star)", "\(star.filter)", "\(HTML.number(100 * star.weight, decimals: 1))",
        "\(HTML.number(star.magnitude))", "\(HTML.number(1000 * star.scatter))", "\(HTML.number(1000 * star.expected))",
        "\(HTML.number(star.chi2PerDof))", "\(HTML.number(star.influence))",
        "\(HTML.number(star.distanceArcmin, decimals: 1))",
        "\(star.reason)",
      ]
      if star.used || star.reason == "check star" { used.add(row) } else { others.add(row) }
    }
    var plots: [HTML] = []
    for filter in files.filters {
      plots.append(
        try pictures.plot(
          files.name("comparisons", filter: filter),
          caption: "Zero points of the frames, and what each comparison star still moves against them."))
    }
    plots.append(try pictures.plot("finder", caption: "Targets, check and comparison stars with their apertures."))
    let rest: HTML =
      others.rows.isEmpty
      ? ""
      : "<details><summary>\(others.rows.count) candidates that were not taken</summary>\n\(others.html)</details>\n"
    return Section(name: "comparisons", title: "Comparison stars", body: used.html + rest + HTML(plots))
  }

  /// Are the error bars true? Scatter of constant stars against what was predicted for them.
  func errorSection() throws(PipelineError) -> Section? {
    let tested = product.comparisons.filter { $0.scatter.isFinite && $0.expected > 0 }
    guard !tested.isEmpty else { return nil }
    var rows = HTMLTable(
      [
        "Filter", "Stars", "Scatter / predicted, median", "smallest", "largest", "Check star",
        "its \u{03C7}\u{00B2}/dof",
      ],
      numeric: [1, 2, 3, 4, 6])
    for filter in files.filters {
      let stars = tested.filter { $0.filter == filter && ($0.used || $0.reason == "check star") }
      let ratios = stars.map { $0.scatter / $0.expected }
      guard !ratios.isEmpty else { continue }
      let check = product.comparisons.first { $0.filter == filter && $0.reason == "check star" }
      rows.add([
        "\(filter)", "\(ratios.count)", "\(HTML.number(Median.of(ratios)))", "\(HTML.number(ratios.min() ?? .nan))",
        "\(HTML.number(ratios.max() ?? .nan))", "\(check?.star ?? "none")",
        "\(HTML.number(check?.chi2PerDof ?? .nan))",
      ])
    }
    guard !rows.rows.isEmpty else { return nil }
    let note: HTML = """
      <p>Constant stars should scatter as much as their error bars say: a ratio of 1. Above it, something moves that the
      error budget does not know (flat field, cloud structure, seeing); the rescaled errors of the curves take it up, from
      comparison stars of like brightness. The check star had no part in the zero points.</p>
      """
    var diagrams: [HTML] = []
    for filter in files.filters {
      diagrams.append(
        try pictures.plot(
          files.name("rms", filter: filter), caption: "Scatter of every measured star against its magnitude."))
    }
    return Section(name: "errors", title: "Are the error bars true?", body: rows.html + note + HTML(diagrams))
  }
}
