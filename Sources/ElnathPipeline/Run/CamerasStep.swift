import ElnathCore

extension Workspace {
  /// Measures the camera with a few of the calibration frames and holds the numbers against the stated ones. Writes
  /// `camera.csv` and `photon_transfer.csv`.
  public func measureCamera() async throws -> CameraReport {
    let inputLedger = inputLedger
    let measuring = CameraMeasuring(
      pairs: try cameraPairs(), overscan: configuration.reduce.overscanRule, runner: runner
    ) { file throws(StageError) in try PixelReader.open(file.observation, path: file.path, inputLedger) }
    var measurements: [CameraMeasurement] = []
    var stated: [StatedCamera] = []
    var observations: [Observation] = []
    let folder = ProjectFolder(project.folder)
    for frames in CameraFrames.choose(from: scan.observations, pairs: measuring.pairs) {
      measurements.append(try await measuring(frames))
      observations.append(frames.light.observation)
      stated.append(
        StatedCamera(scan.camera, project: configuration.input, light: frames.light, folder: folder))
    }
    let report = CameraReport(
      measurements, lights: observations, stated: stated,
      readNoiseIncludesDigitisation: scan.camera.readNoiseIncludesDigitisation)
    try writeTable("camera.csv", CameraColumns.all, rows: report.rows)
    try writeTable("photon_transfer.csv", PhotonTransferColumns.all, rows: report.photonTransfer)
    return report
  }

  /// What `run` and `reduce` begin with: the camera is measured and compared, and where the project wants the measured
  /// gain and read noise, the frames of the workspace that comes back have them. Throws where nothing tells what the
  /// reduction needs.
  public func withCamera() async throws -> (workspace: Workspace, report: CameraReport?) {
    guard try cameraPairs() > 0 || configuration.reduce.detector == .measured else {
      try checkDetector()
      return (self, nil)
    }
    let report = try await measureCamera()
    for remark in report.measurements.flatMap(\.remarks) { log.info("camera: \(remark)") }
    guard configuration.reduce.detector == .measured else {
      for warning in report.warnings { log.warning("\(warning)") }
      try checkDetector(proposal: report.proposal)
      return (self, report)
    }
    let workspace = taking(report)
    try workspace.checkDetector(proposal: report.proposal)
    return (workspace, report)
  }

  /// The same for commands that go on from masters: they need the camera only where its measured numbers are used.
  public func withUsedCamera() async throws -> Workspace {
    guard configuration.reduce.detector == .measured else {
      do throws(PipelineError) {
        try checkDetector()
        return self
      } catch {
        // The message tells what the calibration frames know.
        return try await withCamera().workspace
      }
    }
    return try await withCamera().workspace
  }

  private func cameraPairs() throws(PipelineError) -> Int {
    let pairs = configuration.reduce.cameraPairs
    guard (0...100).contains(pairs) else {
      throw PipelineError(
        .configuration, "reduce.camera_pairs", "\(pairs) pairs cannot be; give 0 to 100, 3 is usual")
    }
    return configuration.reduce.detector == .measured ? max(pairs, 1) : pairs
  }

  /// This workspace with measured gain and read noise in the place of the stated ones, where they could be measured well.
  private func taking(_ report: CameraReport) -> Workspace {
    var workspace = self
    var isTaken = false
    for measurement in report.measurements {
      for problem in measurement.weak { log.warning("\(problem)") }
      guard measurement.weak.isEmpty else { continue }
      isTaken = true
      for output in measurement.outputs { log.info("\(output.sentence)") }
      for index in workspace.scan.observations.indices
      where measurement.readout.serves(ReadoutFormat(workspace.scan.observations[index].observation)) {
        measurement.state(in: &workspace.scan.observations[index].observation)
      }
    }
    // A read noise from pairs of digitised frames holds their rounding.
    if isTaken { workspace.scan.camera.readNoiseIncludesDigitisation = true }
    return workspace
  }
}

extension CameraMeasurement {
  /// Why the measured numbers cannot be used: one sentence for each output that is not known well.
  var weak: [String] {
    outputs.compactMap { output in
      let name = output.amplifier.name.isEmpty ? "" : " of amplifier \(output.amplifier.name)"
      let (gain, noise) = (output.measurement.gain, output.readNoise)
      let seen =
        "gain \(gain.isKnown ? gain.text : "unknown"), read noise \(noise.isKnown ? noise.text : "unknown") ADU"
      return gain.isGood && noise.isGood
        ? nil
        : "the calibration frames do not tell gain and read noise\(name) to 5 per cent (\(seen)): stated values stay"
    }
  }

  /// Puts gain and read noise into an observation of this readout.
  func state(in observation: inout Observation) {
    let gains = outputs.map(\.measurement.gain.value)
    let noises = outputs.map { $0.readNoise.times($0.measurement.gain).value }
    let count = Double(outputs.count)
    observation.gain = Decoded(gains.reduce(0, +) / count, from: .measured)
    observation.readNoise = Decoded(noises.reduce(0, +) / count, from: .measured)
    guard observation.amplifiers.count == outputs.count else { return }
    for place in outputs.indices {
      observation.amplifiers[place].gain = gains[place]
      observation.amplifiers[place].readNoise = noises[place]
    }
  }
}

extension CameraMeasurement.Output {
  /// `gain 0.512 +- 0.019 e-/ADU and read noise 3.7 +- 0.1 e- are taken as measured`
  fileprivate var sentence: String {
    let name = amplifier.name.isEmpty ? "" : "amplifier \(amplifier.name): "
    return name + "gain \(measurement.gain.text) e-/ADU and read noise "
      + "\(readNoise.times(measurement.gain).text) e- are taken as measured"
  }
}
