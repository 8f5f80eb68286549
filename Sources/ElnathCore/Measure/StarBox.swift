extension MeasurementPlan.FilterPlan {
  /// How far a centroid may lie from where the transform puts the star, px.
  var maximumStep: Double { max(0.3 * fwhm, 0.5) }

  /// Standard deviation of the window of a centroid, px.
  var centroidSigma: Double { max(fwhm / SourceProfile.fwhmPerSigma, 1) }

  /// No pixel farther than this from where the transform puts a star has to do with it, px: neither its sky, which is
  /// taken about that place, nor its apertures and windows.
  var reach: Double { max(annulus.outer + 1, coreReach) }

  /// Nor with its apertures and windows, which lie about its centroid.
  private var coreReach: Double {
    let window = max(Centroid.reach(sigma: centroidSigma), SourceProfile.reach(fwhm: fwhm))
    // One pixel more, for windows and boxes begin at whole pixels.
    return maximumStep + max(radii.last ?? 0, Double(window)) + 1
  }

  /// All pixels of a frame of this size that have to do with a star at `place`, which lies on it.
  func box(around place: PixelPoint, width: Int, height: Int) -> PixelRectangle {
    Self.box(around: place, reach: reach, width: width, height: height)
  }

  /// The same with what cosmic rays in its core need around them.
  func searchedBox(around place: PixelPoint, width: Int, height: Int) -> PixelRectangle {
    Self.box(
      around: place, reach: max(reach, coreReach.rounded(.up) + Double(CosmicRays.margin)), width: width, height: height
    )
  }

  /// The pixels of its apertures and windows.
  func core(around place: PixelPoint, width: Int, height: Int) -> PixelRectangle {
    Self.box(around: place, reach: coreReach, width: width, height: height)
  }

  private static func box(around place: PixelPoint, reach: Double, width: Int, height: Int) -> PixelRectangle {
    let reach = Int(reach.rounded(.up))
    let (x, y) = (Int(place.x.rounded()), Int(place.y.rounded()))
    let (left, bottom) = (max(0, x - reach), max(0, y - reach))
    return PixelRectangle(
      x: left, y: bottom, width: min(width, x + reach + 1) - left, height: min(height, y + reach + 1) - bottom)
  }
}
