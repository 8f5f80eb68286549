/// How much of a star's colour stands between its own magnitude and that of a catalogue.
public enum ColourTerm: Sendable, Equatable {
  case none
  /// Found from the comparison stars, where at least five have magnitude and colour.
  case fitted
  /// mag per mag of colour, as known from elsewhere: m_catalogue = m_instrument + zero point + term x colour.
  case given(Double)
}

/// Zero points as people use them: mag = zero point - 2.5 log10(flux/exposure).
struct MagnitudeScale: Sendable {
  private let differential: DifferentialPhotometry
  /// What a magnitude on the scale of the joint solution lacks at `pivot`, and the variance of that.
  private var offset: Double
  private var variance = 0.0
  /// mag per mag of colour, from `pivot` on; 0 without a colour term.
  private(set) var term = 0.0
  private var termVariance = 0.0
  private var pivot = 0.0
  /// Comparison stars with a catalogue magnitude in this band, and how they scatter about the scale, mag.
  private(set) var catalogueStars = 0
  private(set) var catalogueScatter = Double.nan
  private let wanted: ColourTerm

  /// Tied to the catalogue magnitudes of comparison stars where their band is the filter; otherwise the median zero
  /// point of the frames in use is 0 and magnitudes are instrumental.
  init(_ differential: DifferentialPhotometry, colourTerm: ColourTerm = .none) {
    self.differential = differential
    wanted = colourTerm
    let series = differential.series
    let tied = differential.comparisons.compactMap { index -> ColourLine.Point? in
      let star = series.stars[index]
      guard !star.band.isEmpty && star.band == series.filter else { return nil }
      let difference = star.magnitude - differential.meanMagnitude(of: index)
      return difference.isNaN ? nil : ColourLine.Point(colour: star.colour, value: difference, variance: 1e-6)
    }
    offset = Median.of(series.inUse.map { differential.zeroPoints[$0] })
    guard !tied.isEmpty else { return }
    catalogueStars = tied.count
    switch colourTerm {
    case .none: tie(tied.map(\.value))
    case .given(let value):
      let coloured = tied.filter { $0.colour.isFinite }
      pivot = Median.of(coloured.map(\.colour))
      guard !coloured.isEmpty else {
        tie(tied.map(\.value))
        return
      }
      term = value
      catalogueStars = coloured.count
      tie(coloured.map { $0.value - value * ($0.colour - pivot) })
    case .fitted:
      // Errors of catalogues are not known: the scatter about the line tells them.
      guard let line = ColourLine(tied) else {
        tie(tied.map(\.value))
        return
      }
      (offset, variance) = (line.level, line.levelVariance)
      (term, termVariance, pivot) = (line.slope, line.slopeVariance, line.pivot)
      catalogueStars = tied.count { $0.colour.isFinite }
      catalogueScatter = line.scatter
    }
  }

  /// The median of differences; its variance is that of a median of normal values.
  private mutating func tie(_ differences: [Double]) {
    offset = Median.of(differences)
    guard differences.count >= 3 else { return }
    catalogueScatter = RobustScale.sigma(differences)
    variance = .pi / 2 * catalogueScatter * catalogueScatter / Double(differences.count)
  }

  /// Of a frame of the series for a star of some colour; NaN where no comparison star was measured, 0 where there is no
  /// comparison star at all. A star of unknown colour counts as one of the stars' mean colour.
  func zeroPoint(_ frame: Int, colour: Double = .nan) -> Double {
    differential.comparisons.isEmpty ? 0 : offset + colourPart(colour) - differential.zeroPoints[frame]
  }

  private func colourPart(_ colour: Double) -> Double {
    term == 0 || colour.isNaN ? 0 : term * (colour - pivot)
  }

  /// Variance that the tie to the catalogue adds to every magnitude of a star of some colour, mag^2; 0 for instrumental
  /// magnitudes and where fewer than three stars make the tie, which tell no error.
  func tieVariance(colour: Double) -> Double {
    let far = colour.isNaN ? 0 : colour - pivot
    return variance + termVariance * far * far
  }

  /// Median magnitude of a star over the frames in use; NaN when it was never measured or nothing to compare it with.
  func magnitude(of star: Int) -> Double {
    offset + colourPart(differential.series.stars[star].colour) + differential.meanMagnitude(of: star)
  }

  /// How the scale came about, in words; nil for an instrumental one.
  var sentence: String? {
    guard catalogueStars > 0 else { return nil }
    var text = "magnitudes are tied to \(catalogueStars) catalogue magnitudes"
    text +=
      catalogueScatter.isNaN
      ? ", too few to tell an error"
      : ", which scatter by \(ConstancyStatistics.milli(catalogueScatter)) mmag"
    if term != 0 {
      let error = termVariance > 0 ? " +- \(termVariance.squareRoot().fixed(3))" : ""
      text += "; colour term \(term.fixed(3))\(error)"
    } else if wanted == .fitted {
      text += "; fewer than \(ColourLine.fewest) of them have a colour, so there is no colour term"
    }
    return text
  }
}
