/// The filters of the AAVSO: https://www.aavso.org/filters.
enum AAVSOFilter {
  struct Code: Sendable {
    var code: String
    var meaning: String
    /// True where a filter of this very name can be nothing else.
    var isSure = true
    /// True for the codes that only the exoplanet database has.
    var isOfExoplanets = false
  }

  static let codes: [Code] = [
    Code(code: "U", meaning: "Johnson U"), Code(code: "B", meaning: "Johnson B"), Code(code: "V", meaning: "Johnson V"),
    Code(code: "R", meaning: "Cousins R", isSure: false), Code(code: "I", meaning: "Cousins I", isSure: false),
    Code(code: "J", meaning: "1.2 micron"), Code(code: "H", meaning: "1.6 micron"),
    Code(code: "K", meaning: "2.2 micron"),
    Code(code: "TG", meaning: "tri-colour green"), Code(code: "TB", meaning: "tri-colour blue"),
    Code(code: "TR", meaning: "tri-colour red"), Code(code: "CV", meaning: "unfiltered, V zero point"),
    Code(code: "CR", meaning: "unfiltered, R zero point"), Code(code: "SZ", meaning: "Sloan z"),
    Code(code: "SU", meaning: "Sloan u"), Code(code: "SG", meaning: "Sloan g"), Code(code: "SR", meaning: "Sloan r"),
    Code(code: "SI", meaning: "Sloan i"), Code(code: "STU", meaning: "Stromgren u"),
    Code(code: "STV", meaning: "Stromgren v"), Code(code: "STB", meaning: "Stromgren b"),
    Code(code: "STY", meaning: "Stromgren y"), Code(code: "STHBW", meaning: "Stromgren H-beta wide"),
    Code(code: "STHBN", meaning: "Stromgren H-beta narrow"), Code(code: "MA", meaning: "Optec A"),
    Code(code: "MB", meaning: "Optec B"), Code(code: "MI", meaning: "Optec C"),
    Code(code: "ZS", meaning: "PanSTARRS z"),
    Code(code: "Y", meaning: "PanSTARRS y", isSure: false), Code(code: "HA", meaning: "H-alpha"),
    Code(code: "HAC", meaning: "H-alpha continuum"), Code(code: "O", meaning: "other", isSure: false),
    Code(code: "CBB", meaning: "clear with blue blocking", isOfExoplanets: true),
  ]

  /// The code of a filter: as stated, or of the very name of the filter where that leaves no doubt.
  static func code(of filter: String, _ options: ExportOptions, exoplanets: Bool) throws(PipelineError) -> Code {
    let known = codes.filter { exoplanets || !$0.isOfExoplanets }
    if let stated = options.aavsoFilters[filter] ?? options.aavsoFilters[""] {
      if let code = known.first(where: { $0.code == stated.uppercased() }) { return code }
      let nearest = Spelling.nearest(stated, among: known.map(\.code)).map { "; did you mean '\($0)'?" } ?? ""
      throw PipelineError(
        .usage, "--aavso-filter \(CSVText.cleaned(stated))",
        "no filter code of the AAVSO; one of \(list(known))\(nearest)")
    }
    if let code = known.first(where: { $0.code == filter && $0.isSure }) { return code }
    let shown = CSVText.cleaned(filter)
    let hint = known.first { $0.code == filter }.map { "\($0.code) stands for \($0.meaning) there" }
    throw PipelineError(
      .usage, "",
      "filter '\(shown)': its code at the AAVSO would be a guess\(hint.map { " (\($0))" } ?? ""); "
        + "give --aavso-filter with one of \(list(known))")
  }

  private static func list(_ codes: [Code]) -> String { codes.map(\.code).joined(separator: " ") }
}
