import ElnathCore

/// An AstroImageJ measurement table: used points, TAB between cells, columns by AstroImageJ's names (Collins et al. 2017,
/// AJ 153, 77). Targets and comparison stars are numbered in one sequence: T1, C2, C3 ..., the check star last as T.
///
/// Counts are electrons where AstroImageJ has ADU. `tot_C_cnts` is the flux of the ensemble in the same units, flux over
/// rel_flux, so that AstroImageJ's relations between columns hold for both kinds of ensemble; for `sum` it is the sum of
/// the comparison stars. The relative fluxes of the other stars are AstroImageJ's: over the sum of all (other)
/// comparison stars.
struct AIJFormat: CurveFormat {
  let keepsEveryPoint = false

  private struct NumberedStar {
    var star: Star
    var suffix: String
    var isComparison: Bool
  }

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    guard !curve.comparisonStars.isEmpty else {
      throw PipelineError(
        .noInput, curve.companions.folder,
        "stars.csv and comparisons.csv beside the light curve must name the comparison stars; run elnath lightcurve")
    }
    let frames = try curve.companions.photometry(stars: curve.stars, for: "the AstroImageJ table")
    let heights = try frameHeights(of: curve)
    let stars = numbered(curve)
    var rows: [[(name: String, value: String)]] = []
    for point in curve.points {
      let fluxes = StarFluxes(curve: curve, point: point, frame: frames[point.frame.frame])
      guard fluxes.measurement(curve.target) != nil else { continue }
      let head = frameCells(point, slice: rows.count + 1)
      let relative = relativeCells(point, fluxes, stars)
      let own = stars.flatMap { starCells($0, fluxes, height: heights[point.frame.file] ?? .nan) }
      rows.append(head + relative + own)
    }
    guard let first = rows.first else {
      throw PipelineError(.badData, curve.file, "no point with a measurement in photometry.csv")
    }
    let lines = [first.map(\.name)] + rows.map { $0.map(\.value) }
    let text = lines.map { $0.joined(separator: "\t") + "\n" }.joined()
    return [ExportProduct(ending: ".tbl", content: .text(text), rows: rows.count)]
  }

  private func numbered(_ curve: ExportedCurve) -> [NumberedStar] {
    var stars = [NumberedStar(star: curve.target, suffix: "_T1", isComparison: false)]
    for star in curve.comparisonStars {
      stars.append(NumberedStar(star: star, suffix: "_C\(stars.count + 1)", isComparison: true))
    }
    if let check = curve.checkStar, check.name != curve.target.name {
      stars.append(NumberedStar(star: check, suffix: "_T\(stars.count + 1)", isComparison: false))
    }
    return stars
  }

  /// Rows of the trimmed frame of each file: AstroImageJ counts y from the top.
  private func frameHeights(of curve: ExportedCurve) throws(PipelineError) -> [String: Double] {
    try curve.companions.observations(for: "the AstroImageJ table").mapValues { Double($0.trim.height) }
  }

  private func frameCells(_ point: LightCurvePoint, slice: Int) -> [(name: String, value: String)] {
    let frame = point.frame
    return [
      (" ", "\(slice)"), ("Label", CSVText.cleaned(path: ProjectFolder.split(frame.file).name)), ("slice", "\(slice)"),
      ("J.D.-2400000", time(frame.jdUTC - 2_400_000)), ("JD_UTC", time(frame.jdUTC)), ("HJD_UTC", time(point.hjdUTC)),
      ("BJD_TDB", time(point.bjdTDB)), ("AIRMASS", number(point.airmass)), ("EXPTIME", number(frame.exposure)),
    ]
  }

  private func relativeCells(
    _ point: LightCurvePoint, _ fluxes: StarFluxes, _ stars: [NumberedStar]
  ) -> [(name: String, value: String)] {
    let measured = stars.map { star in
      fluxes.measurement(star.star).map { (flux: $0.aperture.flux, error: $0.aperture.fluxError) }
    }
    let sum = SumEnsemble(zip(stars, measured).compactMap { star, flux in star.isComparison ? flux : nil })
    var cells: [(name: String, value: String)] = []
    for (index, star) in stars.enumerated() {
      var (value, error) = (point.relativeFlux, point.relativeFluxError)
      if index > 0 {
        (value, error) = (.nan, .nan)
        if let own = measured[index], own.flux.isFinite, own.error.isFinite {
          let others = star.isComparison ? sum.without(flux: own.flux, error: own.error) : sum
          (value, error) = others.relative(flux: own.flux, error: own.error)
        }
      }
      cells += [
        ("rel_flux" + star.suffix, number(value)), ("rel_flux_err" + star.suffix, number(error)),
        ("rel_flux_SNR" + star.suffix, number(value / error)),
      ]
    }
    let total = point.flux / point.relativeFlux
    return cells + [
      ("tot_C_cnts", number(total)), ("tot_C_err", number(total.magnitude * point.ensembleVariance.squareRoot())),
      ("Source_Radius", number(point.radius)), ("FWHM_Mean", number(point.frame.fwhm)),
    ]
  }

  private func starCells(
    _ numbered: NumberedStar, _ fluxes: StarFluxes, height: Double
  ) -> [(name: String, value: String)] {
    let star = numbered.star
    let measured = fluxes.measurement(star)
    let place = measured?.star.position.fits ?? (.nan, .nan)
    let aperture = measured?.aperture
    let (flux, error) = (aperture?.flux ?? .nan, aperture?.fluxError ?? .nan)
    let cells: [(name: String, value: Double)] = [
      ("X(IJ)", place.x - 0.5), ("Y(IJ)", height - place.y + 0.5), ("X(FITS)", place.x), ("Y(FITS)", place.y),
      ("RA", star.rightAscension / 15), ("DEC", star.declination), ("Source-Sky", flux),
      ("N_Src_Pixels", aperture?.area ?? .nan), ("Source_Error", error), ("Source_SNR", flux / error),
      ("Peak", measured?.star.peakADU ?? .nan), ("Sky/Pixel", measured?.star.sky ?? .nan),
      ("N_Sky_Pixels", measured.map { Double($0.star.skyCount) } ?? .nan), ("FWHM", measured?.star.fwhm ?? .nan),
    ]
    return cells.map { ($0.name + numbered.suffix, number($0.value)) }
  }

  /// AstroImageJ reads no empty cells, but knows NaN.
  private func number(_ value: Double) -> String { value.isFinite ? DecimalText.shortest(value) : "NaN" }

  private func time(_ value: Double) -> String { DecimalText.fixed(value, 8) ?? "NaN" }
}
