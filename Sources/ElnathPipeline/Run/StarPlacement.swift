import ElnathCore

extension Workspace {
  /// The stars of the project on the reference frame.
  ///
  /// A star given by its pixels on one light frame is carried over by the registrations where that frame is not the
  /// reference; right ascension and declination then serve the times. One without pixels is placed by them.
  public func placedStars(_ alignment: Alignment, solution: SkySolution? = nil) throws(PipelineError) -> [Star] {
    var placed: [Star] = []
    for star in stars {
      let position = try star.position == nil ? skyPosition(star, solution) : pixelPosition(star, alignment)
      var found = Star(
        name: star.name, role: star.role, rightAscension: star.rightAscension?.degrees ?? .nan,
        declination: star.declination?.degrees ?? .nan, position: position,
        magnitude: star.magnitude ?? .nan, band: star.band ?? "", colour: star.colour ?? .nan,
        extended: star.extended)
      // What it asks for was found to be right when the settings were read.
      let orientation = solution?.projection.orientation(at: position)
      found.own = (try? star.photometry(at: ["star"], orientation: orientation)) ?? StarPhotometry()
      placed.append(found)
    }
    return placed
  }

  private func skyPosition(_ star: StarSettings, _ solution: SkySolution?) throws(PipelineError) -> PixelPoint {
    guard let ra = star.rightAscension, let dec = star.declination, let solution else {
      throw PipelineError(
        .configuration, "star '\(star.name)'",
        "has only ra and dec, but the frames have not been matched to the sky; give x, y (FITS pixels) and frame, or a "
          + "catalogue of the field as catalog under [solve], and see what elnath solve says")
    }
    let sky = SkyPoint(rightAscension: ra.degrees, declination: dec.degrees)
    guard let place = solution.projection.place(of: sky) else {
      throw PipelineError(
        .configuration, "star '\(star.name)'", "\(sky.text) is nowhere near the field; correct its ra and dec")
    }
    return place
  }

  /// Refuses stars whose pixels belong to no light frame of the project.
  func checkPlaces() throws(PipelineError) {
    for star in stars where star.position != nil { _ = try frame(of: star) }
  }

  /// Number of the light frame off which the pixels of a star were read.
  private func frame(of star: StarSettings) throws(PipelineError) -> Int {
    guard let file = star.frame ?? configuration.align.reference else {
      throw PipelineError(
        .configuration, "star '\(star.name)'",
        "has x and y but no frame; name the light frame they were read off, or set reference under [align]")
    }
    return try lightNumber(of: file, key: "star '\(star.name)' frame")
  }

  private func pixelPosition(_ star: StarSettings, _ alignment: Alignment) throws(PipelineError) -> PixelPoint {
    let frame = alignment.frames[try frame(of: star) - 1]
    guard let position = star.position, let registration = frame.registration else {
      throw PipelineError(
        .badData, frame.file,
        "was rejected (\(frame.reason)), so star '\(star.name)' cannot be placed by it; name another frame")
    }
    return registration.transform.inverse(position)
  }

  /// Stars that have a name alone, at the places that the catalogues give them.
  static func named(_ stars: [StarSettings], in catalog: StarCatalog, file: String) throws(PipelineError)
    -> [StarSettings]
  {
    var result: [StarSettings] = []
    for star in stars {
      guard star.position == nil, star.rightAscension == nil else {
        result.append(star)
        continue
      }
      guard let known = catalog.star(named: star.name) else {
        let near = catalog.nearestName(to: star.name).map { ", did you mean '\($0)'?" } ?? ""
        throw PipelineError(
          .configuration, file,
          "star '\(star.name)' has no place, and no table in catalogs/stars names it\(near); give x and y, or ra and dec"
        )
      }
      var placed = star
      placed.rightAscension = RightAscension(degrees: known.sky.rightAscension)
      placed.declination = Declination(degrees: known.sky.declination)
      result.append(placed)
    }
    return result
  }
}
