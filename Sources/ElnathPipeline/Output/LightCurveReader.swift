import ElnathCore

extension TableReader {
  /// Reads `lightcurve_<target>.csv`; `frames` are those of `frames.csv`. Without them a point's frame holds only what
  /// the light curve tells of it.
  public static func lightCurve(
    _ reader: CSVReader, frames: [FrameSummary]? = nil
  ) throws(PipelineError) -> [LightCurvePoint] {
    let columns = try LightCurveTable(reader)
    var points: [LightCurvePoint] = []
    try reader.forEachRow { row throws(PipelineError) in points.append(try columns.point(row, frames)) }
    return points
  }
}

private struct LightCurveTable {
  let frame, file, jdUTC, hjdUTC, bjdTDB, filter, night, segment, exposure, airmass: CSVColumn
  let x, y, fwhm, elongation, sky, transparency, aperture, radius, peakADU, flux, fluxError: CSVColumn
  let relFlux, relFluxError, relFluxErrorScaled, deltaMag, deltaMagError, deltaMagErrorScaled: CSVColumn
  let mag, magError, limitMag, zeroPoint, zeroPointError, comparisons, checkMag, checkMagError: CSVColumn
  let ensemble, flags, used, reason: CSVColumn

  init(_ reader: CSVReader) throws(PipelineError) {
    frame = try reader.column("frame")
    file = try reader.column("file")
    jdUTC = try reader.column("jd_utc")
    hjdUTC = try reader.column("hjd_utc")
    bjdTDB = try reader.column("bjd_tdb")
    filter = try reader.column("filter")
    night = try reader.column("night")
    segment = try reader.column("segment")
    exposure = try reader.column("exposure_s")
    airmass = try reader.column("airmass")
    x = try reader.column("x_px")
    y = try reader.column("y_px")
    fwhm = try reader.column("fwhm_px")
    elongation = try reader.column("elongation")
    sky = try reader.column("sky_e_px")
    transparency = try reader.column("transparency")
    aperture = try reader.column("aperture")
    radius = try reader.column("radius_px")
    peakADU = try reader.column("peak_adu")
    flux = try reader.column("flux_e")
    fluxError = try reader.column("flux_err_e")
    relFlux = try reader.column("rel_flux")
    relFluxError = try reader.column("rel_flux_err")
    relFluxErrorScaled = try reader.column("rel_flux_err_scaled")
    deltaMag = try reader.column("delta_mag")
    deltaMagError = try reader.column("delta_mag_err")
    deltaMagErrorScaled = try reader.column("delta_mag_err_scaled")
    mag = try reader.column("mag")
    magError = try reader.column("mag_err")
    limitMag = try reader.column("limit_mag")
    zeroPoint = try reader.column("zero_point")
    zeroPointError = try reader.column("zero_point_err")
    comparisons = try reader.column("comparisons")
    checkMag = try reader.column("check_mag")
    checkMagError = try reader.column("check_mag_err")
    ensemble = try reader.column("var_ensemble")
    flags = try reader.column("flags")
    used = try reader.column("used")
    reason = try reader.column("reason")
  }

  func point(_ row: CSVRow, _ frames: [FrameSummary]?) throws(PipelineError) -> LightCurvePoint {
    var point = LightCurvePoint(frame: try frame(row, frames))
    point.hjdUTC = try row.real(hjdUTC)
    point.bjdTDB = try row.real(bjdTDB)
    point.airmass = try row.real(airmass)
    point.position = PixelPoint(fits: (try row.real(x), try row.real(y)))
    point.fwhm = try row.real(fwhm)
    point.sky = try row.real(sky)
    point.aperture = try row.text(aperture)
    point.radius = try row.real(radius)
    point.peakADU = try row.real(peakADU)
    point.flux = try row.real(flux)
    point.fluxError = try row.real(fluxError)
    point.relativeFlux = try row.real(relFlux)
    point.relativeFluxError = try row.real(relFluxError)
    point.relativeFluxErrorScaled = try row.real(relFluxErrorScaled)
    point.deltaMagnitude = try row.real(deltaMag)
    point.deltaMagnitudeError = try row.real(deltaMagError)
    point.deltaMagnitudeErrorScaled = try row.real(deltaMagErrorScaled)
    point.magnitude = try row.real(mag)
    point.magnitudeError = try row.real(magError)
    point.limitMagnitude = try row.real(limitMag)
    point.checkMagnitude = try row.real(checkMag)
    point.checkMagnitudeError = try row.real(checkMagError)
    point.ensembleVariance = try row.real(ensemble)
    point.flags = try row.flags(flags)
    point.used = try row.boolean(used)
    point.reason = try row.text(reason)
    return point
  }

  private func frame(_ row: CSVRow, _ frames: [FrameSummary]?) throws(PipelineError) -> FrameSummary {
    let number = try row.integer(frame)
    var result = FrameSummary(
      frame: number, file: try row.text(file), filter: try row.text(filter), night: try row.text(night),
      jdUTC: try row.real(jdUTC), exposure: try row.real(exposure))
    if let frames {
      guard number >= 1, number <= frames.count, frames[number - 1].file == result.file else {
        throw row.unexpected("a frame of frames.csv", frame)
      }
      result = frames[number - 1]
    }
    result.segment = try row.integer(segment)
    result.elongation = try row.real(elongation)
    result.transparency = try row.real(transparency)
    result.zeroPoint = try row.real(zeroPoint)
    result.zeroPointError = try row.real(zeroPointError)
    result.comparisons = try row.optionalInteger(comparisons)
    return result
  }
}
