import ElnathCore

/// Masters and reduction on frames of 2048 x 2048, and the sorting network behind masters.
func reduceBenchmarks() -> [Benchmark] {
  let size = 2048
  let frames = (0..<11).map { number in
    var random = SeededGenerator(seed: 1, part: UInt64(number))
    let pixels = (0..<(size * size)).map { _ in Float((1000 + 6 * random.uniform()).rounded()) }
    return PixelGrid(width: size, height: size, pixels: pixels)
  }
  let bias = MasterCombination()(frames, noise: .init(constant: 4, linear: 0))
  let flat = Master(
    image: PixelGrid(width: size, height: size, repeating: 1), variance: bias.variance, mask: bias.mask, frames: 5,
    rejected: 0)
  let reduction = BiasDarkFlat(masters: Masters(bias: bias, flats: ["R": FlatField(response: flat)]))
  var observation = Observation(file: "", kind: .light, width: size, height: size)
  observation.filter = "R"
  observation.exposure = 60
  let raw = RawFrame(observation: observation, adu: frames[0])
  let detector = BiasDarkFlat.Detector(gain: 1.3, readNoise: 7.3, saturation: 60000)
  let network = SortingNetwork(count: 88)
  var random = SeededGenerator(seed: 2)
  let columns = (0..<(88 * 64)).map { _ in Float(random.normal()) }
  // Read noise as a camera has it: now and then a value that might be rejected.
  let noisy = (0..<88).map { number in
    var random = SeededGenerator(seed: 3, part: UInt64(number))
    return PixelGrid(
      width: 512, height: 512, pixels: (0..<(512 * 512)).map { _ in Float((1000 + 6 * random.normal()).rounded()) })
  }
  func combining(_ method: CombinationMethod, differing: Bool = false) -> Benchmark {
    let noise = noisy.indices.map { MasterCombination.Noise(constant: 36 + (differing ? Double($0) : 0), linear: 0.01) }
    return Benchmark(
      name: "reduce: combine 88 frames by \(method.rawValue)\(differing ? ", each with its noise" : "")",
      unit: "pixels", count: 512 * 512
    ) { _ = MasterCombination(method)(noisy, noise: noise) }
  }
  let dusk = (0..<3).map { number in
    var random = SeededGenerator(seed: 5, part: UInt64(number))
    return PixelGrid(
      width: size, height: size, pixels: (0..<(size * size)).map { _ in Float(1 + 0.01 * random.normal()) })
  }
  let noise = MasterCombination.Noise(constant: 0, linear: 1e-4)
  let lamp = MasterCombination()(dusk, noise: noise)
  var sampling = SeededGenerator(seed: 6)
  let sample = (0..<300).map { _ in Float(100 + 5 * sampling.normal()) }
  let methods = CombinationMethod.allCases.map { combining($0) } + [combining(.noise, differing: true)]
  return methods + [
    Benchmark(name: "reduce: sorting network, 88 rows", unit: "pixels", count: 64 * 1000) {
      for _ in 0..<1000 {
        var rows = columns
        network.sort(&rows, width: 64)
      }
    },
    Benchmark(name: "reduce: master of 11 frames", unit: "pixels", count: size * size) {
      _ = MasterCombination()(frames, noise: .init(constant: 4, linear: 0))
    },
    Benchmark(name: "reduce: stars in a flat", unit: "pixels", count: size * size) {
      _ = FlatStars()(dusk[0], master: lamp.image, noise: noise)
    },
    Benchmark(name: "reduce: inverse of a flat", unit: "pixels", count: size * size) {
      _ = FlatField(response: flat)
    },
    Benchmark(name: "reduce: bad pixels and lines of a flat", unit: "pixels", count: size * size) {
      var master = lamp
      BadPixels.mark(inFlat: &master)
    },
    Benchmark(name: "reduce: median of 300 values", unit: "values", count: 300 * 1000) {
      for _ in 0..<1000 {
        var values = sample
        _ = values.withUnsafeMutableBufferPointer { Median.of($0, count: 300) }
      }
    },
    Benchmark(name: "reduce: frame with bias and flat", unit: "pixels", count: size * size) {
      _ = reduction(raw, detector: detector)
    },
  ] + reductionBenchmarks()
}
