// Noise of simulated raw frames against the model they are drawn from: closed-form moments and the photon-transfer
// method. All draws are seeded.
import Testing

@testable import ElnathCore

@Suite struct SimulateNoiseTests {
  struct Moments {
    var mean = 0.0
    var variance = 0.0
    var skewness = 0.0

    init(_ values: [Double]) {
      let n = Double(values.count)
      mean = values.reduce(0, +) / n
      var (square, cube) = (0.0, 0.0)
      for value in values {
        let d = value - mean
        square += d * d
        cube += d * d * d
      }
      variance = square / (n - 1)
      skewness = cube / n / (variance * variance.squareRoot())
    }
  }

  @Test(
    "Shot and read noise have the mean, variance and skewness of a Poisson count plus a normal number",
    arguments: [0, 0.4, 5, 30, 49.9, 50, 230, 2000, 38_000])
  func momentsOfAPixel(mean: Double) {
    let readNoise = 7.3
    var random = SeededGenerator(seed: 11, part: UInt64(mean * 10))
    let count = 200_000
    let moments = Moments(
      (0..<count).map { _ in Detector.noisy(mean, readNoise, readNoise * readNoise, &random) })
    let variance = mean + readNoise * readNoise
    let n = Double(count)
    // Five standard errors of each moment; near-normal, so var(s^2) = 2 sigma^4/n and var(skewness) = 6/n.
    #expect(abs(moments.mean - mean) < 5 * (variance / n).squareRoot())
    #expect(abs(moments.variance / variance - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(moments.skewness - mean / (variance * variance.squareRoot())) < 5 * (6 / n).squareRoot())
  }

  /// Variance of the difference of two frames, halved, over the given columns, without the pixels that differ by more
  /// than `limit`.
  func halfVarianceOfDifference(
    _ a: PixelGrid<UInt16>, _ b: PixelGrid<UInt16>, scale: Double, offset: Double, in part: PixelRectangle,
    limit: Double
  ) -> (variance: Double, count: Double) {
    var differences: [Double] = []
    differences.reserveCapacity(part.width * part.height)
    for y in part.y..<part.y + part.height {
      for x in part.x..<part.x + part.width {
        let d = (Double(a[x, y]) - offset) - scale * (Double(b[x, y]) - offset)
        if abs(d) < limit { differences.append(d) }
      }
    }
    return (Moments(differences).variance, Double(differences.count))
  }

  @Test("Photon transfer on simulated bias and flat pairs gives back the gain and the read noise")
  func photonTransfer() {
    let simulation = SimulationPreset.quick.simulation(seed: 3)
    let camera = simulation.camera
    let part = PixelRectangle(x: 100, y: 100, width: 300, height: 300)
    let bias = halfVarianceOfDifference(
      simulation.bias(0), simulation.bias(1), scale: 1, offset: 0, in: part, limit: 1000)
    let biasNoise = bias.variance / 2
    // Rounding to whole ADU adds 1/12.
    let readNoise = (biasNoise - 1.0 / 12).squareRoot() * camera.gain
    // Five standard errors of a standard deviation, sigma / sqrt(2n).
    #expect(abs(readNoise / camera.readNoise - 1) < 5 / (2 * bias.count).squareRoot())

    let (f1, f2) = (simulation.flat(0), simulation.flat(1))
    func level(_ flat: PixelGrid<UInt16>) -> Double {
      let overscan = Moments(
        (0..<camera.height).flatMap { y in (camera.width..<camera.rawWidth).map { Double(flat[$0, y]) } })
      var sum = 0.0
      for y in part.y..<part.y + part.height {
        for x in part.x..<part.x + part.width { sum += Double(flat[x, y]) }
      }
      return sum / Double(part.width * part.height) - overscan.mean
    }
    let (m1, m2) = (level(f1), level(f2))
    let q = m1 / m2
    let flat = halfVarianceOfDifference(f1, f2, scale: q, offset: camera.biasLevel, in: part, limit: 2500)
    let gain = (m1 + q * q * m2) / (flat.variance - (1 + q * q) * biasNoise)
    // Five standard errors of a variance, sqrt(2/n), and 0.2 % for the 1 % response of pixels and the vignetting, by
    // which the mean light is not the light of each pixel.
    #expect(abs(gain / camera.gain - 1) < 5 * (2 / flat.count).squareRoot() + 0.002)
  }

  @Test("The overscan holds the bias level and no light; the pixels beside it hold the sky")
  func overscan() throws {
    let simulation = SimulationPreset.quick.simulation(seed: 4)
    let camera = simulation.camera
    let raw = simulation.light(1)
    #expect(raw.width == camera.rawWidth && raw.height == camera.height)
    let section = try #require(camera.overscan)
    let overscan = Moments(raw.cropped(to: section).pixels.map(Double.init))
    // The level of a readout strays by `biasDrift`; five of those.
    #expect(abs(overscan.mean - camera.biasLevel) < 5 * camera.biasDrift)
    // Read noise and rounding; five standard errors of a variance.
    let expected = camera.readNoise * camera.readNoise / camera.gain / camera.gain + 1.0 / 12
    let n = Double(section.width * section.height)
    #expect(abs(overscan.variance / expected - 1) < 5 * (2 / n).squareRoot())

    let inside = raw.cropped(to: PixelRectangle(x: 0, y: 0, width: camera.width, height: camera.height))
    let median = Median.of(inside.pixels.map(Double.init))
    let sky = simulation.conditions(1).sky / camera.gain
    // Vignetting takes up to `vignetting` of the sky, bias structure and faint stars move it by a few ADU.
    #expect(median - overscan.mean < sky + 5 && median - overscan.mean > sky * (1 - camera.vignetting) - 5)
  }

  @Test("Charge beyond the full well runs along the column, and none is lost")
  func blooming() {
    var camera = Camera(width: 64, height: 64)
    camera.hotPixels = 0
    camera.deadPixels = 0
    camera.dustRings = 0
    camera.vignetting = 0
    camera.pixelResponse = 0
    camera.darkCurrent = 0
    camera.biasColumns = 0
    camera.biasSlope = 0
    camera.fullWell = 60_000
    let detector = Detector(camera, seed: 1)
    var light = PixelGrid<Float>(width: 64, height: 64, repeating: 0)
    light.set(20, 30, 400_000)
    var random = SeededGenerator(seed: 2)
    let raw = detector.read(light: light, exposure: 1, random: &random)
    let full = Int(raw[20, 30])
    #expect(Double(full) >= camera.saturation)
    // 340,000 electrons too many fill five or six more wells of the column, to both sides.
    let filled = (0..<64).filter { Double(raw[20, $0]) >= camera.saturation }
    #expect(filled.first.map { $0 >= 27 && $0 < 30 } ?? false && filled.last.map { $0 > 30 && $0 <= 33 } ?? false)
    let total = (0..<64).reduce(0.0) { $0 + Double(raw[20, $1]) - camera.biasLevel } * camera.gain
    // Bias drift of 2 ADU over 64 pixels, read noise 7.3 e- x 8, shot noise; wells end at full well + 4 read noises.
    #expect(abs(total - 400_000) < 2500)
    #expect(Double(raw[21, 30]) < camera.biasLevel + 60)
  }

  @Test("Hot and dead pixels are there in the number asked for, less those that fall on one place")
  func badPixels() {
    let camera = Camera(width: 400, height: 300)
    let detector = Detector(camera, seed: 9)
    let hot = detector.darkRate.pixels.count { $0 > 0.5 }
    let dead = detector.response.pixels.count { $0 < 0.4 }
    // Of 500 among 120,000 one pair is expected to coincide.
    #expect(hot <= camera.hotPixels && hot > camera.hotPixels - 8)
    #expect(dead <= camera.deadPixels && dead > camera.deadPixels - 5)
  }
}
