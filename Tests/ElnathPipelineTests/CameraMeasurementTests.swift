import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

@Suite("cameras: what the calibration frames tell, output by output")
struct CameraMeasurementTests {
  /// Four outputs of 128 x 128 pixels, each an amplifier of its own, in one frame.
  struct FourOutputs: Sendable {
    static let gains = [1.1, 1.3, 1.5, 0.8]
    static let noises = [6.0, 7.3, 9.0, 5.0]
    let amplifiers: [SyntheticAmplifier]
    let outputs: [Amplifier]

    init(seed: UInt64) {
      amplifiers = (0..<4).map { k in
        var amplifier = SyntheticAmplifier(seed: 4 * seed + UInt64(k))
        (amplifier.width, amplifier.height) = (128, 128)
        (amplifier.gain, amplifier.readNoise) = (Self.gains[k], Self.noises[k])
        amplifier.bias = [1000, 1200, 900, 1500][k]
        amplifier.darkCurrent = 0.1
        return amplifier
      }
      outputs = (0..<4).map { k in
        Amplifier(
          name: ["ll", "lr", "ul", "ur"][k],
          area: PixelRectangle(x: 128 * (k % 2), y: 128 * (k / 2), width: 128, height: 128))
      }
    }

    func file(_ kind: Observation.Kind, _ number: Int, exposure: Double) -> ScannedFile {
      var observation = Observation(file: "\(kind)\(number).fits", kind: kind, width: 256, height: 256)
      observation.amplifiers = outputs
      observation.exposure = exposure
      observation.filter = kind == .flat || kind == .light ? "R" : ""
      observation.jdUTC = 2_458_867 + Double(number) / 1000
      observation.saturation = Decoded(60_000, from: .profile)
      return ScannedFile(
        frame: nil, observation: observation, path: "/\(observation.file)", error: nil, flags: [])
    }

    var files: [ScannedFile] {
      [file(.light, 0, exposure: 60)] + (0..<6).map { file(.bias, $0, exposure: 0) }
        + (0..<6).map { file(.flat, $0, exposure: 3) } + (0..<3).map { file(.dark, $0, exposure: 100) }
    }

    func read(_ file: ScannedFile) -> RawFrame {
      let observation = file.observation
      let number = Int(observation.file.filter(\.isNumber)) ?? 0
      let place = (observation.kind == .flat ? 50 : observation.kind == .dark ? 20 : 0) + number
      let light = observation.kind == .flat ? [10_000.0, 8000][number % 2] : 0
      let parts = amplifiers.map { $0.frame(place, exposure: observation.exposure) { _, _ in light } }
      return RawFrame(observation: observation, adu: SyntheticAmplifier.mosaic(parts, across: 2))
    }
  }

  static func measure(_ camera: FourOutputs, files: [ScannedFile]? = nil, jobs: Int = 1) async throws
    -> CameraMeasurement
  {
    let frames = try #require(CameraFrames.choose(from: files ?? camera.files, pairs: 3).first)
    return try await CameraMeasuring(
      pairs: 3, overscan: Overscan(), runner: SeriesRunner(jobs: jobs)
    ) { file in camera.read(file) }(frames)
  }

  @Test("gain and read noise of four outputs are recovered, each by itself, and errors are true")
  func fourOutputs() async throws {
    var pulls: [Double] = []
    var ratios = [Double](repeating: 0, count: 4)
    let seeds = 10
    for seed in 0..<seeds {
      let camera = FourOutputs(seed: UInt64(seed))
      let seen = try await Self.measure(camera)
      #expect(seen.outputs.map(\.amplifier.name) == ["ll", "lr", "ul", "ur"])
      for (k, output) in seen.outputs.enumerated() {
        let gain = output.measurement.gain
        pulls.append((gain.value - FourOutputs.gains[k]) / gain.error)
        ratios[k] += gain.value / FourOutputs.gains[k] / Double(seeds)
        let noise = output.measurement.readNoiseElectrons
        let rounding = FourOutputs.gains[k] * FourOutputs.gains[k] / 12
        let expected = (FourOutputs.noises[k] * FourOutputs.noises[k] + rounding).squareRoot()
        pulls.append((noise.value - expected) / noise.error)
        let dark = output.measurement.darkCurrentElectrons
        // Levels of 10 e- in 100 s, known to the 0.05 ADU by which three darks and six biases of 16,384 pixels scatter.
        #expect(abs(dark.value / 0.1 - 1) < 0.03, "\(dark)")
        #expect(abs(output.measurement.biasLevel.value - camera.amplifiers[k].bias) < 1)
      }
    }
    let mean = pulls.reduce(0, +) / Double(pulls.count)
    let sigma = (pulls.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pulls.count - 1)).squareRoot()
    // 80 pulls: mean to 0.11, scatter to 8 per cent; gain and read noise of one output share the error of the gain.
    #expect(abs(mean) < 0.4, "\(mean)")
    #expect(abs(sigma - 1) < 0.25, "\(sigma)")
    // Each is good to 0.7 per cent, the mean of ten to 0.2.
    for ratio in ratios { #expect(abs(ratio - 1) < 0.01, "\(ratios)") }
  }

  @Test("the same for any number of jobs")
  func jobs() async throws {
    let camera = FourOutputs(seed: 50)
    let one = try await Self.measure(camera)
    let three = try await Self.measure(camera, jobs: 3)
    for (a, b) in zip(one.outputs, three.outputs) {
      #expect(a.measurement.gain == b.measurement.gain && a.measurement.readNoise == b.measurement.readNoise)
      #expect(a.measurement.dark == b.measurement.dark && a.measurement.structure == b.measurement.structure)
    }
  }

  @Test("measured numbers become those of the frames, output by output")
  func stated() async throws {
    let seen = try await Self.measure(FourOutputs(seed: 51))
    #expect(seen.weak.isEmpty)
    var light = FourOutputs(seed: 51).file(.light, 0, exposure: 60).observation
    seen.state(in: &light)
    #expect(light.gain?.origin == .measured && light.readNoise?.origin == .measured)
    for (k, output) in light.outputs.enumerated() {
      #expect(output.gain == seen.outputs[k].measurement.gain.value)
      #expect(output.readNoise == seen.outputs[k].measurement.readNoiseElectrons.value)
    }
    #expect(abs((light.gain?.value ?? .nan) - 1.175) < 0.02)
  }

  @Test("a bias that was exposed to light is left out by name, and a frame that cannot be read")
  func leftOut() async throws {
    let camera = FourOutputs(seed: 52)
    let frames = try #require(CameraFrames.choose(from: camera.files, pairs: 3).first)
    let seen = try await CameraMeasuring(
      pairs: 3, overscan: Overscan(), runner: SeriesRunner(jobs: 1)
    ) { file throws(StageError) in
      if file.observation.file == "flat3.fits" { throw StageError(.unreadable, "not a FITS file") }
      guard file.observation.file == "bias4.fits" else { return camera.read(file) }
      var exposed = file
      exposed.observation.file = "flat4.fits"
      exposed.observation.kind = .flat
      var raw = camera.read(exposed)
      raw.observation = file.observation
      return raw
    }(frames)
    #expect(seen.remarks.contains { $0.contains("bias4.fits") && $0.contains("level") })
    #expect(seen.remarks.contains { $0.contains("flat3.fits: not a FITS file") })
    #expect(seen.outputs[0].measurement.readNoise.count == 2 && seen.outputs[0].measurement.pairs.count == 2)
    #expect(abs(seen.outputs[1].measurement.gain.value / 1.3 - 1) < 0.03)
  }
}

@Suite("cameras: which frames are looked at")
struct CameraFramesTests {
  private func file(
    _ kind: Observation.Kind, _ number: Int, exposure: Double = 0, filter: String = "", night: String = "2020-01-18",
    width: Int = 100
  ) -> ScannedFile {
    var observation = Observation(file: "\(kind)\(number)\(filter).fits", kind: kind, width: width, height: 100)
    observation.exposure = exposure
    observation.filter = filter
    observation.night = night
    observation.jdUTC = 2_458_867 + Double(number) / 1000
    return ScannedFile(frame: nil, observation: observation, path: "/\(observation.file)", error: nil, flags: [])
  }

  private func names(_ pairs: [CameraFrames.Pair]) -> [String] {
    pairs.map { "\($0.first.observation.file) \($0.second.observation.file)" }
  }

  @Test("pairs are neighbours of one filter, and the first few are spread over filters and levels")
  func pairs() throws {
    let files =
      [file(.light, 0, exposure: 60, filter: "R")] + (0..<7).map { file(.flat, $0, exposure: 3, filter: "R") }
      + (0..<3).map { file(.flat, $0, exposure: 3, filter: "B") }
    let chosen = CameraFrames.choose(from: files, pairs: 3)
    #expect(chosen.count == 1)
    #expect(
      names(chosen[0].flatPairs) == [
        "flat0B.fits flat1B.fits", "flat0R.fits flat1R.fits", "flat1B.fits flat2B.fits", "flat4R.fits flat5R.fits",
        "flat2R.fits flat3R.fits",
      ])
  }

  @Test("flats of one exposure stay together though others lie between them in time")
  func exposures() throws {
    let files =
      [file(.light, 0, exposure: 60, filter: "R")]
      + (0..<6).map { file(.flat, $0, exposure: [1, 4][$0 % 2], filter: "R") }
    let chosen = try #require(CameraFrames.choose(from: files, pairs: 3).first)
    // Of 0 2 4 at 1 s and 1 3 5 at 4 s the middle pair is mixed, and found unequal later.
    #expect(
      Set(names(chosen.flatPairs)) == ["flat0R.fits flat2R.fits", "flat4R.fits flat1R.fits", "flat3R.fits flat5R.fits"])
  }

  @Test("biases of one night, the longest darks of which there are two, and no more than are needed")
  func biasesAndDarks() throws {
    let files =
      [file(.light, 0, exposure: 60)] + (0..<4).map { file(.bias, $0, night: "2020-01-17") }
      + (10..<20).map { file(.bias, $0) } + (30..<35).map { file(.dark, $0, exposure: 60) }
      + [file(.dark, 40, exposure: 300)]
    let chosen = try #require(CameraFrames.choose(from: files, pairs: 3).first)
    #expect(chosen.biases.map(\.observation.file) == (10..<16).map { "bias\($0).fits" })
    #expect(chosen.darks.map(\.observation.file) == (30..<33).map { "dark\($0).fits" })
    #expect(chosen.flatPairs.isEmpty)
  }

  @Test("one set of frames for each readout that lights have, and only of that readout")
  func readouts() {
    let files = [
      file(.light, 0, exposure: 60), file(.light, 1, exposure: 60, width: 200), file(.light, 2, exposure: 60),
      file(.bias, 0), file(.bias, 1, width: 200), file(.bias, 2, width: 50),
    ]
    let chosen = CameraFrames.choose(from: files, pairs: 3)
    #expect(chosen.map(\.readout.size.width) == [100, 200])
    #expect(chosen.map { $0.biases.map(\.observation.file) } == [["bias0.fits"], ["bias1.fits"]])
  }

  @Test("any number of places is spread", arguments: 0..<20)
  func spread(count: Int) {
    let order = CameraFrames.spread(count)
    #expect(order.sorted() == Array(0..<count))
    if count > 2 { #expect(order.prefix(2) == [0, count - 1]) }
  }
}

@Suite("cameras: measured against stated")
struct CameraReportTests {
  private func row(_ measured: Double, error: Double, stated: Double?) -> CameraRow {
    CameraRow(
      readout: "", amplifier: "", quantity: .gain, measured: MeasuredValue(measured, error: error, count: 3),
      header: nil, profile: nil, project: stated, used: stated, origin: "project", expected: stated)
  }

  @Test("only what differs by a tenth and by three errors is a conflict")
  func verdicts() {
    #expect(row(1.31, error: 0.01, stated: 1.3).verdict == .agrees)
    #expect(row(1.42, error: 0.001, stated: 1.3).verdict == .agrees)
    #expect(row(1.5, error: 0.07, stated: 1.3).verdict == .agrees)
    #expect(row(1.5, error: 0.05, stated: 1.3).verdict == .differs(1.5 / 1.3 - 1))
    #expect(row(1.5, error: 0.05, stated: 1.3).verdict.description == "differ by 15 per cent")
    #expect(row(1.5, error: 0.05, stated: nil).verdict == .unknown)
    #expect(row(.nan, error: .nan, stated: 1.3).verdict == .unknown)
    #expect(row(2.6, error: .nan, stated: 1.3).verdict == .agrees)
  }

  @Test("numbers are told to two digits of their error")
  func texts() {
    #expect(MeasuredValue(0.51234, error: 0.0194, count: 3).text == "0.512 +- 0.019")
    #expect(MeasuredValue(1012.13, error: 0.82, count: 3).text == "1012.13 +- 0.82")
    #expect(MeasuredValue(7.1389, error: .nan, count: 1).text == "7.139")
  }
}
