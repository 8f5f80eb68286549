import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Further laws of every kind of aperture, of what turns them, and of ellipses.
@Suite struct ApertureLawTests {
  static let registered = ApertureTests.registered

  @Test func thousandsOfEllipsesHaveTheirArea() {
    var random = SeededGenerator(seed: 71)
    var worst = 0.0
    for _ in 0..<4000 {
      let (a, b) = (random.uniform(0.05..<15), random.uniform(0.05..<15))
      var angle = random.uniform(-180..<180)
      if random.uniform() < 0.2 { angle = (angle / 45).rounded() * 45 }
      let outer = EllipticalAperture(a: a, b: b, angle: angle * .pi / 180)
      var centre = PixelPoint(x: random.uniform(0..<1), y: random.uniform(0..<1))
      // Where cases of the geometry meet.
      if random.uniform() < 0.33 { centre.x = (random.uniform() * 4).rounded() / 4 }
      if random.uniform() < 0.33 { centre.y = (random.uniform() * 4).rounded() / 4 }
      worst = max(worst, abs(outer.weights(centeredAt: centre).area / outer.area - 1))
      let ring = EllipticalAnnulus(inner: a * random.uniform(0.1..<0.9), outer: outer)
      worst = max(worst, abs(ring.weights(centeredAt: centre).area - ring.area) / outer.area)
    }
    #expect(worst < 1e-12)
  }

  @Test func aRoundEllipseIsACircle() {
    var random = SeededGenerator(seed: 72)
    for _ in 0..<200 {
      let radius = random.uniform(0.2..<9)
      let centre = PixelPoint(x: random.uniform(0..<1), y: random.uniform(0..<1))
      let circle = CircularAperture(radius: radius).weights(centeredAt: centre)
      let ellipse = EllipticalAperture(a: radius, b: radius, angle: random.uniform(0..<6)).weights(centeredAt: centre)
      #expect(circle.x == ellipse.x && circle.width == ellipse.width)
      // Rounding in units of the unit circle, times its area.
      #expect(zip(circle.fractions, ellipse.fractions).allSatisfy { abs($0 - $1) < 1e-13 * max(1, radius * radius) })
    }
  }

  @Test func aConstantImageGivesItsValueTimesTheArea() {
    let seven = PixelGrid<Float>(width: 80, height: 80, repeating: 7)
    var random = SeededGenerator(seed: 73)
    for aperture in Self.registered where aperture.reach < 35 {
      for _ in 0..<50 {
        let centre = PixelPoint(x: random.uniform(38..<42), y: random.uniform(38..<42))
        let sum = aperture.weights(centeredAt: centre).sum(over: seven).sum
        #expect(abs(sum / (7 * aperture.area) - 1) < 1e-12)
      }
    }
  }

  /// A quarter turn and a transposition of image, place and shape together change nothing.
  @Test func turnedImagesGiveTheSameSums() {
    var random = SeededGenerator(seed: 74)
    let n = 90
    let image = PixelGrid<Float>(width: n, height: n, pixels: (0..<(n * n)).map { _ in Float(random.uniform(0..<900)) })
    let turned = PixelGrid<Float>(
      width: n, height: n, pixels: (0..<(n * n)).map { image[$0 / n, n - 1 - $0 % n] })
    let transposed = PixelGrid<Float>(width: n, height: n, pixels: (0..<(n * n)).map { image[$0 / n, $0 % n] })
    for aperture in Self.registered {
      let centre = PixelPoint(x: random.uniform(30..<50), y: random.uniform(30..<50))
      let sum = aperture.weights(centeredAt: centre).sum(over: image).sum
      // (x, y) -> (n - 1 - y, x).
      let quarter = aperture.turned(by: .pi / 2, mirrored: false)
        .weights(centeredAt: PixelPoint(x: Double(n - 1) - centre.y, y: centre.x)).sum(over: turned).sum
      // (x, y) -> (y, x): a flip of x and a quarter turn backwards.
      let flipped = aperture.turned(by: -.pi / 2, mirrored: true)
        .weights(centeredAt: PixelPoint(x: centre.y, y: centre.x)).sum(over: transposed).sum
      // The angle and the place are rounded: 1e-14 px along borders of a hundred pixels of 900.
      #expect(abs(quarter - sum) < 1e-8 && abs(flipped - sum) < 1e-8, "\(aperture)")
    }
  }

  @Test func aSubPixelShiftHardlyChangesASampledStar() {
    let simulator = StampSimulator(size: 81, fwhm: 8, sky: 0, gain: 1, readNoise: 0)
    func flux(_ aperture: any Aperture, _ place: PixelPoint) -> Double {
      let image = PixelGrid(width: 81, height: 81, pixels: simulator.star(at: place).map { Float($0) })
      return aperture.weights(centeredAt: place).sum(over: image).sum
    }
    let shapes: [any Aperture] = [
      CircularAperture(radius: 8), EllipticalAperture(a: 10, b: 7, angle: 0.4), AnnularAperture(inner: 3, outer: 9),
      EllipticalAnnulus(inner: 4, outer: EllipticalAperture(a: 11, b: 8, angle: 1)),
    ]
    for aperture in shapes {
      let middle = flux(aperture, PixelPoint(x: 40, y: 40))
      for place in [PixelPoint(x: 40.5, y: 40), PixelPoint(x: 40.21, y: 39.68)] {
        #expect(abs(flux(aperture, place) / middle - 1) < 1e-3)
      }
    }
  }

  @Test func momentsAreThoseOfTheShape() {
    for aperture in Self.registered where aperture.reach < 60 && aperture.reach > 10 {
      let weights = aperture.weights(centeredAt: PixelPoint(x: 0, y: 0))
      var sums = (xx: 0.0, xy: 0.0, yy: 0.0)
      for row in 0..<weights.height {
        for column in 0..<weights.width {
          let w = weights.fractions[row * weights.width + column] / aperture.area
          let (x, y) = (Double(weights.x + column), Double(weights.y + row))
          sums.xx += w * (x * x + 1.0 / 12)
          sums.xy += w * x * y
          sums.yy += w * (y * y + 1.0 / 12)
        }
      }
      // Light even within the pixels of the border: some thousandths of a large shape.
      let size = aperture.reach * aperture.reach
      #expect(abs(sums.xx - aperture.moments.xx) < 2e-3 * size)
      #expect(abs(sums.xy - aperture.moments.xy) < 2e-3 * size)
      #expect(abs(sums.yy - aperture.moments.yy) < 2e-3 * size)
    }
  }

  @Test(arguments: [
    SimilarityTransform(a: 0, b: 1, tx: 3, ty: 4), SimilarityTransform(a: 0.8, b: -0.6, tx: 0, ty: 9),
    SimilarityTransform(a: 0.6, b: 0.8, tx: 100, ty: -9, mirrored: true),
  ]) func shapesAndSectorsTurnWithTheFrame(_ transform: SimilarityTransform) {
    let turn = FrameTurn(FrameTransform(transform))
    let origin = transform(PixelPoint(x: 0, y: 0))
    let shape = EllipticalAperture(a: 9, b: 3, angle: 0.5)
    let turned = turn(shape).moments
    let end = transform(PixelPoint(x: cos(0.5), y: sin(0.5)))
    let (x, y) = (end.x - origin.x, end.y - origin.y)
    // Along its long axis the mean square is a^2/4.
    let square: Double = turned.xx * x * x + 2 * turned.xy * x * y + turned.yy * y * y
    #expect(abs(square - 81.0 / 4) < 1e-9)
    let sector = SkySector(from: 0.3, width: 0.4)
    let placed = turn(sector)
    let middle = transform(PixelPoint(x: cos(0.5), y: sin(0.5)))
    let direction = atan2(middle.y - origin.y, middle.x - origin.x)
    #expect(abs((placed.from + placed.width / 2 - direction).remainder(dividingBy: 2 * .pi)) < 1e-12)
    #expect(placed.width == 0.4)
  }

  @Test func positionAnglesRunFromUpThroughLeft() {
    let east = SkySector(positionAngles: 80, to: 100)
    #expect(abs((east.from + east.width / 2 - .pi).remainder(dividingBy: 2 * .pi)) < 1e-12)
    let north = SkySector(positionAngles: 350, to: 10)
    #expect(abs(north.width - 20 * .pi / 180) < 1e-12)
    #expect(abs((north.from + north.width / 2 - .pi / 2).remainder(dividingBy: 2 * .pi)) < 1e-12)
    // A frame turned so that +y points east; and its mirror image, where north is then -x.
    let turned = SkySector(
      positionAngles: 80, to: 100, orientation: SkyOrientation(scale: 1, angle: .pi / 2, mirrored: false))
    #expect(abs((turned.from + turned.width / 2 - .pi / 2).remainder(dividingBy: 2 * .pi)) < 1e-12)
    let mirrored = SkySector(
      positionAngles: 350, to: 10, orientation: SkyOrientation(scale: 1, angle: .pi / 2, mirrored: true))
    #expect(abs((mirrored.from + mirrored.width / 2 - .pi).remainder(dividingBy: 2 * .pi)) < 1e-12)
  }

  @Test func apertureInUnitsOfTheWidth() throws {
    let planned = try #require(PlannedAperture(.ellipticalAnnulus, [0.5, 2, 1, 30], unit: .fwhm))
    #expect(planned.shape(fwhm: 4).radius == 4 * 2.0.squareRoot())
    var plan = MeasurementPlan.FilterPlan(
      filter: "R", fwhm: 4, apertures: [planned, PlannedAperture(circle: 9)],
      annulus: AnnularAperture(inner: 9, outer: 12),
      masked: [], contamination: [], neighbour: [])
    #expect(plan.shapes(5).map(\.radius) == [5 * 2.0.squareRoot(), 9])
    #expect(plan.shapes(.nan).map(\.radius) == [4 * 2.0.squareRoot(), 9])
    // Undersampled: not from frame to frame.
    plan.fwhm = 2
    #expect(plan.shapes(5).map(\.radius) == [2 * 2.0.squareRoot(), 9])
  }

  @Test func absurdPlacesAndSizesCoverNothing() {
    for aperture in Self.registered + [CircularAperture(radius: 1e300), AnnularAperture(inner: 0, outer: 1e200)] {
      for place in [PixelPoint(x: 1e300, y: 0), PixelPoint(x: .nan, y: 3), PixelPoint(x: 0, y: -.infinity)] {
        #expect(aperture.weights(centeredAt: place).area == 0)
      }
    }
    #expect(CircularAperture(radius: 1e300).weights(centeredAt: PixelPoint(x: 0, y: 0)).fractions.isEmpty)
    for kind in ApertureKind.allCases {
      for number in [0, -1, .nan, .infinity] {
        #expect(kind.aperture(kind.parameters.map { _ in number }) == nil)
      }
    }
  }

  /// Stars that no frame has, apertures and annuli larger than the frame: no trap, no value but a flagged one.
  @Test func absurdPlansAreMeasuredWithoutTraps() {
    let simulator = StampSimulator(size: 41, fwhm: 3, sky: 50, gain: 1, readNoise: 3)
    var random = SeededGenerator(seed: 75)
    let frame = simulator.exposure(flux: 9000, at: PixelPoint(x: 20, y: 20), &random)
    let places = [
      PixelPoint(x: 20, y: 20), PixelPoint(x: 1e300, y: -1e300), PixelPoint(x: .nan, y: 20), PixelPoint(x: -0.5, y: 40),
    ]
    let apertures =
      [1e-9, 3, 400, 1e150].map { PlannedAperture(circle: $0) } + [PlannedAperture(.ellipse, [900, 2, 12])!]
    for annulus in [AnnularAperture(inner: 6, outer: 11), AnnularAperture(inner: 0, outer: 1e300)] {
      for estimator in SkyEstimator.allCases {
        for mode in CentroidMode.allCases {
          let plan = MeasurementPlan(
            stars: places.map { Star(name: "s", role: .measure, position: $0) }, centroids: places.map { _ in mode },
            filters: [
              MeasurementPlan.FilterPlan(
                filter: "R", fwhm: 3, apertures: apertures, annulus: annulus,
                masked: places.map { _ in [MaskedCircle(centre: PixelPoint(x: 1e300, y: .nan), radius: 1e250)] },
                contamination: places.flatMap { _ in apertures.map { _ in 0 } },
                neighbour: places.flatMap { _ in apertures.map { _ in false } })
            ], sky: estimator)
          let measured = AperturePhotometry(plan: plan)(
            frame, registration: Registration(transform: .identity, method: .reference, matched: 0, residual: 0),
            number: 1, airmass: .nan)
          #expect(measured.apertures.count == places.count * apertures.count)
          #expect(measured.stars[1].flags.contains(.outside) && measured[1, 0].flux.isNaN)
          #expect(measured.stars[2].flags.contains(.outside) && measured[2, 1].flux.isNaN)
          #expect(measured[0, 2].flags.contains(.pastEdge) && measured[0, 4].flags.contains(.pastEdge))
        }
      }
    }
  }
}
