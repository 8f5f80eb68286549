import ElnathCore

/// Table [measure] of the project file.
public struct MeasureSettings: Codable, Sendable, Equatable {
  /// `{ kind = "circle", radius = 5.0 }` or `{ kind = "annulus", inner = 10.0, outer = 16.0 }`, px.
  public struct Shape: Codable, Sendable, Equatable {
    public var kind: ApertureKind
    public var radius: Double?
    public var inner: Double?
    public var outer: Double?

    public init(kind: ApertureKind, radius: Double? = nil, inner: Double? = nil, outer: Double? = nil) {
      self.kind = kind
      self.radius = radius
      self.inner = inner
      self.outer = outer
    }
  }

  /// Radii in px, for all filters and frames. Left out: ten radii from 0.6 to 3.3 times the median FWHM of each filter,
  /// of which the light curve takes the best.
  public var radii: [Double]?
  /// The same as `radii`, spelt out as shapes.
  public var apertures: [Shape]?
  /// The sky annulus. Left out: from 4 times the median FWHM outwards, with ten times the pixels of an aperture.
  public var sky: Shape?
  /// auto: windowed for stars that are bright and alone on most frames, forced for all others. A centroid on a faint
  /// star finds the highest noise peak and makes the star too bright.
  public var centroid = MeasurementPlan.Choices.Centroid.auto
  /// auto: the noise model where it agrees with the scatter of the sky pixels, that scatter elsewhere; never both.
  public var noise = MeasurementPlan.NoiseSource.auto
  /// Detected stars that are measured beside those of the project: more than any choice of comparison stars needs.
  public var candidates = 200

  enum CodingKeys: String, CodingKey {
    case radii, apertures, sky, centroid, noise, candidates
  }

  public init() {}
}

extension MeasureSettings {
  /// The settings as the plan of the measuring takes them; what makes no sense is refused.
  public func choices() throws(PipelineError) -> MeasurementPlan.Choices {
    var choices = MeasurementPlan.Choices()
    choices.centroid = centroid
    choices.noise = noise
    choices.radii = try chosenRadii()
    choices.annulus = try chosenAnnulus()
    return choices
  }

  /// Which stars are measured.
  public func selection() throws(PipelineError) -> StarSelection {
    guard candidates >= 0 else {
      throw Self.refused("candidates", "\(candidates) stars cannot be measured; give 0 or more")
    }
    return StarSelection(candidates: candidates)
  }

  private func chosenRadii() throws(PipelineError) -> [Double]? {
    guard radii == nil || apertures == nil else {
      throw Self.refused("apertures", "stands beside measure.radii; give one of them")
    }
    var lengths = radii
    let key = radii == nil ? "apertures" : "radii"
    if let apertures {
      lengths = []
      for shape in apertures {
        guard shape.kind == .circle else {
          throw Self.refused(key, "stars are measured in circles, not in kind '\(shape.kind.rawValue)'")
        }
        guard let radius = shape.radius, shape.inner == nil, shape.outer == nil else {
          throw Self.refused(key, "a circle has a radius and no other length")
        }
        lengths?.append(radius)
      }
    }
    guard let lengths else { return nil }
    guard !lengths.isEmpty else {
      throw Self.refused(key, "is empty; give at least one radius in px, or leave the key out")
    }
    if let wrong = lengths.first(where: { !($0 >= 0.5 && $0 <= Self.largest) }) {
      throw Self.refused(key, "\(wrong) px is no radius of an aperture; give 0.5 to \(Self.largest)")
    }
    return lengths
  }

  private func chosenAnnulus() throws(PipelineError) -> AnnularAperture? {
    guard let sky else { return nil }
    guard sky.kind == .annulus else {
      throw Self.refused("sky", "the sky is measured in an annulus, not in kind '\(sky.kind.rawValue)'")
    }
    guard let inner = sky.inner, let outer = sky.outer, sky.radius == nil else {
      throw Self.refused("sky", "an annulus has an inner and an outer radius and no other length")
    }
    guard inner >= 0, outer > inner, outer <= 2 * Self.largest else {
      throw Self.refused("sky", "from \(inner) to \(outer) px is no annulus; give 0 <= inner < outer")
    }
    return AnnularAperture(inner: inner, outer: outer)
  }

  /// px; beyond any star, and small enough for the memory of one star.
  private static let largest = 500.0

  private static func refused(_ key: String, _ message: String) -> PipelineError {
    PipelineError(.configuration, "measure.\(key)", message)
  }
}
