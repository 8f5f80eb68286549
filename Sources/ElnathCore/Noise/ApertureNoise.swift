extension ErrorBudget {
  /// The noise of one aperture from the noise model of its pixels (Merline & Howell 1995): the source's photons, those
  /// of the sky, and what every pixel has in any case. With the flat these add up to the sum of w^2 v over the variance
  /// plane, as long as no light counts below zero.
  ///
  /// `sky`: e-/px. The masters' noise stands with the read noise, which it is part of when they are made.
  init(model: NoiseModel, sums: ApertureSums, sky: Double) {
    let background = sky * sums.inverseFlat
    source = max(0, sums.photons - background)
    self.sky = max(0, background)
    readNoise = (model.readNoise * model.readNoise + model.masters) * sums.inverseFlat2
    dark = model.dark * sums.inverseFlat2
    digitisation = model.digitisation * sums.inverseFlat2
    flat = sums.flat
  }

  /// The same where the scatter of the sky pixels, `skySigma` (e-), stands for sky, read noise, dark and digitisation.
  init(measured skySigma: Double, sums: ApertureSums, sky: Double) {
    source = max(0, sums.photons - sky * sums.inverseFlat)
    self.sky = sums.area2 * skySigma * skySigma
    flat = sums.flat
  }

  /// Adds what the dark charge of single pixels leaves in the aperture, e-^2: to the sky where that stands for the dark.
  mutating func add(darkVariance: Double) {
    if dark.isNaN { sky += darkVariance } else { dark += darkVariance }
  }
}

extension NoiseModel {
  /// Variance of a sky pixel of `level` e- and 1/flat `q`, e-^2.
  func skyVariance(level: Double, inverseFlat q: Double) -> Double {
    q * max(level, 0) + q * q * constantVariance
  }

  /// True where the scatter `sigma` (e-) of `count` sky pixels departs from the model's variance by more than
  /// 30 per cent, and by more than four times its own sampling error sqrt(2/count): a few pixels prove nothing.
  func contradicts(sigma: Double, count: Int, level: Double, inverseFlat: Double) -> Bool {
    let expected = skyVariance(level: level, inverseFlat: inverseFlat)
    let limit = max(0.3, 4 * (2 / Double(max(count, 1))).squareRoot())
    return abs(sigma * sigma - expected) > limit * expected
  }
}
