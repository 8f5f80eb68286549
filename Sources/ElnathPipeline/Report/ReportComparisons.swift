import ElnathCore

extension Report {
  /// The comparison stars and why each was taken or not.
  func comparisonSection() throws(PipelineError) -> Section? {
    guard !product.comparisons.isEmpty else { return nil }
    let note: HTML = """
      <p>The targets are measured against these stars. A candidate is taken for being constant, bright, alone and near; the
      check star is as constant as they are and had no part in the zero points, so that it shows what a constant star looks
      like. Scatter is what a star really does against the others, expected what its error bars say; influence is how far
      the first target's curve moves without the star.</p>

      """
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
          caption: """
            Above, the zero points of the frames: smaller where clouds or the airmass take light. Below, what each comparison
            star still moves against the others: constant stars stay on their lines.
            """))
    }
    plots.append(try pictures.plot("finder", caption: "Targets, check and comparison stars with their apertures."))
    let rest: HTML =
      others.rows.isEmpty
      ? ""
      : "<details><summary>\(others.rows.count) candidates that were not taken</summary>\n\(others.html)</details>\n"
    return Section(name: "comparisons", title: "Comparison stars", body: note + used.html + rest + HTML(plots))
  }

  /// Are the error bars true? Scatter of constant stars against what was predicted for them.
  func errorSection() throws(PipelineError) -> Section? {
    var rows = HTMLTable(
      [
        "Filter", "Stars", "Scatter / predicted, median", "smallest", "largest", "Check star",
        "its \u{03C7}\u{00B2}/dof",
      ],
      numeric: [1, 2, 3, 4, 6])
    for truth in errorTruths {
      let ratios = truth.ratios
      rows.add([
        "\(truth.filter)", "\(ratios.count)", "\(HTML.number(truth.median))", "\(HTML.number(ratios.min() ?? .nan))",
        "\(HTML.number(ratios.max() ?? .nan))", "\(truth.check?.star ?? "none")",
        "\(HTML.number(truth.check?.chi2PerDof ?? .nan))",
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
          files.name("rms", filter: filter),
          caption: """
            Scatter of every measured star against its magnitude. Constant stars lie along the black line, which is the
            sum of the noise terms below it; a star far above it varies, or has a neighbour.
            """))
    }
    diagrams.append(
      try pictures.plot(
        "error_budget",
        caption: """
          What makes the error bars of each target: the part of each term in the variance of a typical used point, and the
          error itself above the column.
          """))
    for filter in files.filters {
      diagrams.append(
        try pictures.plot(
          files.name("growth", filter: filter),
          caption: """
            How much of a star's light an aperture holds, from bright isolated stars. A wide band in a small aperture means
            that the seeing moves light in and out of it: the comparison stars take that out, as long as they are stars too.
            """))
    }
    return Section(name: "errors", title: "Are the error bars true?", body: rows.html + note + Self.grid(diagrams))
  }
}
