import Testing

@testable import ElnathCore

/// A frame that is reduced box by box gives what the whole frame gives, bit for bit.
@Suite struct FrameReductionTests {
  static let size = PixelSize(width: 150, height: 130)
  static let detector = BiasDarkFlat.Detector(gain: 1.3, readNoise: 5, saturation: 4000)
  /// In the middle, near every border and corner, on each other, and outside.
  static let places = [
    (75.3, 64.8), (78.1, 66.2), (0.2, 60.4), (149.3, 31.7), (40.5, 0.1), (90.2, 129.4), (-0.4, 129.3), (148.9, 1.2),
    (20.6, 20.4), (151.0, 50.0),
  ].map { PixelPoint(x: $0.0, y: $0.1) }

  /// Ten columns of overscan stand before the sky's pixels, and two rows above them that nobody wants.
  static func raw(overscan: Bool) -> RawFrame {
    var random = SeededGenerator(seed: 5)
    let (width, height) = (size.width + 10, size.height + 2)
    var adu = PixelGrid<Float>(width: width, height: height, repeating: 0)
    for y in 0..<height {
      for x in 0..<width {
        var light = x < 10 ? 0 : 150.0
        for place in places where x >= 10 {
          let d = place.distance(to: PixelPoint(x: Double(x - 10), y: Double(y)))
          light += 6000 / (1 + d * d * d * d / 8)
        }
        adu.set(x, y, Float((1000 + 0.1 * Double(y) + (random.poisson(light) + 5 * random.normal()) / 1.3).rounded()))
      }
    }
    adu.set(60, 44, .nan)
    var observation = Observation(file: "frame.fits", kind: .light, width: width, height: height)
    observation.trim = PixelRectangle(x: 10, y: 0, width: size.width, height: size.height)
    observation.overscan = overscan ? PixelRectangle(x: 0, y: 0, width: 10, height: height) : nil
    observation.exposure = 60
    observation.filter = "R"
    return RawFrame(observation: observation, adu: adu)
  }

  static func master(level: Float, scatter: Float, exposure: Double, seed: UInt64) -> Master {
    var random = SeededGenerator(seed: seed)
    var image = PixelGrid<Float>(width: size.width, height: size.height, repeating: level)
    var mask = PixelGrid<PixelMask>(width: size.width, height: size.height, repeating: [])
    for y in 0..<size.height {
      for x in 0..<size.width {
        image.set(x, y, level + scatter * Float(random.normal()))
        if random.uniform() < 0.002 { mask.set(x, y, .bad) }
      }
    }
    return Master(
      image: image, variance: PixelGrid(width: size.width, height: size.height, repeating: 1e-5), mask: mask, frames: 5,
      rejected: 0, exposure: exposure)
  }

  static func reduction(_ parts: Set<String>) throws -> FrameReduction {
    var masters = Masters()
    if parts.contains("bias") { masters.bias = master(level: 2, scatter: 1, exposure: 0, seed: 1) }
    if parts.contains("dark") { masters.darks = [master(level: 3, scatter: 1, exposure: 120, seed: 2)] }
    if parts.contains("flat") {
      masters.flats["R"] = FlatField(response: master(level: 1, scatter: 0.03, exposure: 0, seed: 3))
    }
    var raw = raw(overscan: parts.contains("overscan"))
    if parts.contains("outputs") { raw.observation.amplifiers = outputs }
    if parts.contains("bend") {
      raw.observation.linearity = [1e-6, 1e-11]
      raw.observation.linearLimit = 3000
    }
    return try #require(BiasDarkFlat(masters: masters).prepared(raw, detector: detector))
  }

  /// Seams run through several of the places, and not through the middle.
  static let outputs = [
    Amplifier(
      area: PixelRectangle(x: 0, y: 0, width: 77, height: 60),
      overscan: PixelRectangle(x: 0, y: 0, width: 10, height: 60), gain: 1.1, readNoise: 8),
    Amplifier(area: PixelRectangle(x: 77, y: 0, width: 73, height: 60), gain: 1.6),
    Amplifier(
      area: PixelRectangle(x: 0, y: 60, width: 150, height: 70),
      overscan: PixelRectangle(x: 0, y: 70, width: 10, height: 62), readNoise: 3),
  ]

  static let parts: [Set<String>] = [
    [], ["flat"], ["bias", "overscan"], ["dark", "overscan"], ["bias", "dark", "flat", "overscan"],
    ["bias", "dark", "flat", "overscan", "outputs", "bend"], ["flat", "outputs"], ["bias", "bend"],
  ]

  @Test(arguments: parts) func boxesHoldWhatTheFrameHolds(_ parts: Set<String>) throws {
    let reduction = try Self.reduction(parts)
    let frame = reduction.frame()
    #expect(frame.width == Self.size.width && frame.height == Self.size.height)
    for box in [
      PixelRectangle(x: 0, y: 0, width: 150, height: 130), PixelRectangle(x: 40, y: 35, width: 33, height: 17),
      PixelRectangle(x: 149, y: 129, width: 1, height: 1),
    ] {
      reduction.withPlanes(in: box) { planes in
        var differing = 0
        for y in box.y..<(box.y + box.height) {
          for x in box.x..<(box.x + box.width) {
            let i = planes.index(x, y)
            let same =
              planes.image[i].bitPattern == frame.image.image[x, y].bitPattern
              && planes.planes.variance[i].bitPattern == frame.image.variance[x, y].bitPattern
              && planes.mask[i] == frame.image.mask[x, y] && planes.adu[i].bitPattern == frame.adu[x, y].bitPattern
              && planes.inverseFlat?[i] == frame.inverseFlat?[x, y]
              && planes.flatVariance?[i] == frame.flatVariance?[x, y]
            if !same { differing += 1 }
          }
        }
        #expect(differing == 0)
      }
    }
  }

  @Test(arguments: parts) func lightIsTheFrameWithoutItsVariances(_ parts: Set<String>) throws {
    let reduction = try Self.reduction(parts)
    let frame = reduction.image()
    guard let light = reduction.light() else {
      // Straightened pixels have variances of their own; nothing else here asks for them.
      #expect(parts.contains("bend"))
      return
    }
    #expect(zip(light.image.pixels, frame.image.pixels).allSatisfy { $0.bitPattern == $1.bitPattern })
    #expect(light.mask == frame.mask)
  }

  /// A master may know nothing of a pixel that has a value, and a raw frame may hold any float.
  @Test func lightIsNotMadeWhereTheMaskDependsOnTheVariance() throws {
    var dark = Self.master(level: 3, scatter: 1, exposure: 120, seed: 2)
    var variance = dark.variance
    variance.set(20, 30, .nan)
    dark = Master(image: dark.image, variance: variance, mask: dark.mask, frames: 5, rejected: 0, exposure: 120)
    let raw = Self.raw(overscan: true)
    let doubtful = try #require(BiasDarkFlat(masters: Masters(darks: [dark])).prepared(raw, detector: Self.detector))
    #expect(doubtful.light() == nil)
    #expect(doubtful.image().mask[20, 30].contains(.bad))

    var wild = raw.adu
    for (x, value) in [(40, Float(1e17)), (60, -3e30), (80, .infinity), (100, 3.4e38)] { wild.set(x, 50, value) }
    let reduction = try #require(
      BiasDarkFlat(masters: Masters()).prepared(
        RawFrame(observation: raw.observation, adu: wild), detector: Self.detector))
    let light = try #require(reduction.light())
    let frame = reduction.image()
    #expect(zip(light.image.pixels, frame.image.pixels).allSatisfy { $0.bitPattern == $1.bitPattern })
    #expect(light.mask == frame.mask)
  }

  @Test(arguments: parts) func starsAreFoundWithoutReducingMore(_ parts: Set<String>) throws {
    let reduction = try Self.reduction(parts)
    let found = SourceDetection()(reduction)
    let expected = SourceDetection()(reduction.frame())
    // As text, in which NaN is equal to itself.
    #expect("\(found.sources)" == "\(expected.sources)" && !found.sources.isEmpty)
    // The variances of the pixels themselves hold the noise of the masters too.
    let planes = SourceDetection()(reduction.image(), of: reduction.observation)
    for (a, b) in zip(found.sources, planes.sources) {
      #expect(a.position == b.position && abs(a.positionVariance / b.positionVariance - 1) < 0.5)
    }
    #expect("\(found.sky) \(found.fwhm)" == "\(expected.sky) \(expected.fwhm)")
  }

  @Test(arguments: parts, [CentroidMode.windowed, .forced])
  func starsMeasureTheSame(_ parts: Set<String>, _ centroid: CentroidMode) throws {
    let reduction = try Self.reduction(parts)
    let stars = Self.places.indices.map { i in
      Star(
        name: "S\(i)", role: .target, rightAscension: .nan, declination: .nan, position: Self.places[i],
        magnitude: .nan, band: "", extended: false)
    }
    let radii = [2.4, 3.6, 5.5]
    let photometry = AperturePhotometry(
      plan: MeasurementPlan(
        stars: stars, centroids: stars.map { _ in centroid },
        filters: [
          MeasurementPlan.FilterPlan(
            filter: "R", fwhm: 3.3, radii: radii, annulus: AnnularAperture(inner: 9, outer: 13.2),
            masked: stars.map { _ in [] }, contamination: Array(repeating: 0, count: stars.count * radii.count),
            neighbour: Array(repeating: false, count: stars.count * radii.count))
        ]))
    let registration = Registration(
      transform: SimilarityTransform(a: 1, b: 0.001, tx: 0.4, ty: -0.3), method: .stars, matched: 9, residual: 0.01)
    let whole = photometry(reduction.frame(), registration: registration, number: 1, airmass: 1.2)
    let boxes = photometry(reduction, registration: registration, number: 1, airmass: 1.2)
    // As texts, since NaN differs from itself.
    #expect("\(whole)" == "\(boxes)")
    #expect(whole.stars.contains { $0.flags.contains(.outside) } && whole[0, 2].flux > 0)
  }
}
