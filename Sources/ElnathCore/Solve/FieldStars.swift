/// A star of a catalogue, as far as recognising a field needs it.
public struct SkyStar: Sendable, Equatable {
  public var sky: SkyPoint
  /// NaN where it is not known.
  public var magnitude: Double

  public init(sky: SkyPoint, magnitude: Double = .nan) {
    self.sky = sky
    self.magnitude = magnitude
  }
}

/// The stars that were found on one image.
public struct FieldImage: Sendable {
  /// Brightest first.
  public var places: [PixelPoint]
  public var width: Int
  public var height: Int

  /// `stars`: places and fluxes in any order; the brighter one of equals comes first.
  public init(stars: [(place: PixelPoint, flux: Double)], width: Int, height: Int) {
    places = stars.enumerated().sorted {
      ($1.element.flux, $0.offset) < ($0.element.flux, $1.offset)
    }.map(\.element.place)
    self.width = width
    self.height = height
  }

  public init(_ sources: [CatalogSource], width: Int, height: Int) {
    self.init(stars: sources.map { ($0.position, $0.flux) }, width: width, height: height)
  }

  public init(_ frame: FrameSources) {
    self.init(stars: frame.sources.map { ($0.position, $0.flux) }, width: frame.width, height: frame.height)
  }

  var centre: PixelPoint { PixelPoint(x: Double(width - 1) / 2, y: Double(height - 1) / 2) }
  var area: Double { Double(width) * Double(height) }
  var diagonal: Double { (Double(width) * Double(width) + Double(height) * Double(height)).squareRoot() }

  func covers(_ place: PixelPoint) -> Bool { place.lies(inWidth: width, height: height) }
}

/// Where on the sky an image may lie.
public struct FieldHint: Sendable, Equatable {
  /// The middle of the image is within `radius` degrees of here.
  public var centre: SkyPoint
  public var radius: Double
  /// Arcseconds per pixel.
  public var scale: ClosedRange<Double>

  public init(centre: SkyPoint, radius: Double, scale: ClosedRange<Double>) {
    self.centre = centre
    self.radius = radius
    self.scale = scale
  }
}

/// An image that was matched to a catalogue, and what proves it.
public struct FieldSolution: Sendable, Equatable {
  public var projection: SkyProjection
  /// Stars of the image (by brightness, from 0) and of the catalogue (as given).
  public var pairs: [Pair]
  /// Root mean square of the residuals along one axis, of `fitted` pairs without outliers.
  public var residual: Double
  public var residualArcsec: Double
  public var fitted: Int
  /// Probability that chance alone gives as good a match among all that were tried.
  public var falseMatch: Double
  /// Order of the polynomials: 1 without distortion.
  public var order: Int

  /// A star of the image and the star of the catalogue that it is.
  public struct Pair: Sendable, Equatable {
    public var image: Int
    public var star: Int
  }
}
