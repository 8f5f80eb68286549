import ElnathCore

/// What ExoClock takes: time, flux and error, apart by blanks, without a header. The page of the upload asks for the rest.
struct ExoClockFormat: CurveFormat {
  let keepsEveryPoint = false

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let time = options.time ?? .bjd
    let scale = try FluxScale(curve, options, time: time)
    var lines: [String] = []
    for point in curve.points {
      guard let flux = DecimalText.fixed(point.relativeFlux / scale.level, 7),
        let error = DecimalText.fixed(curve.relativeError(point, options) / scale.level, 7)
      else { continue }
      lines.append("\(try curve.timeText(point, time)) \(flux) \(error)\n")
    }
    return [ExportProduct(ending: ".exoclock.txt", content: .text(lines.joined()), rows: lines.count)]
  }
}

/// What the Exoplanet Transit Database (var2.astro.cz/ETD) takes: geocentric time, magnitude difference and error.
struct ETDFormat: CurveFormat {
  let keepsEveryPoint = false

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let time = options.time ?? .jd
    guard time != .bjd else {
      throw PipelineError(.usage, "--time bjd_tdb", "the Exoplanet Transit Database takes jd_utc or hjd_utc")
    }
    var lines: [String] = []
    for point in curve.points {
      guard let difference = DecimalText.fixed(point.deltaMagnitude, 5),
        let error = DecimalText.fixed(curve.deltaError(point, options), 5)
      else { continue }
      lines.append("\(try curve.timeText(point, time)) \(difference) \(error)\n")
    }
    return [ExportProduct(ending: ".etd.txt", content: .text(lines.joined()), rows: lines.count)]
  }
}
