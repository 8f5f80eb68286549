import ElnathCore

extension TableReader {
  /// Reads `photometry.csv`; `stars` are those of `stars.csv`. Every measured frame must have all stars, all with the
  /// same apertures, in the order in which they were written.
  public static func photometry(_ reader: CSVReader, stars: [Star]) throws(PipelineError) -> [FrameMeasurements] {
    let columns = try PhotometryTableColumns(reader)
    var table = PhotometryCollector(stars: stars)
    try reader.forEachRow { row throws(PipelineError) in try table.append(row, columns) }
    return try table.finish(reader.file)
  }
}

private struct PhotometryTableColumns {
  let frame, star, aperture, radius, x, y, forcedX, forcedY, centroid, positionError: CSVColumn
  let flux, sky, skySigma, skyCount, area, peakADU, fwhm, contamination, flags: CSVColumn
  let source, varSky, readNoise, dark, digitisation, flat, skyEstimate, scintillation, position: CSVColumn

  init(_ reader: CSVReader) throws(PipelineError) {
    frame = try reader.column("frame")
    star = try reader.column("star")
    aperture = try reader.column("aperture")
    radius = try reader.column("radius_px")
    x = try reader.column("x_px")
    y = try reader.column("y_px")
    forcedX = try reader.column("x_forced_px")
    forcedY = try reader.column("y_forced_px")
    centroid = try reader.column("centroid")
    positionError = try reader.column("position_err_px")
    flux = try reader.column("flux_e")
    sky = try reader.column("sky_e_px")
    skySigma = try reader.column("sky_sigma")
    skyCount = try reader.column("sky_n")
    area = try reader.column("area_px")
    peakADU = try reader.column("peak_adu")
    fwhm = try reader.column("fwhm_px")
    contamination = try reader.column("contamination")
    source = try reader.column("var_source")
    varSky = try reader.column("var_sky")
    readNoise = try reader.column("var_read_noise")
    dark = try reader.column("var_dark")
    digitisation = try reader.column("var_digitisation")
    flat = try reader.column("var_flat")
    skyEstimate = try reader.column("var_sky_estimate")
    scintillation = try reader.column("var_scintillation")
    position = try reader.column("var_position")
    flags = try reader.column("flags")
  }

  func measurement(_ row: CSVRow) throws(PipelineError) -> StarMeasurement {
    var result = StarMeasurement(
      position: PixelPoint(fits: (try row.real(x), try row.real(y))),
      forced: PixelPoint(fits: (try row.real(forcedX), try row.real(forcedY))),
      centroid: try row.word(centroid, as: CentroidMode.self))
    result.positionError = try row.real(positionError)
    result.sky = try row.real(sky)
    result.skySigma = try row.real(skySigma)
    result.skyCount = try row.integer(skyCount)
    result.peakADU = try row.real(peakADU)
    result.fwhm = try row.real(fwhm)
    return result
  }

  func apertureMeasurement(_ row: CSVRow) throws(PipelineError) -> ApertureMeasurement {
    var result = ApertureMeasurement(radius: try row.real(radius))
    result.flux = try row.real(flux)
    result.area = try row.real(area)
    result.contamination = try row.real(contamination)
    result.budget.source = try row.real(source)
    result.budget.sky = try row.real(varSky)
    result.budget.readNoise = try row.real(readNoise)
    result.budget.dark = try row.real(dark)
    result.budget.digitisation = try row.real(digitisation)
    result.budget.flat = try row.real(flat)
    result.budget.skyEstimate = try row.real(skyEstimate)
    result.budget.scintillation = try row.real(scintillation)
    result.budget.position = try row.real(position)
    result.flags = try row.flags(flags)
    return result
  }
}

/// Gathers rows into frames and sees to it that none is missing or out of order.
private struct PhotometryCollector {
  let stars: [Star]
  private var frames: [FrameMeasurements] = []
  private var frame = 0
  private var measured: [StarMeasurement] = []
  private var apertures: [ApertureMeasurement] = []
  /// Apertures of each star, known when the first star of the table is complete.
  private var radii: Int?

  init(stars: [Star]) { self.stars = stars }

  mutating func append(_ row: CSVRow, _ columns: PhotometryTableColumns) throws(PipelineError) {
    let number = try row.integer(columns.frame)
    if number != frame {
      if let message = gap { throw row.reader.fault(at: nil, message) }
      endFrame()
      guard number > frame else { throw row.unexpected("a frame after \(frame)", columns.frame) }
      frame = number
    }
    let isFirst = row.isAperture(1, columns.aperture)
    if isFirst {
      if let radii, apertures.count != radii * measured.count { throw row.unexpected("a\(radii)", columns.aperture) }
      if radii == nil && !measured.isEmpty { radii = apertures.count }
      guard measured.count < stars.count, row.equals(stars[measured.count].name, columns.star) else {
        throw row.unexpected(
          measured.count < stars.count ? "'\(stars[measured.count].name)' as in stars.csv" : "the next frame",
          columns.star)
      }
      measured.append(try columns.measurement(row))
    } else {
      let next = apertures.count - (measured.count - 1) * (radii ?? 0) + 1
      let goesOn =
        !measured.isEmpty && next <= radii ?? next && row.equals(stars[measured.count - 1].name, columns.star)
      guard goesOn else { throw row.unexpected("a1", columns.aperture) }
      guard row.isAperture(next, columns.aperture) else { throw row.unexpected("a\(next)", columns.aperture) }
    }
    let flux = try columns.apertureMeasurement(row)
    apertures.append(flux)
    // What holds for the star is what holds for each of its apertures.
    let last = measured.count - 1
    measured[last].flags = isFirst ? flux.flags : measured[last].flags.intersection(flux.flags)
  }

  mutating func finish(_ file: String) throws(PipelineError) -> [FrameMeasurements] {
    if let message = gap { throw PipelineError(.badData, file, message) }
    endFrame()
    return frames
  }

  /// What the frame that has just ended lacks.
  private var gap: String? {
    guard frame != 0 else { return nil }
    let complete = measured.count == stars.count && apertures.count == measured.count * (radii ?? apertures.count)
    return complete ? nil : "rows of frame \(frame) are missing: \(measured.count) of \(stars.count) stars are there"
  }

  private mutating func endFrame() {
    guard frame != 0 else { return }
    if radii == nil { radii = apertures.count }
    frames.append(FrameMeasurements(frame: frame, stars: measured, apertures: apertures))
    measured.removeAll(keepingCapacity: true)
    apertures.removeAll(keepingCapacity: true)
  }
}

extension CSVRow {
  /// Without making a string of the cell.
  fileprivate func equals(_ text: String, _ column: CSVColumn) -> Bool {
    record.text[record.range(of: column.index)].elementsEqual(text.utf8)
  }

  fileprivate func isAperture(_ number: Int, _ column: CSVColumn) -> Bool {
    let cell = record.text[record.range(of: column.index)]
    return cell.first == UInt8(ascii: "a") && cell.dropFirst().elementsEqual("\(number)".utf8)
  }
}
