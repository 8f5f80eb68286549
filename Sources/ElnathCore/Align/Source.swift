/// A star-like object that was detected on one frame, on its own.
public struct Source: Sendable, Equatable {
  /// Windowed position in the pixels of the frame.
  public var position: PixelPoint
  /// Variance of the position along one axis, px^2.
  public var positionVariance: Double
  /// Flux above the background within the detection window, e-; good to about 10 per cent.
  public var flux: Double
  public var fluxError: Double
  /// Full width at half maximum, px.
  public var fwhm: Double
  /// Axis ratio a/b, 1 for a round star.
  public var elongation: Double
  /// Highest pixel above the background, e-.
  public var peak: Double
  /// What the mask says of the pixels within one FWHM.
  public var mask: PixelMask

  public init(
    position: PixelPoint, positionVariance: Double, flux: Double, fluxError: Double, fwhm: Double,
    elongation: Double, peak: Double, mask: PixelMask
  ) {
    self.position = position
    self.positionVariance = positionVariance
    self.flux = flux
    self.fluxError = fluxError
    self.fwhm = fwhm
    self.elongation = elongation
    self.peak = peak
    self.mask = mask
  }
}

/// All that pass 1 keeps of a frame: its sources and its sky, but no pixels.
public struct FrameSources: Sendable, Equatable {
  public var observation: Observation
  /// Size of the trimmed frame.
  public var width: Int
  public var height: Int
  /// Brightest first.
  public var sources: [Source]
  /// Median FWHM and elongation of the unsaturated, well-measured sources; NaN without any.
  public var fwhm: Double
  public var elongation: Double
  /// Median level of the background mesh, e-/px, and its noise per pixel, e-.
  public var sky: Double
  public var skySigma: Double
  /// Trails of satellites.
  public var trails: [SatelliteTrail] = []
  /// Bright pixels that no star can make: hot ones and cosmic rays.
  public var spikes: [PixelSpike] = []
  /// The frame in a few thousand boxes; nil for a small one.
  public var thumbnail: SkyThumbnail?

  public init(
    observation: Observation, width: Int, height: Int, sources: [Source], fwhm: Double, elongation: Double,
    sky: Double, skySigma: Double
  ) {
    self.observation = observation
    self.width = width
    self.height = height
    self.sources = sources
    self.fwhm = fwhm
    self.elongation = elongation
    self.sky = sky
    self.skySigma = skySigma
  }
}

/// A single pixel that stands out as no star can.
public struct PixelSpike: Sendable, Equatable {
  public var x: Int
  public var y: Int
  /// Light above the sky, e-.
  public var excess: Double

  public init(x: Int, y: Int, excess: Double) {
    self.x = x
    self.y = y
    self.excess = excess
  }
}
