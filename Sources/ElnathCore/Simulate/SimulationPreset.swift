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
  /// 48 frames of 512 x 512 through R and Ha in turn, without mishaps; young stars have the line in emission.
  case line
  /// Raw frames of the size of the Half Degree Imager, read through one amplifier and through four, with all that a
  /// detector can have: spoilt columns, unstable pixels, particles.
  case hdi1, hdi4

  public var summary: String {
    switch self {
    case .demo: "120 frames of 1024 x 1024 with clouds, wind, bad seeing and a satellite"
    case .clear: "the same night without any mishap"
    case .quick: "24 frames of 512 x 512 with mishaps, for a quick try"
    case .line: "48 frames of 512 x 512, R and Ha in turn, with the line in emission in young stars"
    case .hdi1: "22 frames of 4096 x 4112 through one amplifier, with particles and defects of the detector (1.6 GB)"
    case .hdi4: "the same through four amplifiers of different gains (1.6 GB)"
    }
  }

  /// `lights` light frames (nil: as many as the preset says); the story of the night is told over them.
  public func simulation(lights: Int? = nil, seed: UInt64 = 1) -> Simulation {
    if self == .hdi1 || self == .hdi4 { return halfDegree(lights: lights ?? 22, seed: seed) }
    let isSmall = self == .quick || self == .line
    let count = max(1, lights ?? (self == .quick ? 24 : self == .line ? 48 : 120))
    let size = isSmall ? 512 : 1024
    var field = Sky.Field()
    // A smaller field needs more stars per area for an ensemble.
    if isSmall { field.starsPerSquareArcminute = 5 }

    let camera = Camera(width: size, height: size)
    // 2020-01-19, 02:20 UTC: the end of twilight on Kitt Peak, no Moon.
    var night = Night(
      site: Self.kittPeak, day: 2_458_867.5, begin: 8400, span: isSmall ? 1.2 : 5, lights: count)
    if isSmall {
      night.driftX = 25
      night.driftY = 16
    }
    if self == .line { night.otherPassbands = [.hydrogenAlpha] }
    if self == .demo || self == .quick { night.mishaps = Self.mishaps(lights: count) }

    return simulation(of: camera, night: night, field: field, seed: seed)
  }

  /// The young stars and a random field around them, wide enough for the drift of the night.
  private func simulation(of camera: Camera, night: Night, field: Sky.Field, seed: UInt64) -> Simulation {
    let margin = 2 * (max(night.driftX, night.driftY) + 40)
    let width = (Double(camera.width) + margin) * camera.pixelScale
    let height = (Double(camera.height) + margin) * camera.pixelScale
    let sky = Sky(
      rightAscension: 67.88, declination: camera.width < 1000 ? 18.20 : 18.1175,
      named: Sky.youngStarsNearHLTau(span: night.span, extended: self == .demo), field: field, width: width,
      height: height, seed: seed)
    return Simulation(sky: sky, camera: camera, night: night, seed: seed)
  }

  /// One night without mishaps with the whole detector, unbinned.
  private func halfDegree(lights: Int, seed: UInt64) -> Simulation {
    var camera = Camera(width: 4096, height: 4112)
    camera.binning = 1
    camera.pixelScale = 0.425
    camera.pixelPitch = 15
    camera.hotPixels = 4000
    camera.deadPixels = 800
    camera.unstablePixels = 200
    camera.badColumns = 6
    camera.dustRings = 30
    camera.cosmicRays = 2
    camera.darkCurrent = 0.005
    if self == .hdi1 {
      camera.overscanColumns = 54
      camera.overscanRows = 38
    } else {
      camera.outputs = [
        .init(name: "ll", gain: 1.25, readNoise: 7.7, biasLevel: 2920, ramp: 2),
        .init(name: "lr", gain: 1.31, readNoise: 7.1, biasLevel: 3040, ramp: 2),
        .init(name: "ul", gain: 1.36, readNoise: 7.5, biasLevel: 3110, ramp: 2),
        .init(name: "ur", gain: 1.28, readNoise: 6.8, biasLevel: 2985, ramp: 2),
      ]
    }
    var night = Night(site: Self.kittPeak, day: 2_458_867.5, begin: 8400, span: 1.5, lights: max(1, lights))
    night.exposure = 120
    night.readout = self == .hdi1 ? 35 : 9
    night.seeing = 1.7
    night.driftX = 60
    night.driftY = 40
    var simulation = simulation(of: camera, night: night, field: Sky.Field(), seed: seed)
    simulation.statesSections = false
    return simulation
  }

  private static let kittPeak = Site(longitude: -111.6003, latitude: 31.9583, altitude: 2096, aperture: 0.9)

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
