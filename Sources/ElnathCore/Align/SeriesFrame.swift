/// One light frame of the series before alignment: its row, and its sources unless it was rejected earlier.
public struct SeriesFrame: Sendable, Equatable {
  public var summary: FrameSummary
  /// Nil where the frame could not be read or reduced; the summary is then `rejected` with flags and reason.
  public var sources: FrameSources?

  public init(summary: FrameSummary, sources: FrameSources?) {
    self.summary = summary
    self.sources = sources
  }
}

/// A star of the field, in the pixels of the reference frame: from the stack, else from the detections of all frames that
/// matched it.
public struct CatalogSource: Sendable, Equatable {
  /// `S0001` ... by brightness.
  public var name: String
  public var position: PixelPoint
  /// On the reference frame, e-.
  public var flux: Double
  public var fwhm: Double
  /// Fraction of the registered frames on which it was detected (0 where only the stack shows it), and fraction of these
  /// on which its core was saturated.
  public var detected: Double
  public var saturated: Double
  /// Nil where the field is not matched to the sky.
  public var sky: SkyPoint?

  public init(
    name: String, position: PixelPoint, flux: Double, fwhm: Double, detected: Double = 1, saturated: Double = 0
  ) {
    self.name = name
    self.position = position
    self.flux = flux
    self.fwhm = fwhm
    self.detected = detected
    self.saturated = saturated
  }
}

/// The result of `align`: every frame's row, the reference and the stars of the field.
public struct Alignment: Sendable {
  /// In the order of the series; registered or rejected.
  public var frames: [FrameSummary]
  /// Number of the reference frame.
  public var reference: Int
  /// Size of the reference frame, trimmed.
  public var width: Int
  public var height: Int
  /// Brightest first.
  public var sources: [CatalogSource]
  /// Of all frames that were read, by frame.
  public var trails: [FrameTrail] = []
  /// Of the detector; empty where they are not known to stand still while the sky moves.
  public var hotPixels: [HotPixel] = []

  public init(frames: [FrameSummary], reference: Int, width: Int, height: Int, sources: [CatalogSource]) {
    self.frames = frames
    self.reference = reference
    self.width = width
    self.height = height
    self.sources = sources
  }
}

/// The trail of a satellite on one frame.
public struct FrameTrail: Sendable, Equatable {
  /// Number of the frame in the series, from 1.
  public var frame: Int
  public var trail: SatelliteTrail

  public init(frame: Int, trail: SatelliteTrail) {
    self.frame = frame
    self.trail = trail
  }
}
