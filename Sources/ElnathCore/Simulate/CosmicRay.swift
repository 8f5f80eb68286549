#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The charge that one particle leaves in a simulated frame.
///
/// Three of four are muons: straight tracks through the silicon, zenith angles as cos^2, some 70 e- per micrometre with
/// the long tail of Moyal's distribution (1955, Phil. Mag. 46, 263). The others are Compton electrons that wander until
/// they stop: 3.65 eV make an electron, and 100 keV reach some 80 micrometres.
public struct CosmicRay: Sendable, Equatable {
  /// Electrons in one pixel of the trimmed frame.
  public struct Deposit: Sendable, Equatable {
    public var x: Int
    public var y: Int
    public var electrons: Float
  }

  /// Pixels that get at least one electron, by row and column.
  public var deposits: [Deposit]

  public init(deposits: [Deposit]) { self.deposits = deposits }

  public var electrons: Double { deposits.reduce(0) { $0 + Double($1.electrons) } }

  /// A particle that comes through `camera` at a random place.
  init(through camera: Camera, _ random: inout SeededGenerator) {
    let start = PixelPoint(
      x: random.uniform(-0.5..<Double(camera.width) - 0.5), y: random.uniform(-0.5..<Double(camera.height) - 0.5))
    var track = Track(start: start, angle: random.uniform(0..<2 * .pi))
    if random.uniform() < 0.75 {
      // Through a level surface: cos^2 of the sky times the cosine of the surface.
      let cosine = max(0.1, pow(random.uniform(), 0.25))
      let path = camera.thickness / cosine
      let z = random.normal()
      let perMicrometre = min(70 + 7 * -log(max(z * z, 1e-12)), 700)
      track.length = path * (1 - cosine * cosine).squareRoot() / camera.pixelPitch
      track.electrons = max(0, perMicrometre) * path
    } else {
      let energy = 10 * pow(20, random.uniform())
      track.length = 78 * pow(energy / 100, 1.65) / camera.pixelPitch
      track.electrons = energy * 1000 / 3.65
      track.wander = 0.5
    }
    deposits = track.deposits(in: camera, &random)
  }

  /// A path in steps of a fifth of a pixel at most, each of which leaves its share of the charge around it.
  private struct Track {
    var start: PixelPoint
    var angle: Double
    /// Pixels.
    var length = 0.0
    var electrons = 0.0
    /// Standard deviation by which the direction turns per step, radians.
    var wander = 0.0

    func deposits(in camera: Camera, _ random: inout SeededGenerator) -> [Deposit] {
      let steps = max(40, Int(length / 0.2))
      let share = Float(electrons / Double(steps))
      // Charge spreads by some 6 micrometres on its way to the gates.
      let spread = 6 / camera.pixelPitch
      var (x, y, direction) = (start.x, start.y, angle)
      var pixels: [Int: Float] = [:]
      for _ in 0..<steps {
        let u = Int((x + spread * random.normal()).rounded())
        let v = Int((y + spread * random.normal()).rounded())
        if u >= 0, v >= 0, u < camera.width, v < camera.height { pixels[v * camera.width + u, default: 0] += share }
        x += length / Double(steps) * cos(direction)
        y += length / Double(steps) * sin(direction)
        if wander > 0 { direction += wander * random.normal() }
      }
      return pixels.keys.sorted().compactMap { place in
        guard let electrons = pixels[place], electrons >= 1 else { return nil }
        return Deposit(x: place % camera.width, y: place / camera.width, electrons: electrons)
      }
    }
  }
}

extension Simulation {
  /// What particles left in frame `index` of `kind`: as many as come during the exposure and half of the readout.
  public func cosmicRays(_ kind: Observation.Kind, _ index: Int) -> [CosmicRay] {
    let purpose: Purpose
    let exposure: Double
    switch kind {
    case .bias: (purpose, exposure) = (.biasRays, 0)
    case .dark: (purpose, exposure) = (.darkRays, darkExposure)
    case .flat: (purpose, exposure) = (.flatRays, flatExposure)
    case .light, .unknown: (purpose, exposure) = (.lightRays, night.exposure)
    }
    guard camera.cosmicRays > 0 else { return [] }
    var random = generator(purpose, index)
    let area = Double(camera.width * camera.height) * camera.pixelPitch * camera.pixelPitch * 1e-8
    let expected = camera.cosmicRays * area * (exposure + night.readout / 2) / 60
    let count = Int(random.poisson(expected))
    return (0..<count).map { _ in CosmicRay(through: camera, &random) }.filter { !$0.deposits.isEmpty }
  }
}
