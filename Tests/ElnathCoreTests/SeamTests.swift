import ElnathTestSupport
import Testing

@testable import ElnathCore

/// Stars near the seams of four outputs.
enum SeamStars {
  /// Far from all seams, on one, on the crossing of two, and beside one.
  static let places = [(50.0, 40.3), (120.1, 41.2), (119.7, 79.4), (140.2, 80.9)].map { PixelPoint(x: $0.0, y: $0.1) }
  static let radii = [3.0, 6.0]
  static let annulus = AnnularAperture(inner: 10, outer: 16)

  static func measure(_ reduction: FrameReduction) -> FrameMeasurements {
    let stars = places.indices.map { i in
      Star(
        name: "S\(i)", role: .target, rightAscension: .nan, declination: .nan, position: places[i], magnitude: .nan,
        band: "", extended: false)
    }
    let photometry = AperturePhotometry(
      plan: MeasurementPlan(
        stars: stars, centroids: stars.map { _ in .forced },
        filters: [
          MeasurementPlan.FilterPlan(
            filter: "R", fwhm: 3.5, radii: radii, annulus: annulus, masked: stars.map { _ in [] },
            contamination: Array(repeating: 0, count: stars.count * radii.count),
            neighbour: Array(repeating: false, count: stars.count * radii.count))
        ], noise: .model))
    let registration = Registration(transform: .identity, method: .stars, matched: 9, residual: 0.01)
    return photometry(reduction, registration: registration, number: 1, airmass: 1.2)
  }
}

@Suite("apertures across the seam of two outputs")
struct SeamTests {
  @Test("constant terms are those of the pixels, output by output")
  func constantTerms() throws {
    let frames = DetectorFrames(amplifiers: 4, flatNoise: 0.001, seed: 3)
    let raw = frames.raw(0)
    let detector = try #require(BiasDarkFlat.Detector(raw.observation))
    let reduction = try #require(BiasDarkFlat(masters: frames.masters()).prepared(raw, detector: detector))
    let frame = reduction.frame()
    let inverse = try #require(frame.inverseFlat)
    let measured = SeamStars.measure(reduction)
    let whole = SeamStars.measure(FrameReduction(reduced: frame))
    for (i, place) in SeamStars.places.enumerated() {
      for (k, radius) in SeamStars.radii.enumerated() {
        let weights = CircularAperture(radius: radius).weights(centeredAt: place)
        var (read, dark, digitisation) = (0.0, 0.0, 0.0)
        for row in 0..<weights.height {
          for column in 0..<weights.width {
            let (x, y) = (weights.x + column, weights.y + row)
            let w = weights.fractions[row * weights.width + column] * Double(inverse[x, y])
            let noise = frame.amplifierNoise[frames.output(x, y)].model
            read += w * w * (noise.readNoise * noise.readNoise + noise.masters)
            dark += w * w * noise.dark
            digitisation += w * w * noise.digitisation
          }
        }
        let budget = measured[i, k].budget
        // Tables keep seven digits.
        #expect(abs(budget.readNoise / read - 1) < 1e-6)
        #expect(abs(budget.dark / dark - 1) < 1e-6)
        #expect(abs(budget.digitisation / digitisation - 1) < 1e-6)
        // As texts, since NaN differs from itself.
        #expect("\(whole[i, k])" == "\(measured[i, k])")
      }
    }
  }

  /// Dark frames with very unlike outputs: read noise is all there is, so a wrong one would show.
  @Test("error bars hold on both sides of a seam, and across")
  func pulls() throws {
    var frames = DetectorFrames(amplifiers: 4, flatNoise: 0.001, seed: 12)
    frames.gains = [1, 2.5, 0.7, 1.4]
    frames.readNoises = [4, 25, 12, 9]
    frames.sky = 0.5
    frames.darkRate = 0
    let detector = try #require(BiasDarkFlat.Detector(frames.observation))
    let reduction = BiasDarkFlat(masters: Masters(flats: frames.masters().flats))
    var pulls = [[Double]](repeating: [], count: SeamStars.places.count)
    for number in 0..<400 {
      let prepared = try #require(reduction.prepared(frames.raw(number), detector: detector))
      let measured = SeamStars.measure(prepared)
      for i in pulls.indices { pulls[i].append(measured[i, 1].flux / measured[i, 1].fluxError) }
    }
    for values in pulls {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      let sigma = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
      // There is no star. 400 pulls tell the mean to 0.05 and sigma to 3.5 per cent.
      #expect(abs(mean) < 0.2, "mean \(mean)")
      #expect(abs(sigma - 1) < 0.12, "sigma \(sigma)")
    }
  }
}
