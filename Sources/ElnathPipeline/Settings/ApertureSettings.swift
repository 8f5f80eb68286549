import ElnathCore

/// An aperture as it is written: `{ kind = "circle", radius = 5.0 }`, `{ kind = "ellipse", a = 8.0, b = 5.0, angle = 30.0 }`,
/// `{ kind = "annulus", inner = 10.0, outer = 16.0 }`,
/// `{ kind = "elliptical_annulus", inner = 8.0, a = 12.0, b = 6.0, angle = 30.0 }`.
public struct ApertureSettings: Codable, Sendable, Equatable {
  /// Its shape, which decides which of the other keys it has.
  public var kind: ApertureKind
  /// Of a circle.
  public var radius: Double?
  /// Inner radius of an annulus; of an elliptical one the semi-axis of the hole along `a`.
  public var inner: Double?
  /// Outer radius of an annulus.
  public var outer: Double?
  /// Semi-axes of an ellipse or an elliptical annulus; `a` lies along `angle`.
  public var a: Double?
  public var b: Double?
  /// Degrees, counter-clockwise from +x of the reference frame; 0 where it is left out.
  public var angle: Double?
  /// px: the same pixels on all frames. fwhm: in units of each frame's FWHM (of the filter's median where that is below
  /// 2.5 px); of a sky annulus always the filter's median.
  public var unit: PlannedAperture.Unit?

  public init(kind: ApertureKind) { self.kind = kind }

  /// A circle, px.
  public init(radius: Double) {
    kind = .circle
    self.radius = radius
  }

  /// An annulus, px.
  public init(inner: Double, outer: Double) {
    kind = .annulus
    self.inner = inner
    self.outer = outer
  }

  private var given: [(name: String, value: Double?)] {
    [("radius", radius), ("inner", inner), ("outer", outer), ("a", a), ("b", b), ("angle", angle)]
  }

  /// Lengths that make sense: below, an aperture would lie within one pixel; above, no star is as large, and the memory
  /// for one would not be small.
  static func range(_ unit: PlannedAperture.Unit) -> ClosedRange<Double> { unit == .px ? 0.5...500 : 0.2...20 }

  /// The aperture, or why there is none.
  func planned() -> Result<PlannedAperture, Refusal> {
    let unit = unit ?? .px
    for (name, value) in given where value != nil && !kind.parameters.contains(name) {
      return .failure(Refusal("a \(kind.words) has no \(name); it has \(kind.parameters.joined(separator: ", "))"))
    }
    var values: [Double] = []
    for name in kind.parameters {
      guard let value = given.first(where: { $0.name == name })?.value ?? (name == "angle" ? 0 : nil) else {
        return .failure(Refusal("a \(kind.words) needs \(name); it has \(kind.parameters.joined(separator: ", "))"))
      }
      let range = Self.range(unit)
      let isLength = name != "angle" && !(name == "inner" && value == 0)
      guard !isLength || name == "inner" && value > 0 && value <= range.upperBound || range.contains(value) else {
        return .failure(
          Refusal(
            "\(value) \(unit.rawValue) is no \(name) of an aperture; give \(range.lowerBound) to \(range.upperBound)"))
      }
      values.append(value)
    }
    guard let planned = PlannedAperture(kind, values, unit: unit) else {
      let text = zip(kind.parameters, values).map { "\($0) = \($1)" }.joined(separator: ", ")
      return .failure(Refusal("\(text) is no \(kind.words); the hole must be smaller than the whole, numbers finite"))
    }
    return .success(planned)
  }

  /// Why numbers make no aperture.
  struct Refusal: Error, Equatable {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }
}

extension ApertureKind {
  /// `elliptical annulus`
  var words: String { String(rawValue.map { $0 == "_" ? " " : $0 }) }
}

extension StarSettings {
  /// What the star is measured with in place of the rule for all. `orientation`: of the sky there; nil when unknown.
  func photometry(
    at path: [String], orientation: SkyOrientation? = nil
  ) throws(SettingsProblem) -> StarPhotometry {
    var own = StarPhotometry()
    own.centroid = centroid
    if radius != nil && aperture != nil {
      throw SettingsProblem(path: path + ["aperture"], message: "'\(name)' has a radius too; give one of them")
    }
    if let settings = aperture ?? radius.map({ ApertureSettings(radius: $0) }) {
      let place = path + [aperture == nil ? "radius" : "aperture"]
      switch settings.planned() {
      case .failure(let refusal): throw SettingsProblem(path: place, message: refusal.reason)
      case .success(let planned):
        guard planned.unit == .px else {
          throw SettingsProblem(
            path: place + ["unit"], message: "a star's own aperture is the same on all frames; give it in px")
        }
        own.aperture = planned
      }
    }
    if let annulus {
      guard annulus.count == 2 else {
        throw SettingsProblem(path: path + ["annulus"], message: "\(annulus) is no annulus; give [inner, outer] in px")
      }
      switch ApertureSettings(inner: annulus[0], outer: annulus[1]).planned() {
      case .failure(let refusal): throw SettingsProblem(path: path + ["annulus"], message: refusal.reason)
      case .success: own.annulus = AnnularAperture(inner: annulus[0], outer: annulus[1])
      }
    }
    for sector in excludeSectors {
      guard sector.count == 2, sector.allSatisfy({ abs($0) <= 360 }), sector[0] != sector[1] else {
        throw SettingsProblem(
          path: path + ["exclude_sectors"],
          message: "\(sector) is no sector; give [from, to], position angles in degrees from -360 to 360")
      }
      own.excludedSectors.append(SkySector(positionAngles: sector[0], to: sector[1], orientation: orientation))
    }
    return own
  }
}
