#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ready-made nights over the HL Tau field with the 0.9 m telescope on Kitt Peak.
public enum SimulationPreset: String, Sendable, CaseIterable {
  /// 120 frames of 1024 x 1024 with everything that happens in a night: clouds, wind, bad seeing, a satellite.
  case demo
  /// The same night without any mishap.
  case clear
  /// 24 frames of 512 x 512 around HL Tau, with mishaps, for tests.
  case quick

  public var summary: String {
    switch self {
    case .demo: "120 frames of 1024 x 1024 with clouds, wind, bad seeing and a satellite"
    case .clear: "the same night without any mishap"
    case .quick: "24 frames of 512 x 512 with mishaps, for a quick try"
    }
  }

  /// `lights` light frames (nil: as many as the preset says); the story of the night is told over them.
  public func simulation(lights: Int? = nil, seed: UInt64 = 1) -> Simulation {
    let count = max(1, lights ?? (self == .quick ? 24 : 120))
    let size = self == .quick ? 512 : 1024
    var field = Sky.Field()
    // A smaller field needs more stars per area for an ensemble.
    if self == .quick { field.starsPerSquareArcminute = 5 }

    let camera = Camera(width: size, height: size)
    let site = Site(longitude: -111.6003, latitude: 31.9583, altitude: 2096, aperture: 0.9)
    // 2020-01-19, 02:20 UTC: the end of twilight on Kitt Peak, no Moon.
    var night = Night(
      site: site, day: 2_458_867.5, begin: 8400, span: self == .quick ? 1.2 : 5, lights: count)
    if self == .quick {
      night.driftX = 25
      night.driftY = 16
    }
    if self != .clear { night.mishaps = Self.mishaps(lights: count) }

    let margin = 2 * (max(night.driftX, night.driftY) + 40)
    let extent = (Double(size) + margin) * camera.pixelScale
    let sky = Sky(
      rightAscension: 67.88, declination: self == .quick ? 18.20 : 18.1175,
      named: Sky.youngStarsNearHLTau(span: night.span, extended: self == .demo), field: field, width: extent,
      height: extent, seed: seed)
    return Simulation(sky: sky, camera: camera, night: night, seed: seed)
  }

  /// The story of a night with mishaps. Fewer than 20 frames are too few to tell bad ones from, so they are all good.
  static func mishaps(lights: Int) -> [Int: Mishap] {
    guard lights >= 20 else { return [:] }
    var mishaps: [Int: Mishap] = [:]
    func at(_ share: Double, _ mishap: Mishap, plus: Int = 0) {
      let index = Int(share * Double(lights)) + plus
      if index < lights && mishaps[index] == nil { mishaps[index] = mishap }
    }
    at(0.20, .noLight)
    at(0.33, .trailed(14, angle: 0.5))
    at(0.43, .blurred(2.2))
    at(0.55, .cloud(4))
    if lights >= 60 {
      at(0.55, .cloud(1.6), plus: -1)
      at(0.55, .cloud(3.9), plus: 1)
      at(0.55, .cloud(1.2), plus: 2)
    }
    at(0.65, .satellite(left: 0.30, right: 0.62, brightness: 700))
    // A passage of cirrus too thin to matter.
    let (first, last) = (Int(0.74 * Double(lights)), Int(0.82 * Double(lights)))
    for index in first...last {
      let phase = Double(index - first + 1) / Double(last - first + 2)
      at(0, .cloud((0.27 * sin(.pi * phase) * 100).rounded() / 100), plus: index)
    }
    return mishaps
  }
}
