import ElnathTestSupport
import Foundation
import Testing

@testable import ElnathCore

/// One pass over many circles gives what each circle gives on its own, and the error budget accounts for the whole
/// variance plane.
@Suite struct ApertureSumsTests {
  static let radii = [1.5, 2.1, 2.4, 3.6, 5.0, 5.3, 8.8, 13.2]

  /// Bright enough everywhere that no pixel counts as negative light.
  static func frame(flat: Bool) -> Frame {
    var simulator = StampSimulator(size: 61, fwhm: 4, sky: 400, gain: 1.7, readNoise: 6)
    simulator.dark = 12
    simulator.flatWave = flat ? 0.2 : 0
    var random = SeededGenerator(seed: 21)
    return simulator.exposure(flux: 20_000, at: PixelPoint(x: 30.2, y: 29.7), &random)
  }

  static func sums(_ frame: Frame, _ centre: PixelPoint) -> (sums: [ApertureSums], peak: Float) {
    var sums = radii.map { _ in ApertureSums() }
    var memory = ConcentricApertures.Memory()
    let peak = frame.withPlanes {
      ConcentricApertures(radii: radii, core: 4)($0, around: centre, sums: &sums, memory: &memory)
    }
    return (sums, peak)
  }

  @Test(arguments: [PixelPoint(x: 30.2, y: 29.7), PixelPoint(x: 30, y: 30.5), PixelPoint(x: 2.3, y: 59.1)])
  func onePassEqualsSingleApertures(_ centre: PixelPoint) {
    let frame = Self.frame(flat: true)
    let (sums, _) = Self.sums(frame, centre)
    for (k, radius) in Self.radii.enumerated() {
      let weights = CircularAperture(radius: radius).weights(centeredAt: centre)
      let (sum, area) = weights.sum(over: frame.image.image)
      // The order of summing differs.
      #expect(abs(sums[k].flux / sum - 1) < 1e-12)
      #expect(abs(sums[k].area / area - 1) < 1e-12)
      var squared = 0.0
      for row in 0..<weights.height {
        for column in 0..<weights.width {
          let x = weights.x + column
          let y = weights.y + row
          guard x >= 0 && y >= 0 && x < frame.width && y < frame.height else { continue }
          let w = weights.fractions[row * weights.width + column]
          squared += w * w
        }
      }
      #expect(abs(sums[k].area2 / squared - 1) < 1e-12)
    }
  }

  @Test(arguments: [false, true]) func budgetAddsUpToTheVariancePlane(_ flat: Bool) {
    let frame = Self.frame(flat: flat)
    let centre = PixelPoint(x: 30.2, y: 29.7)
    let (sums, _) = Self.sums(frame, centre)
    for (k, radius) in Self.radii.enumerated() {
      let weights = CircularAperture(radius: radius).weights(centeredAt: centre)
      var plane = 0.0
      for row in 0..<weights.height {
        for column in 0..<weights.width {
          let w = weights.fractions[row * weights.width + column]
          if w > 0 { plane += w * w * Double(frame.image.variance[weights.x + column, weights.y + row]) }
        }
      }
      for sky in [0.0, 371.5] {
        let budget = ErrorBudget(model: frame.noise, sums: sums[k], sky: sky)
        let terms = [budget.source, budget.sky, budget.readNoise, budget.dark, budget.digitisation, budget.flat]
        // The plane is kept in Floats.
        #expect(abs(terms.reduce(0, +) / plane - 1) < 1e-6)
      }
    }
  }

  @Test func wholePixelShiftsChangeNoBit() {
    let frame = Self.frame(flat: true)
    func moved(_ grid: PixelGrid<Float>) -> PixelGrid<Float> {
      var pixels = [Float](repeating: 0, count: 80 * 70)
      for y in 0..<61 { for x in 0..<61 { pixels[(y + 5) * 80 + x + 16] = grid[x, y] } }
      return PixelGrid(width: 80, height: 70, pixels: pixels)
    }
    let shifted = Frame(
      observation: frame.observation,
      image: MaskedImage(
        image: moved(frame.image.image), variance: moved(frame.image.variance),
        mask: PixelGrid(width: 80, height: 70, repeating: [])),
      adu: moved(frame.adu), inverseFlat: moved(frame.inverseFlat!), flatVariance: moved(frame.flatVariance!),
      noise: frame.noise)
    let here = Self.sums(frame, PixelPoint(x: 30 + 13.0 / 64, y: 29 + 45.0 / 64))
    let there = Self.sums(shifted, PixelPoint(x: 46 + 13.0 / 64, y: 34 + 45.0 / 64))
    #expect(here.sums == there.sums)
    #expect(here.peak == there.peak)
  }

  /// Edges that lie on grid lines and corners, circles below one pixel and beyond any detector.
  @Test func pixelsCutByChordsAreThoseOfTheirOverlap() {
    var random = SeededGenerator(seed: 5)
    for radius in [0.8, 1.5, 2.5, 5, 8.8, 40, 3000.25] {
      let square = radius * radius
      for k in 0..<400 {
        // A pixel of the first quadrant on the border, off the axes.
        let angle = Double.pi / 2 * random.uniform()
        let grid = k % 4 == 0 ? 0.5 : 0
        var (x, y) = (radius * cos(angle), radius * sin(angle))
        if grid > 0 { (x, y) = (x.rounded(.down) + grid, y.rounded(.down) + grid) }
        guard x >= 0.5, y >= 0.5 else { continue }
        func chord(_ side: Double) -> Double { max(square - side * side, 0).squareRoot() }
        let exact = CircleOverlap.fraction(dx: x, dy: y, radius: radius)
        guard exact > 0 && exact < 1 else { continue }
        let cut = CircleOverlap.cut(
          x - 0.5, y - 0.5, heights: (chord(x - 0.5), chord(x + 0.5)), widths: (chord(y - 0.5), chord(y + 0.5)),
          square: square, share: 0.25 / square)
        #expect(abs(cut - exact) < 1e-12)
      }
    }
  }

  @Test func peakIsTheHighestRawValueOfTheCore() {
    let frame = Self.frame(flat: false)
    let (_, peak) = Self.sums(frame, PixelPoint(x: 30.2, y: 29.7))
    #expect(peak == frame.adu.pixels.max())
  }
}
