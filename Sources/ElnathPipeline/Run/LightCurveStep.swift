import ElnathCore

extension Workspace {
  /// Chooses comparison stars and makes the light curves of all targets.
  public func lightCurves(_ table: PhotometryTable) throws -> LightCurves {
    var context = LightCurveContext()
    context.saturation = lights.map { $0.observation.saturation?.value ?? .nan }
    context.arcsecPerPixel = lights.lazy.compactMap(\.observation.pixelScale?.value).first ?? .nan
    if let reference = table.frames.first(where: { $0.registration?.method == .reference }) {
      let trim = lights[reference.frame - 1].observation.trim
      (context.width, context.height) = (trim.width, trim.height)
    }
    context.times = times(table.frames)
    warnOfMissingCoordinates(table.stars)
    var product = try LightCurveStage(
      configuration.lightcurve, context: context, widths: scan.camera.filter.widths)(table)
    for index in product.curves.indices { product.curves[index].points = product.curves[index].points.map(\.asWritten) }
    tellComparisons(product.comparisons)
    if product.curves.isEmpty {
      log.warning("no star has the role target, so there is no light curve; add a [[star]] to the project file")
    }
    for remark in product.remarks { log.notice("\(remark)") }
    return product
  }

  /// Half a degree off, as a pointing may be, barycentric times are wrong by up to 4 s.
  private func warnOfMissingCoordinates(_ stars: [Star]) {
    let unplaced = stars.filter { $0.role == .target && !($0.rightAscension.isFinite && $0.declination.isFinite) }
    guard !unplaced.isEmpty else { return }
    let names = unplaced.map { "'\($0.name)'" }.joined(separator: ", ")
    let hasPointing = lights.contains { $0.observation.rightAscension.isFinite && $0.observation.declination.isFinite }
    let consequence =
      hasPointing
      ? "times and airmass are those of the telescope's pointing in the headers" : "no barycentric times, no airmass"
    log.warning("no ra and dec for \(names): \(consequence); give them in the project file")
  }

  /// Times and airmass of a star on a frame; NaN where its place on the sky or the site is not known.
  private func times(_ frames: [FrameSummary]) -> @Sendable (Star, FrameSummary) -> TimeColumns {
    let earths = zip(frames, lights).map { frame, light in
      EarthState(jdUTC: frame.jdUTC, site: light.observation.site)
    }
    if earths.contains(where: { $0?.isDubious == true }) {
      log.notice("leap seconds beyond the known ones may make the times of some frames wrong by a second")
    }
    let pointings = lights.map { ($0.observation.rightAscension, $0.observation.declination) }
    return { star, frame in
      let index = frame.frame - 1
      guard earths.indices.contains(index), let earth = earths[index] else {
        return TimeColumns(airmass: frame.airmass)
      }
      let pointing = pointings[index]
      let (ra, dec) =
        star.rightAscension.isFinite && star.declination.isFinite
        ? (star.rightAscension, star.declination) : pointing
      return TimeColumns(
        hjdUTC: earth.hjdUTC(rightAscension: ra, declination: dec),
        bjdTDB: earth.bjdTDB(rightAscension: ra, declination: dec),
        airmass: earth.airmass(rightAscension: ra, declination: dec))
    }
  }
}
