// Geometry and defects of simulated detectors. All draws are seeded.
import Testing

@testable import ElnathCore

@Suite struct SimulateDetectorTests {
  /// A camera that adds nothing to its zero levels but read noise.
  private func plain(_ outputs: Int, width: Int = 64, height: Int = 48) -> Camera {
    var camera = Camera(width: width, height: height)
    camera.overscanColumns = 8
    camera.hotPixels = 0
    camera.deadPixels = 0
    camera.dustRings = 0
    camera.vignetting = 0
    camera.pixelResponse = 0
    camera.darkCurrent = 0
    camera.biasColumns = 0
    camera.biasSlope = 0
    camera.biasDrift = 0
    if outputs > 1 {
      camera.outputs = (0..<outputs).map {
        .init(name: "\($0)", gain: 1 + 0.5 * Double($0), readNoise: 3, biasLevel: 1000 + 500 * Double($0))
      }
    }
    return camera
  }

  @Test("The areas of the outputs tile the frame, their overscans lie beside them", arguments: [1, 2, 4])
  func geometry(outputs: Int) throws {
    let camera = plain(outputs)
    var seen = PixelGrid<Int>(width: 64, height: 48, repeating: 0)
    for amplifier in camera.amplifiers {
      let area = amplifier.area
      for y in area.y..<(area.y + area.height) {
        for x in area.x..<(area.x + area.width) { seen.set(x, y, seen[x, y] + 1) }
      }
      let overscan = try #require(amplifier.overscan)
      #expect(overscan.width == 8 && overscan.height == area.height && overscan.y == area.y)
      #expect(overscan.fits(width: camera.rawWidth, height: camera.rawHeight))
      let left = area.x == 0 && outputs > 1
      #expect(left ? overscan.x == 0 : overscan.x + 8 == camera.rawWidth)
    }
    #expect(seen.pixels.allSatisfy { $0 == 1 })
    #expect(camera.rawWidth == (outputs > 1 ? 80 : 72))
  }

  @Test("Each output has its own zero level and gain, in the image and in its overscan", arguments: [1, 2, 4])
  func outputs(outputs: Int) throws {
    let camera = plain(outputs)
    let detector = Detector(camera, seed: 1)
    var random = SeededGenerator(seed: 2)
    let light = PixelGrid<Float>(width: 64, height: 48, repeating: 4000)
    let raw = detector.read(light: light, exposure: 1, random: &random)
    #expect(raw.width == camera.rawWidth && raw.height == 48)
    for (number, amplifier) in camera.amplifiers.enumerated() {
      let gain = try #require(amplifier.gain)
      let level = outputs == 1 ? camera.biasLevel : camera.outputs[number].biasLevel
      let overscan = raw.cropped(to: try #require(amplifier.overscan)).pixels.map(Double.init)
      // 192 pixels of 3 to 6 ADU of noise: 0.4 ADU; five of those.
      #expect(abs(overscan.reduce(0, +) / Double(overscan.count) - level) < 2)
      var area = amplifier.area
      area.x += camera.trim.x
      let seen = raw.cropped(to: area).pixels.map(Double.init)
      // 768 pixels of up to 65 electrons of noise: 2.4; five of those.
      #expect(abs((seen.reduce(0, +) / Double(seen.count) - level) * gain - 4000) < 12)
    }
  }

  @Test("Prescan columns and overscan rows stand around the image of a single output")
  func margins() {
    var camera = plain(1)
    camera.prescanColumns = 4
    camera.overscanRows = 6
    let detector = Detector(camera, seed: 1)
    var random = SeededGenerator(seed: 2)
    let raw = detector.read(
      light: PixelGrid<Float>(width: 64, height: 48, repeating: 10_000), exposure: 1, random: &random)
    #expect(raw.width == 76 && raw.height == 54 && camera.trim == PixelRectangle(x: 4, y: 0, width: 64, height: 48))
    for y in 0..<54 {
      for x in 0..<76 {
        let lit = Double(raw[x, y]) > camera.biasLevel + 4000
        #expect(lit == (x >= 4 && x < 68 && y < 48))
      }
    }
  }

  @Test("Damaged overscan columns are the last ones read; deferred charge stands in the first")
  func overscanFaults() {
    var camera = plain(4)
    camera.damagedOverscanColumns = 2
    camera.deferredCharge = 0.05
    let detector = Detector(camera, seed: 1)
    var random = SeededGenerator(seed: 2)
    let raw = detector.read(
      light: PixelGrid<Float>(width: 64, height: 48, repeating: 20_000), exposure: 1, random: &random)
    for y in 0..<48 {
      #expect(raw[0, y] == 0 && raw[1, y] == 0 && raw[78, y] == 0 && raw[79, y] == 0)
      // 1000 electrons of 20,000, then 333.
      let left = camera.outputs[y < 24 ? 0 : 2]
      #expect(abs((Double(raw[7, y]) - left.biasLevel) * left.gain - 1000) < 6 * 32)
      #expect(abs((Double(raw[6, y]) - left.biasLevel) * left.gain - 333) < 6 * 19)
    }
  }

  @Test("A bent response is what the correction makes straight again")
  func linearity() {
    var camera = plain(1)
    camera.linearity = [3e-7, 1e-12]
    for signal in [0.0, 10, 5000, 30_000, 60_000] {
      let m = camera.response(to: signal)
      #expect(abs(m * (1 + 3e-7 * m + 1e-12 * m * m) - signal) < 1e-6)
    }
    #expect(camera.response(to: 60_000) < 59_100)
  }

  @Test("Spoilt columns run to the far end of their output, unstable pixels come and go")
  func defects() {
    var camera = plain(4)
    camera.badColumns = 4
    camera.unstablePixels = 20
    let detector = Detector(camera, seed: 5)
    for x in 0..<64 {
      let rows = (0..<48).filter { detector.defects[x, $0].contains(.column) }
      guard let last = rows.last else { continue }
      #expect(rows.allSatisfy { y in y < 24 ? detector.defects[x, 23].contains(.column) : true })
      #expect(last < 24 || detector.defects[x, 24].contains(.column))
    }
    #expect(detector.defects.pixels.contains { $0.contains(.column) })
    var random = SeededGenerator(seed: 6)
    let frames = (0..<8).map { _ in detector.read(light: nil, exposure: 60, random: &random) }
    var changing = 0
    for y in 0..<48 {
      for x in 0..<64 where detector.defects[x, y].contains(.unstable) {
        let values = frames.map { Int($0[x + 8, y]) }
        // 5 e-/s over 60 s is 300 electrons against a read noise of 3.
        if (values.max() ?? 0) - (values.min() ?? 0) > 80 { changing += 1 }
      }
    }
    // Eight frames all in one state: one of 128.
    #expect(changing >= 15)
  }

  @Test("Particles come at the stated rate and leave their charge in the frame")
  func particles() {
    var camera = plain(1, width: 400, height: 300)
    camera.cosmicRays = 5
    camera.pixelPitch = 15
    let night = Night(
      site: Site(longitude: 0, latitude: 30, altitude: 0, aperture: 1), day: 2_458_867.5, begin: 0, span: 5, lights: 9)
    let simulation = Simulation(
      sky: Sky(rightAscension: 60, declination: 20, stars: []), camera: camera, night: night, seed: 3)
    let rays = (0..<40).flatMap { simulation.cosmicRays(.dark, $0) }
    // 0.27 cm^2, 127.5 s, 5 per cm^2 and minute: 2.87 a frame, 115 in 40; five sigma.
    #expect(abs(Double(rays.count) - 114.75) < 54)
    #expect(rays.allSatisfy { $0.electrons > 10 && $0.electrons < 1e5 })
    // A muon straight through 40 um leaves some 3000 e-.
    let charges = rays.map(\.electrons).sorted()
    #expect((2000..<6000).contains(charges[charges.count / 2]))
    guard let index = (0..<40).first(where: { !simulation.cosmicRays(.dark, $0).isEmpty }) else { return }
    let expected = simulation.cosmicRays(.dark, index).reduce(0) { $0 + $1.electrons }
    let raw = simulation.dark(index)
    let sum = raw.cropped(to: camera.trim).pixels.reduce(0.0) { $0 + Double($1) - camera.biasLevel } * camera.gain
    // Shot noise of the charge and read noise of 120,000 pixels: 2500 electrons; five sigma.
    #expect(abs(sum - expected) < 13_000 + 5 * expected.squareRoot())
    #expect(simulation.cosmicRays(.dark, index) == simulation.cosmicRays(.dark, index))
  }
}
