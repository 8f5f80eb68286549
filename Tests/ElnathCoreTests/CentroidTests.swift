// Reference positions: sep 1.4.1 (Barbary 2016, JOSS 1, 58), sep.winpos(image, [x], [y], [sigma]) from
// (20, 31, 1.7), (41, 22, 2.0) and (30, 50, 1.0) on the noiseless image of `referenceImage`, Python 3.
import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct CentroidTests {
  /// Four Gaussians sampled at pixel centres, no sky: (x, y, peak, sigma).
  static let referenceImage: MaskedImage = {
    let stars: [(Double, Double, Double, Double)] = [
      (20.3, 30.7, 1000, 1.7), (40.62, 22.18, 500, 2.4), (45.9, 25.4, 120, 1.9), (30.51, 50.49, 300, 0.7),
    ]
    var pixels: [Float] = []
    for y in 0..<64 {
      for x in 0..<64 {
        var value = 0.0
        for (cx, cy, peak, sigma) in stars {
          let dx = Double(x) - cx
          let dy = Double(y) - cy
          value += peak * exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
        }
        pixels.append(Float(value))
      }
    }
    let grid = PixelGrid(width: 64, height: 64, pixels: pixels)
    return MaskedImage(
      image: grid, variance: PixelGrid(width: 64, height: 64, repeating: 1),
      mask: PixelGrid(width: 64, height: 64, repeating: []))
  }()

  @Test(arguments: [
    (20.0, 31.0, 1.7, 20.30000001, 30.69999999), (41, 22, 2.0, 40.73543096, 22.25037771),
    (30, 50, 1.0, 30.51061609, 50.48941615),
  ]) func agreesWithSourceExtractorsDefinition(x: Double, y: Double, sigma: Double, wantedX: Double, wantedY: Double) {
    let result = Centroid.windowed(
      in: Self.referenceImage, around: PixelPoint(x: x, y: y), sigma: sigma, sky: 0, maximumStep: 2)
    #expect(!result.refused)
    // sep cuts its window at another radius and averages it over sub-pixels: 0.002 px where a neighbour (second) or
    // undersampling (third) matters. Iteration stops at steps of 0.0002 px.
    #expect(abs(result.position.x - wantedX) < 0.002)
    #expect(abs(result.position.y - wantedY) < 0.002)
  }

  @Test(arguments: [1.6, 2.5, 4, 8]) func errorsAreTrue(fwhm: Double) {
    var random = SeededGenerator(seed: 11)
    // Below 2 px FWHM the window sees the grid: some thousandths of a pixel that no photon noise explains.
    let sampling = fwhm < 2 ? 0.005 : 0
    var pulls: [Double] = []
    for trial in 0..<600 {
      let place = PixelPoint(x: 31.5 + random.uniform(), y: 31.5 + random.uniform())
      var field = SyntheticField(width: 64, height: 64, stars: [.init(place, flux: trial % 2 == 0 ? 4000 : 60_000)])
      field.fwhm = fwhm
      let result = Centroid.windowed(
        in: field.frame(seed: random.next()).image, around: PixelPoint(x: 32, y: 32), sigma: max(fwhm / 2.3548, 1),
        sky: field.sky, maximumStep: 3)
      guard !result.refused else { continue }
      let error = (result.variance + sampling * sampling).squareRoot()
      pulls.append((result.position.x - place.x) / error)
      pulls.append((result.position.y - place.y) / error)
    }
    #expect(pulls.count > 1150)
    let mean = pulls.reduce(0, +) / Double(pulls.count)
    let rms = (pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)).squareRoot()
    // 1200 pulls: the mean is good to 0.029, the rms to 2 per cent. Faint stars are not linear in the noise and the
    // variance plane holds the noisy pixels themselves: another few per cent.
    #expect(abs(mean) < 0.12)
    #expect(abs(rms - 1) < 0.12)
  }

  @Test func aMaskedPixelHardlyMovesIt() {
    let place = PixelPoint(x: 20.3, y: 30.7)
    var mask = Self.referenceImage.mask
    var image = Self.referenceImage.image
    mask.set(21, 31, .bad)
    image.set(21, 31, .nan)
    let damaged = MaskedImage(image: image, variance: Self.referenceImage.variance, mask: mask)
    let result = Centroid.windowed(
      in: damaged, around: PixelPoint(x: 20, y: 31), sigma: 1.7, sky: 0, maximumStep: 2)
    #expect(!result.refused)
    // The mirror pixel stands in; it is not at the exact mirror place, so a fraction of a pixel's light is wrong. Left
    // out, the pixel would cost 0.15 px.
    #expect(result.position.distance(to: place) < 0.06)
  }

  @Test func refusesWhatItCannotAnswer() {
    let image = Self.referenceImage
    let star = PixelPoint(x: 20.3, y: 30.7)
    // Two pixels off with a bound of one.
    #expect(
      Centroid.windowed(in: image, around: PixelPoint(x: 22.5, y: 30.7), sigma: 1.7, sky: 0, maximumStep: 1).refused)
    // No light above the sky.
    let dark = Centroid.windowed(in: image, around: star, sigma: 1.7, sky: 1e6, maximumStep: 1)
    #expect(dark.refused && dark.variance.isNaN && dark.position == star)
    #expect(Centroid.windowed(in: image, around: star, sigma: 1.7, sky: .nan, maximumStep: 1).refused)
    #expect(
      Centroid.windowed(in: image, around: PixelPoint(x: -3, y: 10), sigma: 1.7, sky: 0, maximumStep: 1).refused)
  }
}
