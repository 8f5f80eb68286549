import Testing

@testable import ElnathCore

/// The first look at all lines of a master leaves out none that is bad.
@Suite struct LineScreenTests {
  static let width = 220
  static let height = 190

  /// Noise, with columns and rows around the limit of what is bad, and pixels without a value.
  static func master(seed: UInt64) -> (image: PixelGrid<Float>, variance: PixelGrid<Float>) {
    var random = SeededGenerator(seed: seed)
    var image = PixelGrid<Float>(width: width, height: height, repeating: 0)
    var variance = PixelGrid<Float>(width: width, height: height, repeating: 0)
    let columns = (0..<width).map { _ in random.uniform() < 0.3 ? 3 * random.uniform() - 1.5 : 0 }
    let rows = (0..<height).map { _ in random.uniform() < 0.3 ? 3 * random.uniform() - 1.5 : 0 }
    for y in 0..<height {
      for x in 0..<width {
        let value = 100 + columns[x] + rows[y] + random.normal()
        image.set(x, y, random.uniform() < 0.001 ? .nan : Float(value))
        variance.set(x, y, Float(0.8 + 0.4 * random.uniform()))
      }
    }
    return (image, variance)
  }

  @Test(arguments: [UInt64(1), 2, 3], [0, 0.7]) func noBadLineIsMissed(seed: UInt64, least: Double) {
    let (image, variance) = Self.master(seed: seed)
    let step = 4
    let significance = 3.0
    var bad = 0
    var suspected = 0
    image.pixels.withUnsafeBufferPointer { image in
      variance.pixels.withUnsafeBufferPointer { variance in
        let screen = LineScreen(
          image: image, variance: variance, width: Self.width, height: Self.height, step: step,
          significance: significance, least: least)
        for alongRows in [false, true] {
          let (lines, length) = alongRows ? (Self.height, Self.width) : (Self.width, Self.height)
          let view = LineView(
            image: image, variance: variance, lines: lines, across: alongRows ? Self.width : 1,
            along: alongRows ? 1 : Self.width)
          let pieces = [0..<128, 60..<length]
          let allSuspects = alongRows ? screen.rows(pieces) : pieces.map { screen.columns($0) }
          for (piece, suspects) in zip(pieces, allSuspects) {
            #expect(suspects.count == lines)
            for line in 0..<lines {
              guard let found = view.deviation(of: line, piece, step: step) else { continue }
              let isBad = abs(found.median) > max(significance * found.error, least)
              if isBad { bad += 1 }
              if suspects[line] { suspected += 1 }
              #expect(!isBad || suspects[line])
            }
          }
        }
      }
    }
    // Some are bad, and the look is worth its while: some are not even suspected.
    #expect(bad > 20)
    #expect(suspected < 2 * (Self.width + Self.height))
  }
}
