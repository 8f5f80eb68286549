import ElnathCore

/// Stars on the reference frame and on the sky, once the field is matched.
struct SkyPlacement: Sendable {
  let projection: SkyProjection
  let catalog: StarCatalog

  /// Coordinates of those that have none, and the names of members and variables at their places.
  func located(_ stars: [Star]) -> [Star] {
    let seen = projection.sky(at: stars.map(\.position))
    return zip(stars, seen).map { star, sky in
      guard let sky else { return star }
      var result = star
      if !(star.rightAscension.isFinite && star.declination.isFinite) {
        (result.rightAscension, result.declination) = (sky.rightAscension, sky.declination)
      }
      result.variable = catalog.variable(at: sky)?.name ?? ""
      return result
    }
  }
}
