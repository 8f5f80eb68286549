import ElnathCore

/// Frames of the simulated night, reduced in the simplest way: the input of the kernels behind the reduction.
struct SimulatedFrames {
  let simulation: Simulation

  /// Frames of 1024 x 1024.
  init() { simulation = SimulationPreset.clear.simulation() }

  /// Frames of any size with about so many stars for detection to find.
  init(width: Int, height: Int, stars: Int) {
    let night = SimulationPreset.clear.simulation().night
    let camera = Camera(width: width, height: height)
    let extent = (Double(max(width, height)) + 300) * camera.pixelScale
    var field = Sky.Field()
    field.brightest = 12
    field.faintest = 17.5
    let area = Double(width * height) * camera.pixelScale * camera.pixelScale / 3600
    field.starsPerSquareArcminute = Double(stars) / area
    let sky = Sky(
      rightAscension: 67.88, declination: 18.1175, named: [], field: field, width: extent, height: extent, seed: 1)
    simulation = Simulation(sky: sky, camera: camera, night: night, seed: 1)
  }

  /// Light frame number `index`, from 0, with its mid-time, filter and exposure.
  func frame(_ index: Int) -> Frame { reduction(index).frame() }

  /// Its raw pixels, ADU.
  func raw(_ index: Int) -> PixelGrid<Float> {
    let light = simulation.light(index)
    return PixelGrid(width: light.width, height: light.height, pixels: light.pixels.map { Float($0) })
  }

  /// The same before a pixel is reduced.
  func reduction(_ index: Int) -> FrameReduction {
    let light = simulation.light(index)
    let camera = simulation.camera
    var observation = Observation(file: "\(index).fits", kind: .light, width: light.width, height: light.height)
    observation.trim = camera.trim
    observation.overscan = camera.overscan
    observation.exposure = simulation.night.exposure
    observation.filter = simulation.night.passband.name
    observation.jdUTC = 2_458_867.6 + Double(index) * 0.0017
    let adu = PixelGrid(width: light.width, height: light.height, pixels: light.pixels.map { Float($0) })
    let detector = BiasDarkFlat.Detector(
      gain: camera.gain, readNoise: camera.readNoise, saturation: camera.saturation)
    let raw = RawFrame(observation: observation, adu: adu)
    guard let reduction = BiasDarkFlat(masters: Masters()).prepared(raw, detector: detector) else {
      preconditionFailure("a reduction without masters fits every frame")
    }
    return reduction
  }

  /// The sources of `count` frames.
  func series(_ count: Int) -> [SeriesFrame] {
    (0..<count).map { index in
      let sources = SourceDetection()(frame(index))
      let summary = FrameSummary(
        frame: index + 1, file: "\(index).fits", filter: sources.observation.filter, night: "2020-01-18",
        jdUTC: sources.observation.jdUTC, exposure: sources.observation.exposure)
      return SeriesFrame(summary: summary, sources: sources)
    }
  }
}
