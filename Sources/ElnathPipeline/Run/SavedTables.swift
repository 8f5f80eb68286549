import ElnathCore

/// What an earlier command left in the folder of the products.
extension Workspace {
  /// The alignment as `align` wrote it.
  public func savedAlignment() throws(PipelineError) -> Alignment {
    let frames = try savedFrames()
    try checkSeries(frames)
    guard let reference = frames.first(where: { $0.registration?.method == .reference }) else {
      throw PipelineError(.badData, "\(output)/frames.csv", "has no reference frame; run elnath align again")
    }
    let trim = lights[reference.frame - 1].observation.trim
    var alignment = Alignment(
      frames: frames, reference: reference.frame, width: trim.width, height: trim.height,
      sources: try TableReader.sources(try reader("sources.csv", madeBy: "align")))
    alignment.trails = try TableReader.trails(try reader("trails.csv", madeBy: "align"))
    alignment.hotPixels = try TableReader.hotPixels(try reader("hot_pixels.csv", madeBy: "align"))
    return alignment
  }

  /// The photometry as `measure` or `flag` wrote it.
  public func savedPhotometry() throws(PipelineError) -> PhotometryTable {
    let frames = try savedFrames()
    try checkSeries(frames)
    let stars = try savedStars()
    let measurements = try TableReader.photometry(try reader("photometry.csv", madeBy: "measure"), stars: stars)
    return PhotometryTable(stars: stars, frames: frames, measurements: measurements)
  }

  func savedFrames() throws(PipelineError) -> [FrameSummary] {
    try TableReader.frames(try reader("frames.csv", madeBy: "align"))
  }

  func savedStars() throws(PipelineError) -> [Star] {
    try TableReader.stars(try reader("stars.csv", madeBy: "measure"))
  }

  func savedComparisons() throws(PipelineError) -> [ComparisonVerdict] {
    try TableReader.comparisons(try reader("comparisons.csv", madeBy: "lightcurve"))
  }

  /// The light curves as `lightcurve` wrote them.
  public func savedLightCurves(_ table: PhotometryTable) throws(PipelineError) -> LightCurves {
    var curves: [LightCurve] = []
    for star in table.stars where star.role == .target {
      let file = "lightcurve_" + TableFile.name(for: star.name) + ".csv"
      curves.append(
        LightCurve(
          target: star,
          points: try TableReader.lightCurve(try reader(file, madeBy: "lightcurve"), frames: table.frames)))
    }
    var product = LightCurves()
    product.curves = curves
    product.comparisons = try savedComparisons()
    product.variability = try TableReader.variability(try reader("variability.csv", madeBy: "lightcurve"))
    return product
  }

  private func reader(_ name: String, madeBy step: String) throws(PipelineError) -> CSVReader {
    let path = "\(output)/\(name)"
    do throws(PipelineError) {
      return try CSVReader(path: path)
    } catch {
      guard error.code == .noInput else { throw error }
      throw PipelineError(.noInput, path, "not found; it is made by: elnath \(step)")
    }
  }

  /// The tables must tell of the same lights as the project does now.
  private func checkSeries(_ frames: [FrameSummary]) throws(PipelineError) {
    let same =
      frames.count == lights.count
      && zip(frames, lights).allSatisfy { $0.file == CSVText.cleaned(path: $1.observation.file) }
    if !same {
      throw PipelineError(
        .badData, "\(output)/frames.csv", "tells of other light frames than the project; run elnath align again")
    }
  }
}
