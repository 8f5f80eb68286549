// What the calibration frames of simulated cameras tell of them, against what was put in.
import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite("the measured camera against the truth") struct CameraTruthTests {
  private struct Measured {
    var value: Double
    var error: Double
  }

  /// Rows of camera.csv by amplifier and quantity.
  private func measured(_ simulation: Simulation) async throws -> [String: Measured] {
    let folder = try TestFolder()
    let workspace = try Workspace.quiet(try await folder.write(simulation))
    _ = try await workspace.measureCamera()
    let lines = try FileBytes.text(of: workspace.output + "/camera.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let columns = try ["amplifier", "quantity", "value", "error"].map { name in
      try #require(lines[0].firstIndex(of: name))
    }
    var rows: [String: Measured] = [:]
    for line in lines.dropFirst() {
      rows[line[columns[0]] + " " + line[columns[1]]] = Measured(
        value: Double(line[columns[2]]) ?? .nan, error: Double(line[columns[3]]) ?? .nan)
    }
    return rows
  }

  @Test("Gain, read noise, dark current and bias level of every output come back", arguments: [1, 4])
  func everyOutput(outputs: Int) async throws {
    let camera = SmallDetector.camera(outputs: outputs)
    var simulation = SmallDetector.night(camera, lights: 1, seed: 21, stars: false)
    // Two flats of a pair may differ by 30 per cent; all stay below a third of saturation.
    simulation.flatLevel = 18_000
    (simulation.biases, simulation.darks, simulation.flats) = (8, 6, 8)
    let rows = try await measured(simulation)
    for (number, amplifier) in camera.amplifiers.enumerated() {
      func check(_ quantity: String, _ truth: Double, error largest: Double, _ slack: Double = 0) throws {
        let row = try #require(rows[amplifier.name + " " + quantity], "\(rows.keys.sorted())")
        let message: Comment = "\(amplifier.name) \(quantity): \(row.value) +- \(row.error) where \(truth) was put in"
        // Beyond four standard errors by chance in one of 16,000; the error itself must be small enough to mean something.
        #expect(abs(row.value - truth) < 4 * row.error + slack, message)
        #expect(row.error < largest, message)
      }
      let gain = try #require(amplifier.gain)
      let readNoise = try #require(amplifier.readNoise)
      // 7680 pixels give the variance of a pair to 1.6 per cent, three pairs to 1.
      try check("gain", gain, error: 0.03 * gain)
      // The measured one holds the rounding to whole ADU.
      try check("read_noise", (readNoise * readNoise + gain * gain / 12).squareRoot(), error: 0.03 * readNoise)
      try check("dark_current", camera.darkCurrent, error: 0.01)
      let level = outputs == 1 ? camera.biasLevel : camera.outputs[number].biasLevel
      // Readouts stray by 2 ADU, columns by 1.5: their mean by 1.
      try check("bias_level_adu", level, error: 4, 2)
    }
  }
}
