import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The laws of every kind of aperture, closed forms, and sums by other programs.
@Suite struct ApertureTests {
  // MARK: Laws

  /// One small, one common and one large aperture of each kind.
  static let registered: [any Aperture] = ApertureKind.allCases.flatMap { kind in
    [0.45, 3.7, 21.3].map { size in
      kind.aperture(kind.parameters.indices.map { size * (1 + 0.6 * Double($0)) })!
    }
  }

  @Test(arguments: ApertureKind.allCases) func everyKindIsMadeFromItsLengthsOnly(_ kind: ApertureKind) {
    let count = kind.parameters.count
    #expect(kind.aperture((1...count).map { Double($0) }) != nil)
    #expect(kind.aperture([]) == nil)
    #expect(kind.aperture(Array(repeating: -1, count: count)) == nil)
    #expect(kind.aperture(Array(repeating: .nan, count: count)) == nil)
  }

  @Test func weightsSumToTheAreaWhereverTheCentreLies() {
    var random = SeededGenerator(seed: 11)
    var worst = 0.0
    for aperture in Self.registered {
      for _ in 0..<1000 {
        let centre = PixelPoint(x: random.uniform(-50..<50), y: random.uniform(-50..<50))
        worst = max(worst, abs(aperture.weights(centeredAt: centre).area / aperture.area - 1))
      }
    }
    // Rounding of the distances to some thousand pixels; each overlap is exact to a few units of the last place.
    #expect(worst < 1e-12)
  }

  @Test func thousandsOfRadiiAndPlacesGiveTheAnalyticArea() {
    var random = SeededGenerator(seed: 12)
    var worst = 0.0
    for _ in 0..<4000 {
      let circle = CircularAperture(radius: random.uniform(0.05..<15))
      // A third of the centres lie on a pixel's centre, edge or corner, where cases of the geometry meet.
      var centre = PixelPoint(x: random.uniform(0..<1), y: random.uniform(0..<1))
      if random.uniform() < 0.33 { centre.x = (random.uniform() * 4).rounded() / 4 }
      if random.uniform() < 0.33 { centre.y = (random.uniform() * 4).rounded() / 4 }
      worst = max(worst, abs(circle.weights(centeredAt: centre).area / circle.area - 1))
    }
    #expect(worst < 1e-12)
  }

  @Test func fractionsLieBetweenNothingAndAll() {
    var random = SeededGenerator(seed: 13)
    for aperture in Self.registered {
      for _ in 0..<50 {
        let weights = aperture.weights(centeredAt: PixelPoint(x: random.uniform(0..<9), y: random.uniform(0..<9)))
        #expect(weights.fractions.allSatisfy { $0 >= 0 && $0 <= 1 })
      }
    }
  }

  @Test func shiftsByWholePixelsChangeNoBit() {
    for aperture in Self.registered {
      // Sixty-fourths: the shifted places are exact.
      let here = aperture.weights(centeredAt: PixelPoint(x: 3 + 11.0 / 64, y: 7 + 43.0 / 64))
      let there = aperture.weights(centeredAt: PixelPoint(x: 1003 + 11.0 / 64, y: -2041 + 43.0 / 64))
      #expect(here.fractions == there.fractions)
      #expect(there.x - here.x == 1000 && there.y - here.y == -2048)
    }
  }

  @Test func scalingScalesTheAreaByTheSquare() {
    for aperture in Self.registered {
      // One rounding each in the lengths, their squares and their difference.
      #expect(abs(aperture.scaled(by: 1.7).area / (aperture.area * 1.7 * 1.7) - 1) < 1e-14)
    }
  }

  @Test func sumsAreLinearInTheImage() {
    var random = SeededGenerator(seed: 14)
    let a = PixelGrid<Float>(width: 60, height: 60, pixels: (0..<3600).map { _ in Float(random.normal()) })
    let b = PixelGrid<Float>(width: 60, height: 60, pixels: (0..<3600).map { _ in Float(random.normal()) })
    // Powers of two, so that the combined pixels are exact Floats or nearly so.
    let both = PixelGrid<Float>(
      width: 60, height: 60, pixels: zip(a.pixels, b.pixels).map { 4 * $0 - 0.5 * $1 })
    for aperture in Self.registered {
      let weights = aperture.weights(centeredAt: PixelPoint(x: 28.4, y: 31.9))
      let expected = 4 * weights.sum(over: a).sum - 0.5 * weights.sum(over: b).sum
      // Each combined pixel is rounded to a Float of size some units: 3e-7 each, a few thousand of them at random.
      #expect(abs(weights.sum(over: both).sum - expected) < 1e-4)
    }
  }

  @Test func acrossTheBorderOnlyTheInsideCounts() {
    let ones = PixelGrid<Float>(width: 40, height: 30, repeating: 1)
    for aperture in Self.registered {
      // Half of every shape lies to the left of the outer edge of the first column.
      let half = aperture.weights(centeredAt: PixelPoint(x: -0.5, y: 14.5)).sum(over: ones)
      if aperture.area < 400 { #expect(abs(half.area - aperture.area / 2) < 1e-11 * aperture.area) }
      #expect(half.sum == half.area)
      let outside = aperture.weights(centeredAt: PixelPoint(x: 200, y: -300)).sum(over: ones)
      #expect(outside.area == 0 && outside.sum == 0)
    }
  }

  // MARK: Closed form

  @Test func gaussianInsideARadius() {
    // Taking light as even within a pixel moves it from its place in the pixel to any other: twice a pixel's variance of
    // 1/12 joins that of the Gaussian. What is left depends on where the circle cuts its pixels:
    // some 1e-5 of the flux.
    let sigma = 12.0
    let simulator = StampSimulator(
      size: 161, fwhm: 2.3548200450309493 * sigma, sky: 0, gain: 1, readNoise: 0)
    let place = PixelPoint(x: 80.3, y: 79.6)
    let image = PixelGrid(width: 161, height: 161, pixels: simulator.star(at: place).map { Float($0) })
    for radius in [6.0, 15, 30] {
      let inside = CircularAperture(radius: radius).weights(centeredAt: place).sum(over: image).sum
      #expect(abs(inside - (1 - exp(-radius * radius / (2 * sigma * sigma + 1.0 / 3)))) < 3e-5)
    }
  }

  // MARK: Other programs

  /// Sums over d(x, y) = ((7919 x + 104729 y) mod 997)/4, 61 x 61 pixels, by photutils 3.0.0
  /// (`CircularAperture((x, y), r).do_photometry(d, method='exact')`, the same over ones, and `CircularAnnulus`) and
  /// sep 1.4.1 (`sep.sum_circle(d, [x], [y], r, subpix=0)`), numpy 2.4.6. sep is left out at r = 0.4, where it takes the
  /// whole pixel for a circle inside it.
  static let references: [(x: Double, y: Double, r: Double, photutils: Double, area: Double, sep: Double?)] = [
    (30.0, 30.0, 0.4, 76.27786962916021, 0.502654824574367, nil),
    (30.0, 30.0, 1.5, 1072.6575416600654, 7.068583470577035, 1072.6575416600654),
    (30.0, 30.0, 5.0, 11917.789787316717, 78.53981633974485, 11917.789787316715),
    (30.0, 30.0, 9.7, 34552.24142994323, 295.5924527762636, 34552.24142994322),
    (29.37, 31.82, 0.4, 92.08541026928899, 0.5026548245743669, nil),
    (29.37, 31.82, 1.5, 1279.2601435061442, 7.068583470577035, 1279.2601435061442),
    (29.37, 31.82, 2.4, 3273.7619638502792, 18.09557368467721, 3273.761963850279),
    (29.37, 31.82, 9.7, 34472.24740753868, 295.5924527762636, 34472.24740753869),
    (2.1, 3.3, 2.4, 1865.9713066071786, 18.09557368467721, 1865.9713066071786),
    (2.1, 3.3, 5.0, 7384.417598355986, 58.86835478490954, 7384.417598355988),
    (2.1, 3.3, 9.7, 18274.306537182038, 144.58696992034362, 18274.306537182034),
    (60.2, 58.9, 0.4, 20.171362494078778, 0.46638988425615674, nil),
    (60.2, 58.9, 1.5, 208.62266646110268, 4.428255210767726, 208.62266646110268),
    (60.2, 58.9, 9.7, 9491.469041028116, 92.7369811479197, 9491.469041028116),
  ]

  static let patterned = PixelGrid<Float>(
    width: 61, height: 61,
    pixels: (0..<(61 * 61)).map { (i: Int) -> Float in
      let (y, x) = i.quotientAndRemainder(dividingBy: 61)
      return Float((x * 7919 + y * 104_729) % 997) / 4
    })

  @Test func sumsEqualPhotutilsAndSep() {
    for reference in Self.references {
      let weights = CircularAperture(radius: reference.r).weights(
        centeredAt: PixelPoint(x: reference.x, y: reference.y))
      let (sum, area) = weights.sum(over: Self.patterned)
      // Rounding of sums of some hundred terms in either program.
      #expect(abs(sum / reference.photutils - 1) < 1e-12)
      #expect(abs(area / reference.area - 1) < 1e-12)
      if let sep = reference.sep { #expect(abs(sum / sep - 1) < 1e-12) }
    }
    let annulus = AnnularAperture(inner: 6.5, outer: 11.25).weights(centeredAt: PixelPoint(x: 29.37, y: 31.82))
    #expect(abs(annulus.sum(over: Self.patterned).sum / 26127.065632853133 - 1) < 1e-12)
  }
}
