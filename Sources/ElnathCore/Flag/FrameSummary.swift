/// One light frame in the series: a row of `frames.csv`. `align` fills what the pixels tell, `flag` the rest.
public struct FrameSummary: Sendable, Equatable {
  /// What became of a frame: in use, in use with a warning, measured but not in use, not measured.
  public enum Status: String, Sendable, CaseIterable {
    case used, flagged, unused, rejected
  }

  /// Number in the series, from 1, by mid-time.
  public var frame: Int
  public var file: String
  public var filter: String
  /// Noon to noon at the site, by the date of its evening.
  public var night: String
  /// Mid-exposure; NaN where no header tells it.
  public var jdUTC: Double
  /// Seconds.
  public var exposure: Double
  /// Of the field.
  public var airmass = Double.nan
  /// Counts from 1; a meridian flip or a refocus begins the next one.
  public var segment = 1
  public var status = Status.used
  /// Nil where no transform was proven.
  public var registration: Registration?
  /// Where the centre of the reference frame lies in this frame, minus that centre, px; NaN when not registered.
  public var shiftX = Double.nan
  public var shiftY = Double.nan
  /// Median full width at half maximum of the stars, px, and ratio of their axes.
  public var fwhm = Double.nan
  public var elongation = Double.nan
  /// e-/px.
  public var sky = Double.nan
  public var detections = 0
  /// Flux relative to the clearest frames of the filter, extinction included.
  public var transparency = Double.nan
  /// The same by the stars that detection saw, before any is measured.
  public var detectedTransparency = Double.nan
  /// mag = zero point - 2.5 log10(flux/exposure), and its error, mag.
  public var zeroPoint = Double.nan
  public var zeroPointError = Double.nan
  /// Comparison stars that entered, and how they scatter about the solution, mag; nil where nothing was solved.
  public var comparisons: Int?
  public var comparisonRMS = Double.nan
  /// Degrees.
  public var sunAltitude = Double.nan
  public var moonAltitude = Double.nan
  public var moonSeparation = Double.nan
  public var flags: QualityFlags = []
  /// Why the frame is flagged, unused or rejected: one clause a cause, joined by "; ".
  public var reason = ""

  public init(frame: Int, file: String, filter: String, night: String, jdUTC: Double, exposure: Double) {
    self.frame = frame
    self.file = file
    self.filter = filter
    self.night = night
    self.jdUTC = jdUTC
    self.exposure = exposure
  }
}
