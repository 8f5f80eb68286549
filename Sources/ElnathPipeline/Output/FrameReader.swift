import ElnathCore

extension TableReader {
  public static func frames(_ reader: CSVReader) throws(PipelineError) -> [FrameSummary] {
    let columns = try FrameTable(reader)
    var frames: [FrameSummary] = []
    try reader.forEachRow { row throws(PipelineError) in
      let frame = try columns.frame(row)
      // A frame's number is its place: `PhotometryTable` counts on it.
      guard frame.frame == frames.count + 1 else { throw row.unexpected("\(frames.count + 1)", columns.frame) }
      frames.append(frame)
    }
    return frames
  }
}

private struct FrameTable {
  let frame, file, filter, night, jdUTC, exposure, airmass, segment, status: CSVColumn
  let method, shiftX, shiftY, mirrored, transform, matched, residual: CSVColumn
  let centreError, cornerError, disagreement: CSVColumn
  let fwhm, elongation, sky, detections, transparency, zeroPoint, zeroPointError, comparisons: CSVColumn
  let detectedTransparency, comparisonRMS, sunAltitude, moonAltitude, moonSeparation, flags, reason: CSVColumn

  init(_ reader: CSVReader) throws(PipelineError) {
    frame = try reader.column("frame")
    file = try reader.column("file")
    filter = try reader.column("filter")
    night = try reader.column("night")
    jdUTC = try reader.column("jd_utc")
    exposure = try reader.column("exposure_s")
    airmass = try reader.column("airmass")
    segment = try reader.column("segment")
    status = try reader.column("status")
    method = try reader.column("method")
    shiftX = try reader.column("dx_px")
    shiftY = try reader.column("dy_px")
    mirrored = try reader.column("mirrored")
    transform = try reader.column("transform")
    matched = try reader.column("matched")
    residual = try reader.column("residual_px")
    centreError = try reader.column("centre_err_px")
    cornerError = try reader.column("corner_err_px")
    disagreement = try reader.column("disagreement_px")
    fwhm = try reader.column("fwhm_px")
    elongation = try reader.column("elongation")
    sky = try reader.column("sky_e_px")
    detections = try reader.column("detections")
    transparency = try reader.column("transparency")
    detectedTransparency = try reader.column("detected_transparency")
    zeroPoint = try reader.column("zero_point")
    zeroPointError = try reader.column("zero_point_err")
    comparisons = try reader.column("comparisons")
    comparisonRMS = try reader.column("comparison_rms_mag")
    sunAltitude = try reader.column("sun_alt_deg")
    moonAltitude = try reader.column("moon_alt_deg")
    moonSeparation = try reader.column("moon_sep_deg")
    flags = try reader.column("flags")
    reason = try reader.column("reason")
  }

  func frame(_ row: CSVRow) throws(PipelineError) -> FrameSummary {
    var result = FrameSummary(
      frame: try row.integer(frame), file: try row.text(file), filter: try row.text(filter),
      night: try row.text(night), jdUTC: try row.real(jdUTC), exposure: try row.real(exposure))
    result.airmass = try row.real(airmass)
    result.segment = try row.integer(segment)
    result.status = try row.word(status, as: FrameSummary.Status.self)
    result.registration = try registration(row)
    result.shiftX = try row.real(shiftX)
    result.shiftY = try row.real(shiftY)
    result.fwhm = try row.real(fwhm)
    result.elongation = try row.real(elongation)
    result.sky = try row.real(sky)
    result.detections = try row.integer(detections)
    result.transparency = try row.real(transparency)
    result.detectedTransparency = try row.real(detectedTransparency)
    result.zeroPoint = try row.real(zeroPoint)
    result.zeroPointError = try row.real(zeroPointError)
    result.comparisons = try row.optionalInteger(comparisons)
    result.comparisonRMS = try row.real(comparisonRMS)
    result.sunAltitude = try row.real(sunAltitude)
    result.moonAltitude = try row.real(moonAltitude)
    result.moonSeparation = try row.real(moonSeparation)
    result.flags = try row.flags(flags)
    result.reason = try row.text(reason)
    return result
  }

  private func registration(_ row: CSVRow) throws(PipelineError) -> Registration? {
    let method = try row.word(self.method, as: Registration.Method.self)
    guard method != .none else { return nil }
    let words = try row.text(transform).split(separator: " ")
    let numbers = words.compactMap { Double($0) }
    guard numbers.count == words.count, numbers.allSatisfy(\.isFinite),
      let whole = FrameTransform(numbers: numbers, mirrored: try row.boolean(mirrored))
    else { throw row.unexpected("4, 8, 14 or 22 numbers", transform) }
    var result = Registration(
      transform: whole, method: method, matched: try row.integer(matched), residual: try row.real(residual))
    result.centreError = try row.real(centreError)
    result.cornerError = try row.real(cornerError)
    let distance = try row.real(disagreement)
    result.disagreement = distance.isNaN ? nil : distance
    return result
  }
}
