/// Values are rounded where they are measured, far below their errors, and so stand in tables as short texts. What was
/// rounded is what is used from there on, so a run and a chain of commands through files agree to the bit.

extension PixelPoint {
  /// To 0.00001 px, as FITS pixels.
  var tabulated: PixelPoint {
    let place = fits
    return PixelPoint(fits: (DecimalRounding.decimals(place.x, 5), DecimalRounding.decimals(place.y, 5)))
  }
}

extension Double {
  /// A radius to 0.0001 px.
  var tabulatedRadius: Double { DecimalRounding.decimals(self, 4) }
}

extension SkyEstimate {
  /// Level to 0.0001 e-/px, scatter to six digits.
  var tabulated: SkyEstimate {
    var rounded = self
    rounded.level = DecimalRounding.decimals(level, 4)
    rounded.sigma = DecimalRounding.significant(sigma, 6)
    return rounded
  }
}

extension ErrorBudget {
  /// Each term to seven digits.
  var tabulated: ErrorBudget {
    var rounded = self
    rounded.source = DecimalRounding.significant(source, 7)
    rounded.sky = DecimalRounding.significant(sky, 7)
    rounded.readNoise = DecimalRounding.significant(readNoise, 7)
    rounded.dark = DecimalRounding.significant(dark, 7)
    rounded.digitisation = DecimalRounding.significant(digitisation, 7)
    rounded.flat = DecimalRounding.significant(flat, 7)
    rounded.skyEstimate = DecimalRounding.significant(skyEstimate, 7)
    rounded.scintillation = DecimalRounding.significant(scintillation, 7)
    rounded.position = DecimalRounding.significant(position, 7)
    return rounded
  }
}
