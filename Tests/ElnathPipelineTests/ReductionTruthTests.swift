// Simulated raw frames of one and of four outputs through files and masters to reduced frames, against what was
// injected.
import ElnathCore
import ElnathTestSupport
import FoundationEssentials
import Testing

@testable import ElnathPipeline

extension Pulls {
  /// Mean 0 and sigma 1 within 2 per cent.
  fileprivate func expectTrue(_ name: String, atLeast least: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(count >= least, "\(name): \(count)", sourceLocation: sourceLocation)
    #expect(abs(mean) < 0.02, "\(name): mean \(mean) of \(count)", sourceLocation: sourceLocation)
    #expect(abs(sigma - 1) < 0.02, "\(name): sigma \(sigma) of \(count)", sourceLocation: sourceLocation)
  }
}

@Suite("reduced frames against the truth") struct ReductionTruthTests {
  /// The master flat is the response over some level of its own: that level, from pixels free of defects.
  static func level(of flat: PlainFITS, _ detector: Detector, in area: PixelRectangle? = nil) throws -> Double {
    let (image, mask) = (try flat.image, try flat.mask)
    let area = area ?? PixelRectangle(x: 0, y: 0, width: image.width, height: image.height)
    var (sum, count) = (0.0, 0.0)
    for y in area.y..<(area.y + area.height) {
      for x in area.x..<(area.x + area.width) where mask[x, y] == 0 && detector.defects[x, y].isEmpty {
        sum += Double(detector.response[x, y]) / image[x, y]
        count += 1
      }
    }
    return sum / count
  }

  /// What the pixels of a light say, those under the empty sky and those in stars apart.
  private static func add(
    _ light: PlainFITS, of simulation: Simulation, _ index: Int, level: Double, sky: inout Pulls, stars: inout Pulls
  ) throws {
    let (image, variance, mask) = (try light.image, try light.variance, try light.mask)
    let truth = simulation.expectedLight(index)
    let dark = simulation.conditions(index).sky
    for i in image.values.indices where mask.values[i] == 0 {
      let expected = Double(truth.pixels[i])
      if expected < 1.02 * dark {
        sky.add(image.values[i], truth: expected * level, variance: variance.values[i])
      } else if expected > 3 * dark {
        stars.add(image.values[i], truth: expected * level, variance: variance.values[i])
      }
    }
  }

  @Test("Pixels in the dark, under the sky and in stars have pulls of mean 0 and sigma 1", arguments: [1, 4])
  func pulls(outputs: Int) async throws {
    let simulation = SmallDetector.night(SmallDetector.camera(outputs: outputs), lights: 12, seed: 5)
    let folder = try TestFolder()
    let night = try await ReducedNight(project: try await folder.write(simulation))
    let level = try Self.level(of: try night.master("flat_R"), simulation.detector)
    var (sky, stars) = (Pulls(), Pulls())
    #expect(night.lights.count == 12)
    for (index, light) in night.lights.enumerated() {
      let size = try light.image
      // A non-square frame keeps every row and column.
      #expect(size.width == 192 && size.height == 160)
      try Self.add(light, of: simulation, index, level: level, sky: &sky, stars: &stars)
    }
    sky.expectTrue("sky", atLeast: 60_000)
    stars.expectTrue("stars", atLeast: 10_000)
  }

  @Test("A bent response is made straight, pulls included")
  func bentResponse() async throws {
    var camera = SmallDetector.camera(outputs: 1)
    // 3 per cent at 40,000 ADU.
    camera.linearity = [2.5e-7, 1.25e-11]
    let simulation = SmallDetector.night(camera, lights: 6, seed: 12)
    let folder = try TestFolder()
    let night = try await ReducedNight(project: try await folder.write(simulation))
    let level = try Self.level(of: try night.master("flat_R"), simulation.detector)
    var (sky, stars) = (Pulls(), Pulls())
    for (index, light) in night.lights.enumerated() {
      try Self.add(light, of: simulation, index, level: level, sky: &sky, stars: &stars)
    }
    sky.expectTrue("sky", atLeast: 30_000)
    stars.expectTrue("stars", atLeast: 8_000)
  }

  @Test("Pixels that saw no light have pulls of mean 0 and sigma 1", arguments: [1, 4])
  func darkPulls(outputs: Int) async throws {
    let simulation = SmallDetector.night(
      SmallDetector.camera(outputs: outputs), lights: 8, seed: 6, stars: false, sky: 40)
    let folder = try TestFolder()
    let night = try await ReducedNight(project: try await folder.write(simulation))
    var pulls = Pulls()
    for light in night.lights {
      let (image, variance, mask) = (try light.image, try light.variance, try light.mask)
      for i in image.values.indices where mask.values[i] == 0 {
        // Read noise and masters; next to no photons.
        pulls.add(image.values[i], truth: 0, variance: variance.values[i])
      }
    }
    pulls.expectTrue("dark", atLeast: 200_000)
  }

  @Test("Flat, dark current and bad pixels of the detector come back from the masters", arguments: [1, 4])
  func detector(outputs: Int) async throws {
    let camera = SmallDetector.camera(outputs: outputs)
    let simulation = SmallDetector.night(camera, lights: 2, seed: 7)
    let detector = simulation.detector
    let folder = try TestFolder()
    let night = try await ReducedNight(project: try await folder.write(simulation))

    let flat = try night.master("flat_R")
    let level = try Self.level(of: flat, detector)
    for amplifier in camera.amplifiers {
      // 7700 pixels, each good to 0.3 per cent from three frames: 4e-5; the dark under it adds as much.
      #expect(abs(try Self.level(of: flat, detector, in: amplifier.area) / level - 1) < 4e-4, "\(amplifier.name)")
    }
    var flatPulls = Pulls()
    let (response, flatVariance, flatMask) = (try flat.image, try flat.variance, try flat.mask)
    for i in response.values.indices where flatMask.values[i] == 0 && detector.defects.pixels[i].isEmpty {
      flatPulls.add(
        response.values[i], truth: Double(detector.response.pixels[i]) / level, variance: flatVariance.values[i])
    }
    #expect(abs(flatPulls.mean) < 0.05, "\(flatPulls.mean)")
    // One master of three frames: 30,000 pixels, each pixel once: sigma good to 0.4 per cent, the model of it to 3.
    #expect(abs(flatPulls.sigma - 1) < 0.03, "\(flatPulls.sigma)")

    let dark = try night.master("dark_120s")
    // The variance of a dark is that of its frames: the bias that was subtracted counts once, where both are used.
    let biasVariance = try night.master("bias").variance
    let (rate, darkVariance, darkMask) = (try dark.image, try dark.variance, try dark.mask)
    let amplifiers = camera.amplifiers
    var darkPulls = Pulls()
    for amplifier in amplifiers {
      let gain = try #require(amplifier.gain)
      let area = amplifier.area
      for y in area.y..<(area.y + area.height) {
        for x in area.x..<(area.x + area.width) where darkMask[x, y] == 0 && detector.defects[x, y].isEmpty {
          darkPulls.add(
            rate[x, y] * gain, truth: Double(detector.darkRate[x, y]) * 120,
            variance: (darkVariance[x, y] + biasVariance[x, y]) * gain * gain)
        }
      }
    }
    // The zero level of an output is good to 0.05 electrons, of some 4 in a pixel.
    #expect(abs(darkPulls.mean) < 0.06, "\(darkPulls.mean)")
    // 30,000 pixels give the sigma to 0.4 per cent; the read noise as the frames show it is good to 2.
    #expect(abs(darkPulls.sigma - 1) < 0.03, "\(darkPulls.sigma)")

    let mask = try night.lights[0].mask
    var (lost, wronged) = (0, 0)
    for i in mask.values.indices {
      let bad = mask.values[i] != 0
      let hot = detector.defects.pixels[i].contains(.hot) && detector.darkRate.pixels[i] > 4
      let dead = detector.defects.pixels[i].contains(.dead)
      if (hot || dead) && !bad { lost += 1 }
      // Half of the hot pixels are faint enough to be corrected.
      if detector.defects.pixels[i].isEmpty && bad { wronged += 1 }
    }
    #expect(lost == 0, "\(lost) hot or dead pixels pass as good")
    // Saturated star cores are none here; three in ten thousand would be one star less in a field.
    #expect(wronged <= 10, "\(wronged) good pixels are called bad")
  }
}
