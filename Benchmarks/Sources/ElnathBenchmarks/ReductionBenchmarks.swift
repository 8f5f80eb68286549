import ElnathCore

/// Whole frames of a large detector from raw ADU to electrons, with variance and mask: read through one output and
/// through four, with and without a bent response, and the zero level alone.
func reductionBenchmarks() -> [Benchmark] {
  let (width, height, strip) = (4096, 4112, 48)
  let count = width * height
  func plane(_ seed: UInt64, _ level: Float, _ scatter: Float) -> PixelGrid<Float> {
    var random = SeededGenerator(seed: seed)
    let pixels = (0..<count).map { _ in level + scatter * Float(random.uniform()) }
    return PixelGrid(width: width, height: height, pixels: pixels)
  }
  func master(_ image: PixelGrid<Float>, _ variance: Float, exposure: Double = 0) -> Master {
    Master(
      image: image, variance: PixelGrid(width: width, height: height, repeating: variance),
      mask: PixelGrid(width: width, height: height, repeating: []), frames: 9, rejected: 0, exposure: exposure)
  }
  let bias = master(plane(1, 2, 1), 1)
  let dark = master(plane(2, 5, 2), 1, exposure: 120)
  let flats = ["R": FlatField(response: master(plane(3, 0.98, 0.04), 1e-6))]

  var random = SeededGenerator(seed: 4)
  let pixels = (0..<((width + 2 * strip) * height)).map { _ in Float((1300 + 80 * random.uniform()).rounded()) }
  let adu = PixelGrid(width: width + 2 * strip, height: height, pixels: pixels)
  var one = Observation(file: "", kind: .light, width: adu.width, height: height)
  one.trim = PixelRectangle(x: strip, y: 0, width: width, height: height)
  one.overscan = PixelRectangle(x: strip + width, y: 0, width: strip, height: height)
  one.filter = "R"
  one.exposure = 60
  var four = one
  four.amplifiers = (0..<4).map { k in
    let (x, y) = ((k % 2) * width / 2, (k / 2) * height / 2)
    return Amplifier(
      area: PixelRectangle(x: x, y: y, width: width / 2, height: height / 2),
      overscan: PixelRectangle(x: k % 2 == 0 ? 0 : strip + width, y: y, width: strip, height: height / 2),
      gain: 1.2 + 0.1 * Double(k), readNoise: 7)
  }
  var bent = one
  bent.linearity = [1e-6, -1e-12]
  let detector = BiasDarkFlat.Detector(gain: 1.3, readNoise: 7.3, saturation: 60_000)
  func benchmark(_ name: String, _ observation: Observation, _ masters: Masters) -> Benchmark {
    let raw = RawFrame(observation: observation, adu: adu)
    let reduction = BiasDarkFlat(masters: masters)
    return Benchmark(name: "reduce: 4096 x 4112, \(name)", unit: "pixels", count: count) {
      _ = reduction.prepared(raw, detector: detector)?.image()
    }
  }
  let withoutDark = Masters(bias: bias, flats: flats)
  let all = Masters(bias: bias, darks: [dark], flats: flats)
  return [
    benchmark("bias, flat, one output", one, withoutDark), benchmark("bias, flat, four outputs", four, withoutDark),
    benchmark("bias, dark, flat, one output", one, all), benchmark("bias, dark, flat, bent response", bent, all),
    Benchmark(name: "reduce: zero level, 4112 lines of 48 columns", unit: "frames", count: 1) {
      _ = BiasDarkFlat.zeroLevels(RawFrame(observation: one, adu: adu), overscan: Overscan())
    },
  ]
}
