// Small simulated cameras and nights for tests of the reduction: not square, and with enough of everything on 30,000
// pixels.
import ElnathCore

enum SmallDetector {
  /// 192 x 160 pixels through one output, or through four whose gains differ by a quarter.
  static func camera(outputs: Int) -> Camera {
    var camera = Camera(width: 192, height: 160)
    camera.overscanColumns = 48
    camera.hotPixels = 60
    camera.deadPixels = 30
    camera.dustRings = 2
    camera.darkCurrent = 0.05
    if outputs == 4 {
      camera.outputs = [
        .init(name: "ll", gain: 1.15, readNoise: 7.7, biasLevel: 2920, ramp: 2),
        .init(name: "lr", gain: 1.30, readNoise: 6.1, biasLevel: 3040, ramp: 2),
        .init(name: "ul", gain: 1.45, readNoise: 8.5, biasLevel: 3110, ramp: 2),
        .init(name: "ur", gain: 1.22, readNoise: 6.8, biasLevel: 2985, ramp: 2),
      ]
    }
    return camera
  }

  /// A short night of few calibration frames, so that the noise of masters is felt.
  static func night(_ camera: Camera, lights: Int, seed: UInt64, stars: Bool = true, sky: Double = 20.5) -> Simulation {
    let site = Site(longitude: -111.6003, latitude: 31.9583, altitude: 2096, aperture: 0.9)
    var night = Night(site: site, day: 2_458_867.5, begin: 8400, span: 1, lights: lights)
    night.driftX = 12
    night.driftY = 8
    night.passband.skyBrightness = sky
    var field = Sky.Field(starsPerSquareArcminute: stars ? 75 : 0.3)
    field.brightest = stars ? 14 : 30
    field.faintest = stars ? 19 : 31
    let sky = Sky(
      rightAscension: 67.88, declination: 18.2, named: [], field: field, width: 260 * camera.pixelScale,
      height: 230 * camera.pixelScale, seed: seed)
    var simulation = Simulation(sky: sky, camera: camera, night: night, seed: seed)
    simulation.biases = 5
    simulation.darks = 3
    simulation.flats = 3
    return simulation
  }
}
