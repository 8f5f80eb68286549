import ElnathCore

extension TableReader {
  public static func observations(_ reader: CSVReader) throws(PipelineError) -> [Observation] {
    let columns = try ObservationTable(reader)
    var observations: [Observation] = []
    try reader.forEachRow { row throws(PipelineError) in observations.append(try columns.observation(row)) }
    return observations
  }
}

private struct ObservationTable {
  let file, kind, object, filter, exposure, jdUTC, width, height, binning, night, sources, problems: CSVColumn
  let trimX, trimY, trimWidth, trimHeight, overscan, ra, dec: CSVColumn
  let longitude, latitude, altitude, aperture, mode, temperature: CSVColumn
  let gain, readNoise, saturation, pedestal, pixelScale: (value: CSVColumn, origin: CSVColumn)

  init(_ reader: CSVReader) throws(PipelineError) {
    file = try reader.column("file")
    kind = try reader.column("kind")
    object = try reader.column("object")
    filter = try reader.column("filter")
    exposure = try reader.column("exposure_s")
    jdUTC = try reader.column("jd_utc")
    width = try reader.column("width")
    height = try reader.column("height")
    binning = try reader.column("binning")
    night = try reader.column("night")
    sources = try reader.column("sources")
    problems = try reader.column("problems")
    trimX = try reader.column("trim_x")
    trimY = try reader.column("trim_y")
    trimWidth = try reader.column("trim_width")
    trimHeight = try reader.column("trim_height")
    overscan = try reader.column("overscan")
    ra = try reader.column("ra_deg")
    dec = try reader.column("dec_deg")
    gain = (try reader.column("gain"), try reader.column("gain_origin"))
    readNoise = (try reader.column("read_noise"), try reader.column("read_noise_origin"))
    saturation = (try reader.column("saturation"), try reader.column("saturation_origin"))
    pedestal = (try reader.column("pedestal"), try reader.column("pedestal_origin"))
    pixelScale = (try reader.column("pixel_scale"), try reader.column("pixel_scale_origin"))
    longitude = try reader.column("longitude_deg")
    latitude = try reader.column("latitude_deg")
    altitude = try reader.column("altitude_m")
    aperture = try reader.column("aperture_m")
    mode = try reader.column("readout_mode")
    temperature = try reader.column("temperature_c")
  }

  func observation(_ row: CSVRow) throws(PipelineError) -> Observation {
    var result = Observation(
      file: try row.text(file), kind: try row.word(kind, as: Observation.Kind.self),
      width: try row.integer(width), height: try row.integer(height))
    result.object = try row.text(object)
    result.filter = try row.text(filter)
    result.exposure = try row.real(exposure)
    result.jdUTC = try row.real(jdUTC)
    result.gain = try decoded(gain, row)
    result.readNoise = try decoded(readNoise, row)
    result.saturation = try decoded(saturation, row)
    result.pedestal = try decoded(pedestal, row)
    result.trim = PixelRectangle(
      x: try row.integer(trimX), y: try row.integer(trimY), width: try row.integer(trimWidth),
      height: try row.integer(trimHeight))
    result.overscan = row.isEmpty(overscan) ? nil : try section(overscan, row)
    result.binning = try row.text(binning)
    result.night = try row.text(night)
    result.readoutMode = try row.text(mode)
    result.temperature = try row.real(temperature)
    result.rightAscension = try row.real(ra)
    result.declination = try row.real(dec)
    result.pixelScale = try decoded(pixelScale, row)
    if let longitude = try row.optionalReal(longitude) {
      result.site = Site(
        longitude: longitude, latitude: try row.real(latitude), altitude: try row.real(altitude),
        aperture: try row.real(aperture))
    }
    result.sources = try row.text(sources).splitByClauses().map { clause throws(PipelineError) in
      guard let source = Observation.Source(clause: clause) else {
        throw row.unexpected("clauses such as filter: header FILTER", sources)
      }
      return source
    }
    result.problems = try row.text(problems).splitByClauses()
    return result
  }

  private func section(_ column: CSVColumn, _ row: CSVRow) throws(PipelineError) -> PixelRectangle {
    guard let section = PixelRectangle(section: try row.text(column)) else {
      throw row.unexpected("a section as [1:32,1:1024]", column)
    }
    return section
  }

  private func decoded(
    _ columns: (value: CSVColumn, origin: CSVColumn), _ row: CSVRow
  ) throws(PipelineError) -> Decoded<Double>? {
    guard let value = try row.optionalReal(columns.value) else { return nil }
    guard let origin = Decoded<Double>.Origin(try row.text(columns.origin)) else {
      throw row.unexpected("header KEYWORD, camera profile or project", columns.origin)
    }
    return Decoded(value, from: origin)
  }
}

extension Decoded.Origin {
  /// The origin of this description.
  init?(_ text: String) {
    let header = "header "
    switch text {
    case Self.profile.description: self = .profile
    case Self.estimated.description: self = .estimated
    case Self.project.description: self = .project
    case Self.fileName.description: self = .fileName
    case Self.measured.description: self = .measured
    case _ where text.hasPrefix(header): self = .header(String(text.dropFirst(header.count)))
    default: return nil
    }
  }
}

extension Observation.Source {
  /// As the table writes it: `filter: header FILTER`.
  var clause: String { "\(value): \(origin)" }

  init?(clause: String) {
    guard let colon = clause.range(of: ": "), let origin = Decoded<Double>.Origin(String(clause[colon.upperBound...]))
    else { return nil }
    self.init(String(clause[..<colon.lowerBound]), from: origin)
  }
}

extension String {
  /// The clauses of a text that were joined by "; "; none for an empty text.
  func splitByClauses() -> [String] {
    isEmpty ? [] : split(separator: "; ", omittingEmptySubsequences: false).map(String.init)
  }
}
