import ElnathCore

/// One amplifier of 4096 x 4112 pixels: what a bias shows of it, and what pairs of flats and of biases tell.
func cameraBenchmarks() -> [Benchmark] {
  let (width, height) = (4096, 4112)
  func frame(_ seed: UInt64, level: Double, sigma: Double) -> RawFrame {
    var random = SeededGenerator(seed: seed)
    // Noise need not be new in every row to cost the same.
    let noise = (0..<262_147).map { _ in sigma * random.normal() }
    let pixels = (0..<(width * height)).map { Float((level + noise[$0 % noise.count]).rounded()) }
    return RawFrame(
      observation: Observation(file: "", width: width, height: height),
      adu: PixelGrid(width: width, height: height, pixels: pixels))
  }
  guard let boxes = SampleBoxes(area: PixelRectangle(x: 0, y: 0, width: width, height: height)) else { return [] }
  func look(_ raw: RawFrame, isBias: Bool) -> AmplifierMeasurement.Look {
    AmplifierMeasurement.Look(
      raw, level: nil, boxes: boxes, section: nil, saturation: 60_000, isBias: isBias)
  }
  let bias = frame(1, level: 1000, sigma: 5.6)
  let biases = [look(bias, isBias: true), look(frame(2, level: 1000, sigma: 5.6), isBias: true)]
  let flats = [
    look(frame(3, level: 9000, sigma: 78), isBias: false), look(frame(4, level: 8000, sigma: 73), isBias: false),
  ]
  return [
    Benchmark(name: "cameras: look at a bias of 4096 x 4112", unit: "pixels", count: width * height) {
      _ = look(bias, isBias: true)
    },
    Benchmark(name: "cameras: a pair of biases and a pair of flats", unit: "pixels", count: width * height) {
      _ = AmplifierMeasurement(
        boxes: boxes, biases: biases, flats: flats, pairs: [(0, 1)], darks: [], darkExposure: .nan, saturation: 60_000)
    },
  ]
}
