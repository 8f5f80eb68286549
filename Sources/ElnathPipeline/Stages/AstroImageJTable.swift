import ElnathCore

/// A measurement table of AstroImageJ, from whose fluxes the columns of its differential photometry are made anew, under
/// AstroImageJ's own names and with its six decimals (Collins et al. 2017, AJ 153, 77).
public enum AstroImageJTable {
  /// Reads the table, separated by tabs or commas, and writes `output` as CSV: what tells frame and time, then `rel_flux`,
  /// `rel_flux_err` and `rel_flux_SNR` of every target and comparison star, `tot_C_cnts` and `tot_C_err`.
  ///
  /// A star without a flux has no value, and is no part of the sums. Returns the number of rows.
  public static func recompute(_ path: String, to output: String) throws(PipelineError) -> Int {
    let reader = try CSVReader(path: path)
    let table = try Columns(reader)
    var csv = CSVBytes()
    csv.append(names: table.copied.map(\.name) + table.names)
    var rows = 0
    try reader.forEachRow { row throws(PipelineError) in
      var cells: [String] = []
      for column in table.copied { cells.append(try row.text(column)) }
      for value in try table.values(row) { cells.append(value.isFinite ? value.fixed(6) : "") }
      csv.append(names: cells)
      rows += 1
    }
    try AtomicFile.write(csv.bytes, to: output)
    return rows
  }

  private struct StarColumns {
    /// As in the names of the columns: T1, C4 ...
    var label: String
    var flux: CSVColumn
    /// Older tables have none.
    var error: CSVColumn?

    var isComparison: Bool { label.hasPrefix("C") }
  }

  private struct Columns {
    let copied: [CSVColumn]
    let stars: [StarColumns]

    private static let flux = "Source-Sky_"
    private static let wanted = [
      "Label", "slice", "J.D.-2400000", "JD_UTC", "JD_SOBS", "HJD_UTC", "BJD_TDB", "AIRMASS", "EXPTIME",
    ]

    init(_ reader: CSVReader) throws(PipelineError) {
      copied = Self.wanted.compactMap { reader.optionalColumn($0) }
      var found: [StarColumns] = []
      for name in reader.names where name.hasPrefix(Self.flux) {
        let label = String(name.dropFirst(Self.flux.count))
        found.append(
          StarColumns(
            label: label, flux: try reader.column(name), error: reader.optionalColumn("Source_Error_" + label)))
      }
      stars = found
      guard found.contains(where: \.isComparison) else {
        throw PipelineError(
          .badData, "\(reader.file):1",
          "no columns \(Self.flux)C1 ... of comparison stars; give a measurement table of AstroImageJ")
      }
    }

    var names: [String] {
      ["rel_flux_", "rel_flux_err_", "rel_flux_SNR_"].flatMap { name in stars.map { name + $0.label } }
        + ["tot_C_cnts", "tot_C_err"]
    }

    func values(_ row: CSVRow) throws(PipelineError) -> [Double] {
      var measured: [(flux: Double, error: Double)] = []
      for star in stars {
        var error = Double.nan
        if let column = star.error { error = try row.realOrNaN(column) }
        measured.append((try row.realOrNaN(star.flux), error))
      }
      // Without errors the fluxes alone make the ratios.
      let known = measured.map { (flux: $0.flux, error: $0.error.isNaN ? 0 : $0.error) }
      let sum = SumEnsemble(zip(stars, known).filter { $0.0.isComparison }.map(\.1))
      var (ratios, errors, signals): ([Double], [Double], [Double]) = ([], [], [])
      for (star, value) in zip(stars, measured) {
        let isPart = star.isComparison && !value.flux.isNaN
        let others = isPart ? sum.without(flux: value.flux, error: value.error.isNaN ? 0 : value.error) : sum
        let ratio = others.relative(flux: value.flux, error: value.error)
        ratios.append(ratio.value)
        errors.append(ratio.error)
        signals.append(ratio.value / ratio.error)
      }
      let hasErrors = measured.contains { !$0.error.isNaN }
      return ratios + errors + signals + [sum.count > 0 ? sum.flux : .nan, hasErrors ? sum.error : .nan]
    }
  }
}

extension CSVRow {
  /// A number; NaN where the cell is empty or says so, as AstroImageJ writes it.
  fileprivate func realOrNaN(_ column: CSVColumn) throws(PipelineError) -> Double {
    let text = try text(column)
    return ["NaN", "Infinity", "-Infinity"].contains(text) ? .nan : try real(column)
  }
}

extension CSVBytes {
  fileprivate mutating func append(names: [String]) {
    for (index, name) in names.enumerated() {
      if index > 0 { comma() }
      append(.text(name))
    }
    endRow()
  }
}
