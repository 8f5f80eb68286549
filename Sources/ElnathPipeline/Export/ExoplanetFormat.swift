import ElnathCore

/// The AAVSO's Exoplanet format: used points, flux 1 out of transit, not detrended. Parameters stand in the order that
/// the format prescribes, and their names are case-sensitive there.
struct ExoplanetFormat: CurveFormat {
  let keepsEveryPoint = false

  /// What may stand beside each point for others to detrend with.
  static let detrending: [(name: String, value: @Sendable (LightCurvePoint) -> Double)] = [
    ("airmass", { $0.airmass }), ("fwhm", { $0.fwhm }), ("sky", { $0.sky }), ("x", { $0.position.fits.x }),
    ("y", { $0.position.fits.y }), ("transparency", { $0.frame.transparency }), ("peak", { $0.peakADU }),
  ]

  private static let mostDetrending = 4
  /// Seconds.
  private static let longestExposure = 600.0

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let observer = try AAVSOText.observer(options)
    guard options.detector != .pep else {
      throw PipelineError(.usage, "--detector PEP", "the Exoplanet format takes CCD and DSLR only")
    }
    guard let planet = options.planet else {
      throw PipelineError(.usage, "", "the Exoplanet format asks for the planet's name; give --planet")
    }
    let star = try AAVSOText.field(curve.name(options), "the star's name", limit: 100, option: "--name")
    let planetName = try AAVSOText.field(planet, "the planet's name", limit: 100, option: "--planet")
    let filter = try AAVSOFilter.code(of: curve.filter, options, exoplanets: true)
    let time = options.time ?? .bjd
    let detrending = try Self.detrending(options)
    let scale = try FluxScale(curve, options, time: time)
    let notes = try options.notes.map { (text) throws(PipelineError) in
      try AAVSOText.field(text, "the note", limit: 250, option: "--notes", allowing: [","])
    }

    var lines = [
      "#TYPE=EXOPLANET", "#OBSCODE=\(observer)", "#SOFTWARE=\(AAVSOText.software)", "#DELIM=,",
      "#DATE_TYPE=\(time.rawValue.uppercased())", "#OBSTYPE=\(options.detector.rawValue)", "#STAR_NAME=\(star)",
      "#EXOPLANET_NAME=\(planetName)", "#BINNING=\(try binning(of: curve, options))",
      "#EXPOSURE_TIME=\(try exposure(of: curve))", "#FILTER=\(filter.code)",
      "#DETREND_PARAMETERS=\(detrending.map { $0.name.uppercased() }.joined(separator: ","))",
      "#MEASUREMENT_TYPE=Rnflux",
      "#NOTES=\(notes.map { $0 + ". " } ?? "")Flux divided by \(scale.words); errors are \(options.errors.rawValue)",
      "#DATE,DIFF,ERR" + detrending.indices.map { ",DETREND_\($0 + 1)" }.joined(),
    ]
    let head = lines.count
    for point in curve.points {
      let error = curve.relativeError(point, options) / scale.level
      guard let flux = DecimalText.fixed(point.relativeFlux / scale.level, 8), flux.count <= 15 else { continue }
      let fields =
        [try curve.timeText(point, time), flux, Self.field(error)] + detrending.map { Self.field($0.value(point)) }
      lines.append(fields.joined(separator: ","))
    }
    return [
      ExportProduct(
        ending: ".exoplanet.txt", content: .text(lines.joined(separator: "\n") + "\n"), rows: lines.count - head)
    ]
  }

  /// Six decimals in at most twelve characters.
  private static func field(_ value: Double) -> String {
    DecimalText.fixed(value, 6).flatMap { $0.count <= 12 ? $0 : nil } ?? "na"
  }

  private static func detrending(
    _ options: ExportOptions
  ) throws(PipelineError) -> [(name: String, value: @Sendable (LightCurvePoint) -> Double)] {
    let names = Self.detrending.map(\.name)
    guard options.detrend.count <= mostDetrending else {
      throw PipelineError(.usage, "--detrend", "\(options.detrend.count) parameters; the format takes at most four")
    }
    var chosen: [(name: String, value: @Sendable (LightCurvePoint) -> Double)] = []
    for name in options.detrend {
      guard let entry = Self.detrending.first(where: { $0.name == name.lowercased() }) else {
        let nearest = Spelling.nearest(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
        throw PipelineError(
          .usage, "--detrend \(CSVText.cleaned(name))", "none of \(names.joined(separator: ", "))\(nearest)")
      }
      chosen.append(entry)
    }
    return chosen
  }

  private func exposure(of curve: ExportedCurve) throws(PipelineError) -> String {
    let exposure = Median.of(curve.points.map(\.frame.exposure))
    guard exposure > 0, exposure <= Self.longestExposure else {
      throw PipelineError(
        .badData, curve.file, "exposures of \(DecimalText.shortest(exposure)) s; the Exoplanet format takes up to 600 s"
      )
    }
    return DecimalText.shortest(DecimalRounding.decimals(exposure, 3))
  }

  private func binning(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> String {
    let allowed = (1...4).map { "\($0)x\($0)" }
    var found = Set<String>()
    if let stated = options.binning {
      found = [stated]
    } else {
      let observations = try curve.companions.observations(for: "this format, without --binning,")
      found = Set(curve.points.compactMap { observations[$0.frame.file]?.binning })
    }
    guard found.count == 1, let binning = found.first, allowed.contains(binning) else {
      let shown = found.isEmpty ? "unknown" : found.sorted().map { CSVText.cleaned($0) }.joined(separator: ", ")
      throw PipelineError(
        .usage, "",
        "the binning is \(shown); the format takes one of \(allowed.joined(separator: ", ")): give --binning")
    }
    return binning
  }
}

/// The level to which relative fluxes are divided so that they are 1 out of transit.
struct FluxScale {
  let level: Double
  /// What the level is.
  let words: String

  /// The median of the points outside the transit where that is stated, else of all points.
  init(_ curve: ExportedCurve, _ options: ExportOptions, time: ExportOptions.Time) throws(PipelineError) {
    var points = curve.points
    if let transit = options.transit {
      points = points.filter { !transit.contains(curve.time($0, time)) }
      words = "its median out of transit"
    } else {
      words = "its median over all points"
    }
    level = Median.of(points.map(\.relativeFlux).filter(\.isFinite))
    guard level > 0 else {
      throw PipelineError(
        .badData, curve.file,
        "no flux outside the transit to divide by; --transit takes its begin and end in \(time.rawValue)")
    }
  }
}
