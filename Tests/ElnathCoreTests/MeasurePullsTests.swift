import ElnathCore
import ElnathTestSupport
import Testing

/// Error bars against the truth: (measured - true)/error over thousands of seeded exposures.
///
/// True is the noiseless light in the same aperture at the star's true place, without sky.
@Suite struct MeasurePullsTests {
  struct Scene: Sendable, CustomTestStringConvertible {
    var name: String
    var flux: Double
    var sky: Double
    var gain = 1.4
    var readNoise = 5.0
    var dark = 0.0
    var fwhm = 4.0
    var flatWave = 0.0
    var centroid = CentroidMode.forced
    var noise = MeasurementPlan.NoiseSource.auto
    var pedestalKnown = true
    var scintillation = false
    /// In FWHM.
    var radii = [0.75, 1.25, 2.2]
    var testDescription: String { name }
  }

  static let scenes: [Scene] = [
    Scene(name: "faint, dark sky", flux: 300, sky: 30),
    Scene(name: "faint, moonlit sky", flux: 1000, sky: 2500),
    Scene(name: "read noise alone", flux: 300, sky: 0.5, readNoise: 9),
    Scene(name: "photons of the source alone", flux: 3000, sky: 1, gain: 0.5, readNoise: 1),
    Scene(name: "dark current", flux: 1000, sky: 5, readNoise: 4, dark: 400),
    Scene(name: "coarse digitisation", flux: 3000, sky: 60, gain: 12, readNoise: 2),
    Scene(name: "few photons a pixel", flux: 300, sky: 6, gain: 1, readNoise: 1.5),
    Scene(name: "scatter of the sky", flux: 3000, sky: 300, noise: .measured),
    Scene(name: "unknown zero level", flux: 30_000, sky: 300, pedestalKnown: false),
    Scene(name: "flat", flux: 30_000, sky: 800, flatWave: 0.1),
    Scene(name: "centroid at its faint limit", flux: 2200, sky: 300, centroid: .windowed),
    Scene(name: "centroid, bright", flux: 30_000, sky: 300, centroid: .windowed),
    Scene(name: "centroid, very bright", flux: 300_000, sky: 100, centroid: .windowed),
    Scene(name: "centroid, moonlit", flux: 100_000, sky: 2500, centroid: .windowed),
    Scene(name: "scintillation", flux: 300_000, sky: 100, scintillation: true),
  ]

  @Test(arguments: scenes) func pullsAreStandardNormal(_ scene: Scene) {
    let pulls = Self.pulls(scene, exposures: 2500)
    for (k, values) in pulls.enumerated() {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      let sigma = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
      print("PULL \(scene.name) r\(k) mean \(mean) sigma \(sigma)")
      // The project's promise; the sampling error of 2500 pulls is 0.02 and 0.014.
      #expect(abs(mean) < 0.05, "radius \(scene.radii[k]) FWHM: mean \(mean)")
      #expect(abs(sigma - 1) < 0.05, "radius \(scene.radii[k]) FWHM: sigma \(sigma)")
    }
  }

  /// Pulls of each radius.
  static func pulls(_ scene: Scene, exposures: Int) -> [[Double]] {
    let annulus = ApertureDefaults.annulus(fwhm: scene.fwhm, largestRadius: 3 * scene.fwhm)
    let size = 2 * Int(annulus.outer) + 5
    var simulator = StampSimulator(
      size: size, fwhm: scene.fwhm, sky: scene.sky, gain: scene.gain, readNoise: scene.readNoise)
    simulator.dark = scene.dark
    simulator.flatWave = scene.flatWave
    simulator.pedestalKnown = scene.pedestalKnown
    let site = Site(longitude: 0, latitude: 0, altitude: 500, aperture: 0.4)
    if scene.scintillation {
      simulator.exposure = 10
      simulator.scintillation =
        Scintillation.relativeVariance(site: site, exposure: simulator.exposure, airmass: 1.5).squareRoot()
    }
    let radii = scene.radii.map { ($0 * scene.fwhm * 10).rounded() / 10 }
    let registration = Registration(transform: .identity, method: .reference, matched: 1, residual: 0)
    var random = SeededGenerator(seed: 20_240)
    var pulls = [[Double]](repeating: [], count: radii.count)
    for _ in 0..<exposures {
      let middle = Double(size / 2)
      let place = PixelPoint(x: middle + random.uniform(-0.5..<0.5), y: middle + random.uniform(-0.5..<0.5))
      let frame = simulator.exposure(flux: scene.flux, at: place, &random)
      let plan = simulator.plan(
        at: place, radii: radii, annulus: annulus, centroid: scene.centroid, noise: scene.noise,
        site: scene.scintillation ? site : nil)
      let measured = AperturePhotometry(plan: plan)(frame, registration: registration, number: 1, airmass: 1.5)
      let star = PixelGrid(width: size, height: size, pixels: simulator.star(at: place).map { Float($0) })
      for k in radii.indices {
        let aperture = measured[0, k]
        let truth = scene.flux * CircularAperture(radius: radii[k]).weights(centeredAt: place).sum(over: star).sum
        pulls[k].append((aperture.flux - truth) / aperture.fluxError)
      }
    }
    return pulls
  }
}
