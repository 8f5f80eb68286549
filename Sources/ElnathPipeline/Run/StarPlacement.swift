import ElnathCore

extension Workspace {
  /// The stars of the project file on the reference frame.
  ///
  /// A star is given by its pixels on one light frame; where that frame is not the reference, the registrations carry
  /// it over. Right ascension and declination serve the times.
  public func placedStars(_ alignment: Alignment) throws(PipelineError) -> [Star] {
    var placed: [Star] = []
    for star in stars {
      guard let position = star.position else {
        throw PipelineError(
          .configuration, "star '\(star.name)'",
          "has only ra and dec, but the frames have not been matched to the sky; give x, y (FITS pixels) and frame")
      }
      guard let file = star.frame ?? configuration.align.reference else {
        throw PipelineError(
          .configuration, "star '\(star.name)'",
          "has x and y but no frame; name the light frame they were read off, or set reference under [align]")
      }
      let number = try lightNumber(of: file, key: "star '\(star.name)' frame")
      let frame = alignment.frames[number - 1]
      guard let registration = frame.registration else {
        throw PipelineError(
          .badData, file,
          "was rejected (\(frame.reason)), so star '\(star.name)' cannot be placed by it; name another frame")
      }
      placed.append(
        Star(
          name: star.name, role: star.role, rightAscension: star.rightAscension?.degrees ?? .nan,
          declination: star.declination?.degrees ?? .nan, position: registration.transform.inverse(position),
          magnitude: star.magnitude ?? .nan, band: star.band ?? "", extended: star.extended))
    }
    return placed
  }
}
