import ElnathCore

/// A table that `compare` understands: a light curve or a table of photometry, by its columns.
struct ComparedTable: Sendable {
  let kind: CurveComparison.Kind
  let values: [ComparedValue]
  /// Of each frame, days; JD_UTC where the table has it.
  let times: [Int: Double]

  init(path: String) throws(PipelineError) {
    let reader = try CSVReader(path: path)
    let columns = Set(reader.names.map { $0.lowercased() })
    if columns.isSuperset(of: ["frame", "delta_mag", "delta_mag_err"]) {
      kind = .lightCurve
      (values, times) = try Self.lightCurve(reader)
    } else if columns.isSuperset(of: ["frame", "star", "aperture", "flux_e"]) {
      kind = .photometry
      (values, times) = (try Self.photometry(reader), [:])
    } else {
      throw PipelineError(
        .usage, path,
        "neither a light curve (frame, delta_mag, delta_mag_err) nor photometry (frame, star, aperture, flux_e); it has "
          + reader.names.joined(separator: ", "))
    }
    guard Set(values.map(\.key)).count == values.count else {
      throw PipelineError(.badData, path, "a frame stands there twice; give a table with one row for each")
    }
    guard !values.isEmpty else { throw PipelineError(.badData, path, "has no rows; nothing to compare") }
  }

  private static func lightCurve(
    _ reader: CSVReader
  ) throws(PipelineError) -> (values: [ComparedValue], times: [Int: Double]) {
    let (frame, value, error) = (
      try reader.column("frame"), try reader.column("delta_mag"), try reader.column("delta_mag_err")
    )
    let (barycentric, utc) = (reader.optionalColumn("bjd_tdb"), reader.optionalColumn("jd_utc"))
    let (filter, used) = (reader.optionalColumn("filter"), reader.optionalColumn("used"))
    var values: [ComparedValue] = []
    var times: [Int: Double] = [:]
    try reader.forEachRow { row throws(PipelineError) in
      let number = try row.integer(frame)
      let clock: Double = if let utc { try row.real(utc) } else { .nan }
      var time: Double = if let barycentric { try row.real(barycentric) } else { .nan }
      if time.isNaN { time = clock }
      if clock.isFinite { times[number] = clock }
      values.append(
        ComparedValue(
          ComparedValue.Key(frame: number),
          filter: try filter.map { column throws(PipelineError) in try row.text(column) } ?? "", time: time,
          value: try row.real(value), error: try row.real(error),
          isUsed: try used.map { column throws(PipelineError) in try row.boolean(column) } ?? true))
    }
    return (values, times)
  }

  private static func photometry(_ reader: CSVReader) throws(PipelineError) -> [ComparedValue] {
    let (frame, star, aperture) = (
      try reader.column("frame"), try reader.column("star"), try reader.column("aperture")
    )
    let (value, error) = (try reader.column("flux_e"), try reader.column("flux_err_e"))
    var values: [ComparedValue] = []
    try reader.forEachRow { row throws(PipelineError) in
      values.append(
        ComparedValue(
          ComparedValue.Key(
            frame: try row.integer(frame), star: try row.text(star), aperture: try row.text(aperture)),
          value: try row.real(value), error: try row.real(error)))
    }
    return values
  }
}
