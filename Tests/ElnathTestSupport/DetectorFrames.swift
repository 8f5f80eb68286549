import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Raw frames of a detector with one output or four, and masters of it, all with their truth: a third of the columns
/// dark, a third sky, a third stars on the sky. Wider than high.
public struct DetectorFrames: Sendable {
  public enum Region: String, CaseIterable, Sendable { case dark, sky, stars }

  public var size = PixelSize(width: 240, height: 160)
  /// One or four outputs, four as quadrants with their overscan at the outer edge, left or right.
  public var amplifiers: Int
  public var gains = [1.3, 0.9, 2.1, 1.6]
  public var readNoises = [6.0, 4.5, 9.0, 7.2]
  public var levels = [1000.0, 1150, 930, 1072]
  /// Of the bias level along the rows, ADU per row.
  public var slopes = [0.02, -0.01, 0.0, 0.03]
  public var overscanColumns = 24
  /// Relative noise of a pixel of the flat.
  public var flatNoise: Double
  /// Noise of a pixel of bias and dark master, ADU.
  public var biasNoise = 1.8
  public var darkNoise = 1.0
  /// e-/s, and seconds of the dark master and of the light frames.
  public var darkRate = 0.3
  public var darkExposure = 120.0
  public var exposure = 60.0
  /// e-/px.
  public var sky = 300.0
  public var linearity: [Double] = []
  public var seed: UInt64

  public init(amplifiers: Int, flatNoise: Double, seed: UInt64) {
    precondition(amplifiers == 1 || amplifiers == 4, "one output or quadrants")
    self.amplifiers = amplifiers
    self.flatNoise = flatNoise
    self.seed = seed
  }

  public func region(_ x: Int) -> Region { Region.allCases[3 * x / size.width] }

  /// Electrons that a pixel of response 1 would collect: stars of FWHM 4 px, 20 px apart, from 100 to 30 000 e- at the
  /// peak.
  public func light(_ x: Int, _ y: Int) -> Double {
    switch region(x) {
    case .dark: return 0
    case .sky: return sky
    case .stars:
      let (dx, dy) = (Double(x % 20) - 9.7, Double(y % 20) - 10.2)
      let peaks = [100.0, 1000, 8000, 30_000]
      return sky + peaks[(x / 20 + y / 20) % 4] * exp(-(dx * dx + dy * dy) / 5.77)
    }
  }

  /// Vignetting and pixel to pixel differences.
  public func response(_ x: Int, _ y: Int) -> Double {
    let (dx, dy) = (Double(x) / Double(size.width) - 0.5, Double(y) / Double(size.height) - 0.5)
    return 1.05 - 0.6 * (dx * dx + dy * dy) + 0.01 * Double((x * 7 + y * 13) % 5 - 2)
  }

  /// e- of dark current in the light frames: some pixels are warm.
  public func dark(_ x: Int, _ y: Int) -> Double { darkRate * exposure * ((x * 31 + y * 17) % 11 == 0 ? 6 : 1) }

  /// ADU of bias structure.
  public func bias(_ x: Int, _ y: Int) -> Double { 2 * Double((x * 3 + y * 5) % 7) / 7 }

  /// Index of the output of a pixel of the trimmed frame.
  public func output(_ x: Int, _ y: Int) -> Int {
    amplifiers == 1 ? 0 : (x < size.width / 2 ? 0 : 1) + (y < size.height / 2 ? 0 : 2)
  }

  public var observation: Observation {
    let left = amplifiers == 1 ? 0 : overscanColumns
    let width = size.width + left + overscanColumns
    var observation = Observation(file: "frame.fits", kind: .light, width: width, height: size.height)
    observation.trim = PixelRectangle(x: left, y: 0, width: size.width, height: size.height)
    observation.exposure = exposure
    observation.filter = "R"
    observation.gain = Decoded(gains[0], from: .project)
    observation.readNoise = Decoded(readNoises[0], from: .project)
    observation.saturation = Decoded(60_000, from: .project)
    observation.linearity = linearity
    let right = left + size.width
    guard amplifiers == 4 else {
      observation.overscan = PixelRectangle(x: right, y: 0, width: overscanColumns, height: size.height)
      return observation
    }
    let (w, h) = (size.width / 2, size.height / 2)
    observation.amplifiers = (0..<4).map { k in
      let (x, y) = ((k % 2) * w, (k / 2) * h)
      return Amplifier(
        name: "\(k)", area: PixelRectangle(x: x, y: y, width: w, height: h),
        overscan: PixelRectangle(x: k % 2 == 0 ? 0 : right, y: y, width: overscanColumns, height: h), gain: gains[k],
        readNoise: readNoises[k])
    }
    return observation
  }

  /// Frame `number` as the camera would write it, in whole ADU.
  public func raw(_ number: Int) -> RawFrame {
    var random = SeededGenerator(seed: seed, part: UInt64(number + 100))
    let observation = observation
    let trim = observation.trim
    var pixels = [Float](repeating: 0, count: observation.width * observation.height)
    for v in 0..<observation.height {
      for u in 0..<observation.width {
        let (x, y) = (u - trim.x, v)
        let k = output(min(max(x, 0), size.width - 1), y)
        var adu = 0.0
        if x >= 0 && x < size.width {
          let electrons = random.poisson(light(x, y) * response(x, y) + dark(x, y))
          adu = bent(electrons / gains[k]) + bias(x, y)
        }
        adu += readNoises[k] / gains[k] * random.normal() + levels[k] + slopes[k] * Double(v)
        pixels[v * observation.width + u] = Float(adu.rounded())
      }
    }
    return RawFrame(
      observation: observation, adu: PixelGrid(width: observation.width, height: observation.height, pixels: pixels))
  }

  /// What the camera writes for `straight` ADU: the inverse of the polynomial, by Newton's rule.
  private func bent(_ straight: Double) -> Double {
    guard !linearity.isEmpty else { return straight }
    var d = straight
    for _ in 0..<20 {
      var (value, slope, power) = (d, 1.0, d)
      for (k, c) in linearity.enumerated() {
        slope += c * Double(k + 2) * power
        power *= d
        value += c * power
      }
      d -= (value - straight) / slope
    }
    return d
  }

  /// Masters with the noise that they say they have. The bias was subtracted from the dark with all its errors.
  public func masters() -> Masters {
    var random = SeededGenerator(seed: seed, part: 1)
    func master(noise: Double, exposure: Double = 0, _ truth: (Int, Int) -> Double) -> Master {
      var pixels: [Float] = []
      for y in 0..<size.height {
        for x in 0..<size.width { pixels.append(Float(truth(x, y) + noise * random.normal())) }
      }
      return Master(
        image: PixelGrid(width: size.width, height: size.height, pixels: pixels),
        variance: PixelGrid(width: size.width, height: size.height, repeating: Float(noise * noise)),
        mask: PixelGrid(width: size.width, height: size.height, repeating: []), frames: 9, rejected: 0,
        exposure: exposure)
    }
    let biasMaster = master(noise: biasNoise, bias)
    let darkMaster = master(noise: darkNoise, exposure: darkExposure) { x, y in
      let level = dark(x, y) * darkExposure / exposure / gains[output(x, y)]
      return level + bias(x, y) - Double(biasMaster.image[x, y])
    }
    return Masters(
      bias: biasMaster, darks: [darkMaster], flats: ["R": FlatField(response: master(noise: flatNoise, response))])
  }
}
