// How much constant stars scatter when they have gone all the way from raw frames to light curves.
import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite("constant stars from raw frames to light curves")
struct ConstantStarsTests {
  struct Scene: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Magnitudes per square arcsec.
    var sky: Double
    var seed: UInt64
  }

  static let scenes = [
    Scene(testDescription: "dark sky", sky: 21, seed: 11), Scene(testDescription: "full Moon", sky: 17.3, seed: 12),
  ]

  static let magnitudes = [13.2, 14.5, 15.8, 17.1, 18.4]
  /// The first of each magnitude is a target, in whose radius the others are looked at.
  static let starsPerMagnitude = 8
  static let frames = 30

  @Test("Constant stars of every magnitude scatter by at most a tenth more than is inevitable", arguments: scenes)
  func scatter(_ scene: Scene) async throws {
    let series = try await SimulatedSeries(Self.simulation(scene), preset: .quick)
    #expect(series.inUse.count == Self.frames)
    var all: [Double] = []
    for magnitude in Self.magnitudes {
      let target = try #require(series.curves.curves.first { $0.target.name == Self.name(magnitude, 0) })
      var values: [Double] = []
      for number in 0..<Self.starsPerMagnitude {
        values += try Self.deviations(of: Self.name(magnitude, number), in: target, of: series)
      }
      // Bad pixels pass through some stars.
      #expect(values.count > Self.starsPerMagnitude * Self.frames * 3 / 4)
      let statistics = PullStatistics(values)
      // Two standard errors of some 230 values; all magnitudes together must do without.
      #expect(statistics.sigma < 1.10 + 2 * statistics.sigmaError, "\(magnitude) mag: \(statistics)")
      all += values
    }
    let statistics = PullStatistics(all)
    #expect(statistics.sigma < 1.10 && statistics.sigma > 0.93, "\(statistics)")
  }

  static func name(_ magnitude: Double, _ number: Int) -> String { "K\(Int(10 * magnitude))-\(number)" }

  static func simulation(_ scene: Scene) -> Simulation {
    var camera = Camera(width: 448, height: 448)
    // As many as a good detector has: each passes through some star and takes points away.
    (camera.hotPixels, camera.deadPixels) = (60, 20)
    var night = Night(
      site: Site(longitude: -111.6003, latitude: 31.9583, altitude: 2096, aperture: 0.9), day: 2_458_867.5,
      begin: 8400, span: 1.5, lights: frames)
    night.driftX = 12
    night.driftY = 7
    night.passband.skyBrightness = scene.sky
    // Neighbours come and go with the seeing, which no aperture can help.
    var field = Sky.Field(starsPerSquareArcminute: 6)
    field.clearance = 16
    let frame = Sky(rightAscension: 67.9, declination: 18.2, stars: [])
    var named: [Sky.Star] = []
    for (row, magnitude) in magnitudes.enumerated() {
      for number in 0..<starsPerMagnitude {
        // Rows and columns that keep away from the edges, a little off the grid of pixels.
        let east = 40.3 * (Double(number) - 3.5) + 6.1 * Double(row - 2)
        let north = 62.7 * (Double(row) - 2) + 3.7 * Double(number - 4)
        let place = frame.coordinates(east: east, north: north)
        named.append(
          Sky.Star(
            name: name(magnitude, number), role: number == 0 ? .target : .measure,
            rightAscension: place.rightAscension, declination: place.declination, magnitude: magnitude))
      }
    }
    let extent = (448 + 2 * (12 + 40)) * camera.pixelScale
    let sky = Sky(
      rightAscension: 67.9, declination: 18.2, named: named, field: field, width: extent, height: extent,
      seed: scene.seed)
    return Simulation(sky: sky, camera: camera, night: night, seed: scene.seed)
  }

  /// Deviations of a star's flux from its mean, in units of what is inevitable in the radius of `target`.
  static func deviations(of name: String, in target: LightCurve, of series: SimulatedSeries) throws -> [Double] {
    let number = try #require(series.table.stars.firstIndex { $0.name == name })
    let truth = try #require(series.trueStar(name))
    let ensemble = try comparisons(of: series)
    let points = Dictionary(uniqueKeysWithValues: target.points.map { ($0.frame.frame, $0) })
    let radius = try #require(target.points.first { $0.used }).radius
    let spoilt: QualityFlags = [.saturated, .maskedPixel, .pastEdge, .noSky, .skyGradient]
    var values: [(flux: Double, variance: Double)] = []
    for measurement in series.table.measurements {
      guard let point = points[measurement.frame], point.used, point.frame.zeroPoint.isFinite,
        let aperture = (0..<measurement.radii).first(where: { measurement[number, $0].radius == radius }),
        measurement[number, aperture].flags.isDisjoint(with: spoilt)
      else { continue }
      let frame = Inevitable(series.simulation, frame: measurement.frame - 1, radius: radius)
      let own = frame.relativeVariance(of: truth, skyPixels: measurement.stars[number].skyCount)
      let precision = ensemble.reduce(0) { sum, comparison in
        let pixels = measurement.stars[comparison.number].skyCount
        return sum + 1 / frame.relativeVariance(of: comparison.truth, skyPixels: pixels)
      }
      let flux = measurement[number, aperture].flux * Magnitude.flux(point.frame.zeroPoint)
      values.append((flux, own + 1 / precision))
    }
    let n = Double(values.count)
    let mean = values.reduce(0) { $0 + $1.flux } / n
    return values.map { ($0.flux / mean - 1) / ($0.variance * (n - 1) / n).squareRoot() }
  }

  /// Comparison stars by their numbers in the table and in the simulated sky.
  static func comparisons(of series: SimulatedSeries) throws -> [(number: Int, truth: Int)] {
    try series.curves.comparisons.filter(\.used).map { comparison in
      let number = try #require(series.table.stars.firstIndex { $0.name == comparison.star })
      let star = try #require(series.trueStar(at: series.table.stars[number].position))
      return (number, try #require(series.trueStar(star.name)))
    }
  }

  /// The noise that nobody can better on one frame in one radius: photons of star and sky, read noise, dark, what the
  /// sky level is not known by, scintillation.
  struct Inevitable {
    let stars: [Simulation.StarImage]
    let share: Double
    let area: Double
    /// Variance of one sky pixel, e-^2.
    let pixel: Double
    let scintillation: Double

    init(_ simulation: Simulation, frame: Int, radius: Double) {
      let conditions = simulation.conditions(frame)
      let camera = simulation.camera
      stars = simulation.stars(in: frame)
      share = conditions.pointSpread.enclosed(radius: radius)
      area = .pi * radius * radius
      pixel =
        conditions.sky + camera.readNoise * camera.readNoise + camera.darkCurrent * simulation.night.exposure
      scintillation = conditions.scintillation
    }

    func relativeVariance(of star: Int, skyPixels: Int) -> Double {
      let flux = stars[star].flux * share
      let sky = area * pixel * (1 + area / Double(skyPixels))
      return (flux + sky) / (flux * flux) + scintillation * scintillation
    }
  }
}
