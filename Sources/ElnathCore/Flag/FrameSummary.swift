/// One light frame in the series: a row of `frames.csv`. `align` fills what the pixels tell, `flag` the rest.
public struct FrameSummary: Sendable, Equatable {
  public enum Status: String, Sendable, CaseIterable {
    case used, flagged, unused, rejected
  }

  /// Number in the series, from 1, by mid-time.
  public var frame: Int
  public var file: String
  public var filter: String
  public var night: String
  public var jdUTC: Double
  public var exposure: Double
  public var airmass = Double.nan
  /// Counts from 1; a meridian flip or a refocus begins the next one.
  public var segment = 1
  public var status = Status.used
  /// Nil where no transform was proven.
  public var registration: Registration?
  /// Where the centre of the reference frame lies in this frame, minus that centre, px; NaN when not registered.
  public var shiftX = Double.nan
  public var shiftY = Double.nan
  public var fwhm = Double.nan
  public var elongation = Double.nan
  /// e-/px.
  public var sky = Double.nan
  public var detections = 0
  public var transparency = Double.nan
  /// The same by the stars that detection saw, before any is measured.
  public var detectedTransparency = Double.nan
  public var zeroPoint = Double.nan
  public var zeroPointError = Double.nan
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
