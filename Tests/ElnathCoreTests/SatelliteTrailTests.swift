import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("align: satellite trails")
struct SatelliteTrailTests {
  /// Sky noise of 16 e- (200 e- of sky, 8 e- of read noise) and some hundred stars.
  private func field(stars: Int = 300, size: Int = 800, seed: UInt64) -> SyntheticField {
    SyntheticField(
      width: size, height: size,
      stars: SyntheticField.stars(stars, width: size, height: size, flux: 400...300_000, seed: seed))
  }

  @Test("every line is in the sums, once for each slope")
  func radon() {
    var random = SeededGenerator(seed: 4)
    let (columns, rows) = (37, 29)
    let image = (0..<(columns * rows)).map { _ in Float(random.normal()) }
    let radon = DiscreteRadon(image, columns: columns, rows: rows)
    #expect(radon.side == 32)
    let total = image.reduce(0) { $0 + Double($1) }
    for slope in [0, 1, 13, 31] {
      // Each pixel lies on exactly one line of a slope; float sums of 1000 numbers.
      let sum = radon.withSums(ofSlope: slope) { $0.reduce(0) { $0 + Double($1) } }
      #expect(abs(sum - total) < 1e-3)
    }
    let column = (0..<rows).reduce(Float(0)) { $0 + image[$1 * columns + 20] }
    #expect(radon.withSums(ofSlope: 0) { abs($0[radon.side + 20] - column) < 1e-4 })
    // From the lower left corner to the upper end of the steepest line: nothing but its own pixels.
    var diagonal = [Float](repeating: 0, count: columns * rows)
    for y in 0..<rows { diagonal[y * columns + y] = 1 }
    let lines = DiscreteRadon(diagonal, columns: columns, rows: rows)
    #expect(lines.withSums(ofSlope: 31) { $0[lines.side] } == Float(rows))
  }

  @Test("a trail of one sigma a pixel is found and measured, whatever its direction", arguments: 0..<10)
  func faint(number: Int) throws {
    var field = field(seed: 100 + UInt64(number))
    field.fwhm = [3.0, 4.0, 5.0][number % 3]
    let angle = Double(number) * 0.314 + 0.1
    let (c, s) = (cos(angle), sin(angle))
    var random = SeededGenerator(seed: 8, part: UInt64(number))
    let middle = PixelPoint(x: 300 + 200 * random.uniform(), y: 300 + 200 * random.uniform())
    let (from, to) = (
      PixelPoint(x: middle.x - 900 * c, y: middle.y - 900 * s), PixelPoint(x: middle.x + 900 * c, y: middle.y + 900 * s)
    )
    // On the line as bright as the noise of a pixel.
    let sigma = field.fwhm / 2.3548
    let perPixel = 16 * sigma * (2 * Double.pi).squareRoot()
    field.satellite = (from, to, perPixel)
    let found = SourceDetection()(field.frame(seed: 200 + UInt64(number))).trails
    #expect(found.count == 1)
    let trail = try #require(found.first)
    let truth = SatelliteTrail(start: from, end: to, width: field.fwhm, brightness: perPixel)
    // The line is known to some hundredths of a pixel; both ends lie on it.
    #expect(abs(truth.place(of: trail.start.x, trail.start.y).across) < 0.7)
    #expect(abs(truth.place(of: trail.end.x, trail.end.y).across) < 0.7)
    // A clipped mean of 800 px at a signal of 1 sigma a pixel: 5 per cent, and some light beyond the window.
    #expect(abs(trail.brightness / perPixel - 1) < 0.2, "\(trail.brightness / perPixel)")
    #expect(abs(trail.width / field.fwhm - 1) < 0.3, "\(trail.width) for \(field.fwhm)")
  }

  @Test("bright trails, two on one frame, and one that ends within it")
  func bright() throws {
    var field = field(seed: 31)
    field.satellite = (PixelPoint(x: -10, y: 100), PixelPoint(x: 810, y: 520), 4000)
    var frame = field.frame(seed: 1)
    var second = field
    second.stars = []
    second.sky = 0
    second.readNoise = 0.001
    second.satellite = (PixelPoint(x: 150, y: -10), PixelPoint(x: 420, y: 560), 900)
    let more = second.frame(seed: 2)
    for i in frame.image.image.pixels.indices { frame.image.image.pixels[i] += more.image.image.pixels[i] }
    let trails = SourceDetection()(frame).trails.sorted { $0.brightness > $1.brightness }
    #expect(trails.count == 2)
    guard trails.count == 2 else { return }
    #expect(abs(trails[0].brightness / 4000 - 1) < 0.1 && abs(trails[1].brightness / 900 - 1) < 0.15)
    let ends = [trails[1].start, trails[1].end].sorted { $0.y < $1.y }
    // To half a piece of 48 px where it ends within the frame.
    #expect(ends[0].y < 1 && abs(ends[1].y - 560) < 40)
  }

  @Test("no trail where there is none", arguments: 0..<12)
  func none(number: Int) {
    var field = field(stars: [100, 600, 2500][number % 3], seed: 500 + UInt64(number))
    field.fwhm = [2.0, 3.5, 5.0, 7.0][number % 4]
    if number % 2 == 0 { field.trail = 6 }
    if number % 3 == 1 { field.saturation = 2000 }
    var frame = field.frame(seed: 900 + UInt64(number))
    var pixels = frame.image.image.pixels
    let (width, height) = (frame.width, frame.height)
    for y in 0..<height {
      for x in 0..<width {
        // A gradient, a nebula with a sharp edge, a galaxy seen from its side, the spikes of a bright star, a bad column.
        pixels[y * width + x] += Float(0.1 * Double(x))
        if number % 4 == 1 && Double(x) + 0.6 * Double(y) > 700 { pixels[y * width + x] += 40 }
        let (u, v) = (Double(x) - 500, Double(y) - 300)
        let (a, b) = (0.8 * u + 0.6 * v, 0.6 * u - 0.8 * v)
        if number % 4 == 2 { pixels[y * width + x] += Float(600 * exp(-(a * a / 3000).squareRoot() - abs(b) / 3)) }
        if number % 4 == 3 {
          let spike = exp(-b * b / 4) / (1 + abs(a) / 8) + exp(-a * a / 4) / (1 + abs(b) / 8)
          pixels[y * width + x] += Float(3000 * spike)
        }
        if x == 217 { pixels[y * width + x] += 50 }
      }
    }
    frame.image.image.pixels = pixels
    #expect(SourceDetection()(frame).trails.isEmpty)
  }

  @Test("the band covers the trail and nothing else")
  func band() {
    let trail = SatelliteTrail(
      start: PixelPoint(x: 20, y: -1), end: PixelPoint(x: 70, y: 100), width: 3, brightness: 100)
    var mask = [PixelMask](repeating: [], count: 100 * 80)
    let runs = SparseMask(width: 100, height: 80, runs: trail.runs(width: 100, height: 80))
    mask.withUnsafeMutableBufferPointer { runs.mark($0, in: PixelRectangle(x: 0, y: 0, width: 100, height: 80)) }
    for y in 0..<80 {
      for x in 0..<100 {
        let across = abs(trail.place(of: Double(x), Double(y)).across)
        #expect(mask[y * 100 + x].contains(.satellite) == (across <= trail.reach))
      }
    }
    // A box sees its part of the same.
    let box = PixelRectangle(x: 30, y: 20, width: 25, height: 31)
    var part = [PixelMask](repeating: [], count: 25 * 31)
    part.withUnsafeMutableBufferPointer { runs.mark($0, in: box) }
    for y in 0..<31 { for x in 0..<25 { #expect(part[y * 25 + x] == mask[(y + 20) * 100 + x + 30]) } }
    // Light within a circle on the line: brightness times the chord, but for the wings beyond the circle.
    let middle = PixelPoint(x: 45, y: 49.5)
    #expect(abs(trail.flux(within: 10, of: middle) / 2000 - 1) < 0.02)
    #expect(trail.flux(within: 4, of: PixelPoint(x: 90, y: 10)) == 0)
  }
}
