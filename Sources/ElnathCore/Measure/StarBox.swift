extension MeasurementPlan.FilterPlan {
  /// How far a centroid may lie from where the transform puts the star, px.
  var maximumStep: Double { max(0.3 * fwhm, 0.5) }

  /// Standard deviation of the window of a centroid, px.
  var centroidSigma: Double { max(fwhm / SourceProfile.fwhmPerSigma, 1) }

  /// No pixel farther than this from where the transform puts a star has to do with its apertures and windows, which lie
  /// about its centroid, px. `apertures`: how far these reach on the frame.
  private func coreReach(_ apertures: Double) -> Double {
    let window = max(Centroid.reach(sigma: centroidSigma), SourceProfile.reach(fwhm: fwhm))
    // One pixel more, for windows and boxes begin at whole pixels.
    return maximumStep + max(apertures, Double(window)) + 1
  }

  /// Nor with its sky, which is taken about the place itself.
  func reach(of star: Int, apertures: Double) -> Double {
    max(annulus(of: star).outer + 1, coreReach(apertures))
  }

  /// All pixels of a frame of this size that have to do with a star at `place`, which lies on it.
  func box(of star: Int, around place: PixelPoint, apertures: Double, width: Int, height: Int) -> PixelRectangle {
    Self.box(around: place, reach: reach(of: star, apertures: apertures), width: width, height: height)
  }

  /// The same with what cosmic rays in its core need around them.
  func searchedBox(
    of star: Int, around place: PixelPoint, apertures: Double, width: Int, height: Int
  ) -> PixelRectangle {
    let searched = coreReach(apertures).rounded(.up) + Double(CosmicRays.margin)
    return Self.box(
      around: place, reach: max(reach(of: star, apertures: apertures), searched), width: width, height: height)
  }

  /// The pixels of its apertures and windows.
  func core(around place: PixelPoint, apertures: Double, width: Int, height: Int) -> PixelRectangle {
    Self.box(around: place, reach: coreReach(apertures), width: width, height: height)
  }

  /// What of a frame is read to measure the star.
  func region(
    of star: Int, around place: PixelPoint, apertures: Double, width: Int, height: Int, searched: Bool
  ) -> StarRegion {
    let box =
      searched
      ? searchedBox(of: star, around: place, apertures: apertures, width: width, height: height)
      : box(of: star, around: place, apertures: apertures, width: width, height: height)
    return StarRegion(
      box: box, centre: place, skyReach: annulus(of: star).outer + 1,
      core: core(around: place, apertures: apertures, width: width, height: height), isSearched: searched)
  }

  private static func box(around place: PixelPoint, reach: Double, width: Int, height: Int) -> PixelRectangle {
    let reach = Int(min(reach, PixelWeights.farthest).rounded(.up))
    let (x, y) = (Int(place.x.rounded()), Int(place.y.rounded()))
    let (left, bottom) = (max(0, x - reach), max(0, y - reach))
    return PixelRectangle(
      x: left, y: bottom, width: min(width, x + reach + 1) - left, height: min(height, y + reach + 1) - bottom)
  }
}
