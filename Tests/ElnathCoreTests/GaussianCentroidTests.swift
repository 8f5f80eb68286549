import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct GaussianCentroidTests {
  @Test(arguments: [1.5, 2.5, 4, 8]) func errorsAreTrue(fwhm: Double) {
    var random = SeededGenerator(seed: 91)
    var pulls = Pulls()
    for trial in 0..<500 {
      let place = PixelPoint(x: 31.5 + random.uniform(), y: 31.5 + random.uniform())
      var field = SyntheticField(width: 64, height: 64, stars: [.init(place, flux: trial % 2 == 0 ? 5000 : 60_000)])
      field.fwhm = fwhm
      let result = Centroid.gaussian(
        in: field.frame(seed: random.next()).image, around: PixelPoint(x: 32, y: 32), sigma: max(fwhm / 2.3548, 1),
        sky: field.sky, maximumStep: 3)
      guard !result.refused else { continue }
      pulls.add(result.position.x, truth: place.x, variance: result.variance)
      pulls.add(result.position.y, truth: place.y, variance: result.variance)
    }
    #expect(pulls.count > 950)
    // 1000 pulls: the mean is good to 0.032, the scatter to 2.2 per cent; weights are made of the noisy pixels.
    #expect(abs(pulls.mean) < 0.11)
    #expect(abs(pulls.sigma - 1) < 0.1, "\(pulls.sigma)")
  }

  @Test func aStepBeyondTheBoundIsRefused() {
    let simulator = StampSimulator(size: 41, fwhm: 4, sky: 10, gain: 1, readNoise: 1)
    let image = simulator.noiseless(flux: 20_000, at: PixelPoint(x: 20, y: 20)).image
    let start = PixelPoint(x: 21.5, y: 20)
    let bound = Centroid.gaussian(in: image, around: start, sigma: 1.7, sky: 10, maximumStep: 1)
    #expect(bound.refused && bound.position == start && bound.variance.isNaN)
    let free = Centroid.gaussian(in: image, around: start, sigma: 1.7, sky: 10, maximumStep: 2)
    // The fit settles at steps below 0.0001 px.
    #expect(!free.refused && free.position.distance(to: PixelPoint(x: 20, y: 20)) < 1e-3)
  }

  @Test func emptySkyHolesAndBordersAreRefused() {
    let simulator = StampSimulator(size: 41, fwhm: 4, sky: 10, gain: 1, readNoise: 1)
    let empty = simulator.noiseless(flux: 0, at: PixelPoint(x: 20, y: 20)).image
    func refused(_ image: MaskedImage, _ place: PixelPoint, sky: Double = 10) -> Bool {
      Centroid.gaussian(in: image, around: place, sigma: 1.7, sky: sky, maximumStep: 1).refused
    }
    #expect(refused(empty, PixelPoint(x: 20, y: 20)))
    let star = simulator.noiseless(flux: 20_000, at: PixelPoint(x: 20, y: 20)).image
    #expect(refused(star, PixelPoint(x: 20, y: 20), sky: .nan))
    #expect(refused(star, PixelPoint(x: .nan, y: 20)) && refused(star, PixelPoint(x: 1e300, y: 20)))
    var mask = star.mask
    for y in 0..<41 { for x in 20..<41 { mask.set(x, y, .bad) } }
    for y in 20..<41 { for x in 0..<41 { mask.set(x, y, .bad) } }
    #expect(refused(MaskedImage(image: star.image, variance: star.variance, mask: mask), PixelPoint(x: 20, y: 20)))
  }
}
