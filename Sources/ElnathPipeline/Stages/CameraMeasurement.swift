import ElnathCore

/// What the calibration frames tell of a camera in one readout.
public struct CameraMeasurement: Sendable {
  public var readout: ReadoutFormat
  public var outputs: [Output]
  /// Sentences for people: frames that were left out, and what is odd about the others.
  public var remarks: [String]

  /// One output of the camera. Frames of it come through `Amplifier`, here in the place of the first light.
  public struct Output: Sendable {
    public var amplifier: Amplifier
    public var measurement: AmplifierMeasurement
    /// Files of all flats, which the pairs of the measurement point into, and their filters.
    public var flats: [(file: String, filter: String)]
    /// Raw ADU.
    public var saturation: Double
  }
}

/// Reads a few calibration frames and measures the camera with them.
struct CameraMeasuring: Sendable {
  /// Pairs of biases and of flats.
  var pairs: Int
  var overscan: Overscan
  var runner: SeriesRunner
  var read: @Sendable (ScannedFile) throws(StageError) -> any RawPixels

  /// What converters of 16 bits end at, for cameras of which nobody says where they saturate.
  private static let lastCode = 65_535.0

  /// What one frame shows of every output; nil where an output is too small to tell anything.
  private typealias Looks = [AmplifierMeasurement.Look?]

  func callAsFunction(_ frames: CameraFrames) async throws -> CameraMeasurement {
    let outputs = frames.light.observation.outputs
    let saturation = frames.light.observation.saturation?.value ?? Self.lastCode
    var remarks: [String] = []
    let biases = alike(try await look(frames.biases, outputs, saturation, &remarks), &remarks)
    let darks = try await look(frames.darks, outputs, saturation, &remarks)
    var flats: [(file: ScannedFile, looks: Looks)] = []
    var places: [(first: Int, second: Int)] = []
    var next = 0
    while true {
      let batch = frames.flatPairs.dropFirst(next).prefix(pairs)
      next += batch.count
      let files = batch.flatMap { [$0.first, $0.second] }
      // Two pairs may share a frame.
      let new = files.enumerated().filter { number, file in
        !flats.contains { $0.file.path == file.path } && !files[..<number].contains { $0.path == file.path }
      }.map(\.element)
      flats += try await look(new, outputs, saturation, &remarks)
      for pair in batch {
        guard let first = flats.firstIndex(where: { $0.file.path == pair.first.path }),
          let second = flats.firstIndex(where: { $0.file.path == pair.second.path })
        else { continue }
        places.append((first, second))
      }
      // Where all of these are saturated (the first of a dawn), others may not be.
      let isDone = places.contains { pair in
        outputs.indices.allSatisfy { number in
          [pair.first, pair.second].allSatisfy {
            (flats[$0].looks[number]?.sample.rawLevel ?? 0) <= PhotonTransferPair.highest * saturation
          }
        }
      }
      guard !isDone, next < frames.flatPairs.count else { break }
    }
    let measured = outputs.indices.map { number in
      measurement(
        outputs[number], number, biases: biases, flats: flats, pairs: places, darks: darks, saturation: saturation)
    }
    return CameraMeasurement(readout: frames.readout, outputs: measured, remarks: remarks + CameraRemarks.of(measured))
  }

  private func measurement(
    _ output: Amplifier, _ number: Int, biases: [(file: ScannedFile, looks: Looks)],
    flats: [(file: ScannedFile, looks: Looks)], pairs: [(first: Int, second: Int)],
    darks: [(file: ScannedFile, looks: Looks)], saturation: Double
  ) -> CameraMeasurement.Output {
    func looks(_ frames: [(file: ScannedFile, looks: Looks)]) -> [AmplifierMeasurement.Look] {
      frames.compactMap { $0.looks[number] }
    }
    return CameraMeasurement.Output(
      amplifier: output,
      measurement: AmplifierMeasurement(
        boxes: SampleBoxes(area: output.area), biases: looks(biases), flats: looks(flats),
        pairs: looks(flats).count == flats.count ? pairs : [],
        darks: looks(darks), darkExposure: darks.first?.file.observation.exposure ?? .nan, saturation: saturation),
      flats: flats.map { ($0.file.observation.file, $0.file.observation.filter) }, saturation: saturation)
  }

  private func look(
    _ files: [ScannedFile], _ outputs: [Amplifier], _ saturation: Double, _ remarks: inout [String]
  ) async throws -> [(file: ScannedFile, looks: Looks)] {
    let overscan = overscan
    let read = read
    let seen = try await runner.map(files) { file -> Result<Looks, StageError> in
      do {
        let raw = try read(file)
        guard raw.observation.outputs.map(\.area) == outputs.map(\.area) else {
          throw StageError(.wrongSize, "other outputs than the lights have")
        }
        return .success(
          try AmplifierMeasurement.Look.all(
            raw, overscan: overscan, saturation: saturation, isBias: file.observation.kind == .bias))
      } catch let error as StageError {
        return .failure(error)
      }
    }
    var looks: [(ScannedFile, Looks)] = []
    for (file, outcome) in zip(files, seen) {
      switch outcome {
      case .success(let seen): looks.append((file, seen))
      case .failure(let error): remarks.append("\(file.observation.file): \(error.reason), tells nothing of the camera")
      }
    }
    return looks
  }

  /// Biases of one level: what was exposed to light is none.
  private func alike(
    _ biases: [(file: ScannedFile, looks: Looks)], _ remarks: inout [String]
  ) -> [(file: ScannedFile, looks: Looks)] {
    guard biases.count > 2 else { return biases }
    var kept = biases
    for output in biases[0].looks.indices {
      let levels = biases.map { $0.looks[output]?.sample.rawLevel ?? .nan }
      let centre = Median.of(levels)
      // A zero level drifts by some ADU from readout to readout.
      let limit = max(10 * RobustScale.sigma(levels, about: centre), 10)
      for (bias, level) in zip(biases, levels) where abs(level - centre) > limit {
        guard let place = kept.firstIndex(where: { $0.file.path == bias.file.path }) else { continue }
        kept.remove(at: place)
        remarks.append(
          "\(bias.file.observation.file): level \(level) ADU where the other bias frames have \(centre), "
            + "tells nothing of the camera")
      }
    }
    return kept
  }
}

extension CameraMeasurement.Output {
  /// True where the gain comes from flats above a third of saturation.
  public var isFromHighPairs: Bool { measurement.isFromHighPairs(saturation: saturation) }
}
