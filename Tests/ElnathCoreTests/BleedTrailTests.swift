import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("reduce: bleeding")
struct BleedTrailTests {
  static let trim = PixelRectangle(x: 8, y: 2, width: 200, height: 220)
  static let bleed = BleedTrail(saturation: 60_000, gain: 1.3, readNoise: 7)

  /// A bright star on a sky of 1300 ADU, cut off at 65,000; with the spikes of a spider if wanted.
  static func raw(
    fwhm: Double, flux: Double, moffat: Bool = true, spikes: Bool = false, seed: UInt64,
    at place: PixelPoint = PixelPoint(x: 101.3, y: 110.7)
  ) -> PixelGrid<Float> {
    var random = SeededGenerator(seed: seed)
    let profile = StarProfile(fwhm: fwhm)
    let sigma = fwhm / 2.3548
    var grid = PixelGrid<Float>(width: 220, height: 230, repeating: 0)
    for y in 0..<230 {
      for x in 0..<220 {
        let (dx, dy) = (Double(x - trim.x) - place.x, Double(y - trim.y) - place.y)
        let r2 = dx * dx + dy * dy
        var light =
          moffat ? profile.surface(at: r2.squareRoot()) : exp(-r2 / (2 * sigma * sigma)) / (2 * .pi * sigma * sigma)
        if spikes { light += 2e-3 * (exp(-dx * dx / 2) / (1 + abs(dy)) + exp(-dy * dy / 2) / (1 + abs(dx))) }
        let electrons = random.poisson(400 + flux * light) + 7 * random.normal()
        grid.set(x, y, Float(min((1000 + electrons / 1.3).rounded(), 65_000)))
      }
    }
    return grid
  }

  /// Charge in `columns`, full up to `full` rows from the star and then less and less.
  static func pour(_ grid: inout PixelGrid<Float>, columns: ClosedRange<Int>, full: Int, tail: Int) {
    for x in columns {
      for side in [-1, 1] {
        for k in 0..<(full + tail) {
          let charge = k < full ? 65_000 : 1300 + 40_000 * exp(-4 * Double(k - full) / Double(tail))
          let y = trim.y + 111 + side * k
          grid.set(trim.x + x, y, max(grid[trim.x + x, y], Float(charge.rounded())))
        }
      }
    }
  }

  @Test("a saturated star without bleeding keeps its wings", arguments: [1.8, 2.5, 4.0, 7.0], [false, true])
  func star(fwhm: Double, spikes: Bool) {
    for (seed, flux) in [(1, 3e6), (2, 3e7), (3, 3e8)] {
      for moffat in [false, true] {
        let grid = Self.raw(fwhm: fwhm, flux: flux, moffat: moffat, spikes: spikes, seed: UInt64(seed))
        #expect(Self.bleed(grid, trim: Self.trim).isEmpty)
      }
    }
  }

  @Test("to know where high values are changes nothing but the time", arguments: [7, 64, 1000, 100_000])
  func peaks(run: Int) {
    var grid = Self.raw(fwhm: 3, flux: 3e6, seed: 4)
    Self.pour(&grid, columns: 100...102, full: 40, tail: 30)
    grid.set(3, 3, .nan)
    let highest = stride(from: 0, to: grid.pixels.count, by: run).map { first in
      grid.pixels[first..<min(first + run, grid.pixels.count)].filter { !$0.isNaN }.max() ?? -.infinity
    }
    let peaks = PixelPeaks(run: run, highest: highest)
    let expected = Self.bleed(grid, trim: Self.trim)
    #expect(!expected.isEmpty)
    #expect(Self.bleed(grid, trim: Self.trim, peaks: peaks) == expected)
  }

  @Test("the tail of a trail is marked at both ends, along columns and along rows", arguments: [false, true])
  func trail(alongRows: Bool) {
    var grid = Self.raw(fwhm: 4, flux: 2e7, seed: 5)
    Self.pour(&grid, columns: 101...102, full: 40, tail: 20)
    var trim = Self.trim
    if alongRows {
      var turned = PixelGrid<Float>(width: 230, height: 220, repeating: 0)
      for y in 0..<230 { for x in 0..<220 { turned.set(y, x, grid[x, y]) } }
      grid = turned
      trim = PixelRectangle(x: 2, y: 8, width: 220, height: 200)
    }
    let runs = Self.bleed(grid, trim: trim)
    var mask = PixelGrid<PixelMask>(width: trim.width, height: trim.height, repeating: [])
    for run in runs { for x in run.columns { mask.set(x, run.row, .bleed) } }
    var wrong = 0
    for y in 0..<220 {
      for x in 0..<200 {
        let marked = alongRows ? mask[y, x] == .bleed : mask[x, y] == .bleed
        let distance = abs(y - 111)
        if marked && !((101...102).contains(x) && distance > 5 && distance < 60) { wrong += 1 }
        // Down to a fortieth of its charge, where it stands 20 sigma above the sky.
        if (101...102).contains(x) && distance >= 40 && distance < 58 { #expect(marked, "\(x), \(y)") }
      }
    }
    #expect(wrong == 0)
  }

  @Test("a neighbour in line with a saturated star is no trail")
  func neighbour() {
    var grid = Self.raw(fwhm: 4, flux: 3e6, seed: 6)
    let other = Self.raw(fwhm: 4, flux: 3e5, seed: 7, at: PixelPoint(x: 101.6, y: 121))
    for y in 0..<230 { for x in 0..<220 { grid.set(x, y, grid[x, y] + other[x, y] - 1300) } }
    #expect(Self.bleed(grid, trim: Self.trim).isEmpty)
  }
}
