import ElnathCore

/// What part each term of the error budget has in the error bars of each target.
struct ErrorBudgetPlot {
  /// A target in one filter: medians over the used frames, relative variances.
  private struct Row {
    var name: String
    var parts: [Double]
    var total: Double
  }

  /// A term as the plot names it, and its relative variance in one point of a curve.
  private struct Term: Sendable {
    var column: String
    var title: String
    var variance: @Sendable (LightCurvePoint, ErrorBudget) -> Double

    init(_ column: String, _ title: String, _ part: @escaping @Sendable (ErrorBudget) -> Double) {
      self.init(column, title) { point, budget in part(budget) / (point.flux * point.flux) }
    }

    init(
      _ column: String, _ title: String, ofPoint variance: @escaping @Sendable (LightCurvePoint, ErrorBudget) -> Double
    ) {
      (self.column, self.title, self.variance) = (column, title, variance)
    }
  }

  private static let terms: [Term] = [
    Term("source", "star photons", { $0.source }), Term("sky", "sky", { $0.sky }),
    Term("read_noise", "read noise", { $0.readNoise }),
    Term("dark", "dark", { $0.dark }), Term("digitisation", "digitisation", { $0.digitisation }),
    Term("sky_estimate", "sky estimate", { $0.skyEstimate }),
    Term("scintillation", "scintillation", { $0.scintillation }),
    Term("position", "position", { $0.position }),
    // In the errors of a curve only where the star moves over the detector.
    Term(
      "flat", "flat field",
      ofPoint: { point, _ in
        let own = point.relativeFluxError / point.relativeFlux
        let whole = point.deltaMagnitudeError / Magnitude.perRelative
        return whole * whole - own * own
      }),
    Term("ensemble", "ensemble", ofPoint: { point, _ in point.ensembleVariance }),
    Term(
      "floor", "floor",
      ofPoint: { point, _ in
        let added = point.relativeFluxErrorScaled * point.relativeFluxErrorScaled
        return (added - point.relativeFluxError * point.relativeFluxError) / (point.relativeFlux * point.relativeFlux)
      }),
  ]

  /// By term: the eight of Okabe & Ito, and three others.
  private static let shades = [
    "0x0072B2", "0x56B4E9", "0x009E73", "0x000000", "0x707070", "0xE69F00", "0xCC79A7", "0x8C564B", "0xB0B0B0",
    "0xD55E00", "0xF0E442",
  ]

  private var rows: [Row] = []

  /// Nil where no target has an error.
  init?(_ curves: [LightCurve], filters: [String], in table: PhotometryTable) {
    let measured = Dictionary(table.measurements.map { ($0.frame, $0) }, uniquingKeysWith: { first, _ in first })
    for curve in curves {
      guard let star = table.stars.firstIndex(where: { $0.name == curve.target.name }) else { continue }
      for filter in filters {
        let pairs = curve.points.compactMap { point -> (LightCurvePoint, ErrorBudget)? in
          guard point.used, point.frame.filter == filter, point.flux > 0, let frame = measured[point.frame.frame],
            let aperture = (0..<frame.radii).first(where: { frame[star, $0].radius == point.radius })
          else { return nil }
          return (point, frame[star, aperture].budget)
        }
        guard !pairs.isEmpty else { continue }
        let variances = Self.terms.map { term in
          max(0, Median.of(pairs.map { term.variance($0.0, $0.1) }.map { $0.isFinite ? $0 : 0 }))
        }
        let total = variances.reduce(0, +)
        guard total > 0 else { continue }
        rows.append(
          Row(
            name: curve.target.name + (filters.count > 1 ? " " + filter : ""),
            parts: variances.map { 100 * $0 / total }, total: 1000 * 1.0857 * total.squareRoot()))
      }
    }
    if rows.isEmpty { return nil }
  }

  func plot() -> Plot {
    let shown = Self.terms.indices.filter { term in rows.contains { $0.parts[term] > 0.05 } }
    var columns = [Column<Row>("total", "mmag", "Error of one point.") { .real($0.total) }]
    for term in Self.terms.indices {
      columns.append(
        Column(Self.terms[term].column, "%", "Part of the variance: \(Self.terms[term].title).") {
          .real($0.parts[term])
        })
    }
    let isSlanted = rows.map(\.name.count).reduce(0, +) > 30
    return Plot(
      name: "error_budget", script: "error_budget.gp",
      variables: [
        ("data", Gnuplot.quoted("error_budget.csv")), ("count", "\(rows.count)"),
        ("terms", Gnuplot.quoted(shown.map { Self.terms[$0].column }.joined(separator: " "))),
        ("shades", Gnuplot.quoted(shown.map { Self.shades[$0] }.joined(separator: " "))),
        Gnuplot.array("titles", shown.map { Self.terms[$0].title }), Gnuplot.array("names", rows.map(\.name)),
        ("is_slanted", isSlanted ? "1" : "0"),
      ],
      tables: [Plot.Table(name: "error_budget.csv", bytes: CSVFormat.bytes(of: rows, columns: columns))],
      width: rows.count > 6 ? .twoColumns : .oneColumn, aspect: rows.count > 6 ? 0.45 : 0.7)
  }
}
