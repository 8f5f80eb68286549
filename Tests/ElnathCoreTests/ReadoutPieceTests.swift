import Testing

@testable import ElnathCore

@Suite struct ReadoutPieceTests {
  private static func image(_ width: Int, _ height: Int) -> PixelGrid<Float> {
    PixelGrid(width: width, height: height, pixels: (0..<(width * height)).map(Float.init))
  }

  @Test func eachPixelGoesToItsPlace() {
    let image = Self.image(5, 3)
    let block = PixelRectangle(x: 1, y: 0, width: 3, height: 2)
    for (flipsX, flipsY) in [(false, false), (true, false), (false, true), (true, true)] {
      let piece = ReadoutPiece(unit: 0, source: block, x: 2, y: 1, flipsX: flipsX, flipsY: flipsY)
      let grid = PixelGrid(width: 6, height: 4, pieces: [(piece, image)])
      for y in 0..<4 {
        for x in 0..<6 {
          let (u, v) = (x - 2, y - 1)
          if (0..<3).contains(u) && (0..<2).contains(v) {
            #expect(grid[x, y] == image[1 + (flipsX ? 2 - u : u), flipsY ? 1 - v : v])
          } else {
            #expect(grid[x, y].isNaN)
          }
        }
      }
    }
  }

  @Test func piecesTileAFrame() {
    let (left, right) = (Self.image(2, 3), Self.image(3, 3))
    let whole = PixelRectangle(x: 0, y: 0, width: 2, height: 3)
    let pieces = [
      (ReadoutPiece(unit: 1, source: whole, x: 0, y: 0), left),
      (ReadoutPiece(unit: 2, source: PixelRectangle(x: 0, y: 0, width: 3, height: 3), x: 2, y: 0), right),
    ]
    let grid = PixelGrid(width: 5, height: 3, pieces: pieces.map { (piece: $0.0, image: $0.1) })
    #expect(grid.pixels == [0, 1, 0, 1, 2, 2, 3, 3, 4, 5, 4, 5, 6, 7, 8])
  }
}
