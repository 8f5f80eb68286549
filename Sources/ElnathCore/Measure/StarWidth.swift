extension SourceProfile {
  /// FWHM of the star at `place`, px, the pixel's own width taken out: from its light under two Gaussian windows.
  /// NaN for a star too faint (below ten times the noise of the wider window) or without a star's shape.
  ///
  /// `fwhm`: of the stars of the field, px.
  static func fwhm(in planes: FramePlanes, at place: PixelPoint, sky: SkyEstimate, field fwhm: Double) -> Double {
    var profile = SourceProfile(inner: innerSigma(fwhm: fwhm))
    let reach = reach(fwhm: fwhm)
    let size = 2 * reach + 1
    let x0 = Int(place.x.rounded()) - reach
    let y0 = Int(place.y.rounded()) - reach
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * size) { memory in
      func table(_ k: Int, _ first: Int, _ centre: Double, _ sigma: Double) -> UnsafeMutableBufferPointer<Double> {
        let table = UnsafeMutableBufferPointer(rebasing: memory[(k * size)..<((k + 1) * size)])
        GaussianWindow.fill(table, first: first, centre: centre, sigma: sigma)
        return table
      }
      let narrowX = table(0, x0, place.x, profile.inner)
      let narrowY = table(1, y0, place.y, profile.inner)
      let broadX = table(2, x0, place.x, 2 * profile.inner)
      let broadY = table(3, y0, place.y, 2 * profile.inner)
      for j in 0..<size where y0 + j >= 0 && y0 + j < planes.height {
        let row = planes.index(0, y0 + j)
        var narrow = 0.0
        var broad = 0.0
        for i in 0..<size where x0 + i >= 0 && x0 + i < planes.width {
          let d = Double(planes.image[row + x0 + i]) - sky.level
          narrow += narrowX[i] * d
          broad += broadX[i] * d
        }
        profile.light.0 += narrowY[j] * narrow
        profile.light.1 += broadY[j] * broad
      }
    }
    // Sum of the squared weights of a round Gaussian window of standard deviation s: pi s^2.
    let noise = sky.sigma * 2 * profile.inner * Double.pi.squareRoot()
    guard profile.light.1 > 10 * noise else { return .nan }
    let variance = profile.coreVariance - pixelVariance
    return variance > 0 ? fwhmPerSigma * variance.squareRoot() : .nan
  }

  /// Pixels to either side that the wider window takes in.
  static func reach(fwhm: Double) -> Int { Int((6 * innerSigma(fwhm: fwhm)).rounded(.up)) }
}
