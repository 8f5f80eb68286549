import Testing

@testable import ElnathCore

@Suite("thumbnails of frames")
struct ThumbnailTests {
  /// `level` everywhere but at the given places.
  private func image(_ width: Int, _ height: Int, _ level: Float, _ stars: [(x: Int, y: Int, value: Float)])
    -> PixelGrid<Float>
  {
    var pixels = [Float](repeating: level, count: width * height)
    for index in pixels.indices { pixels[index] += Float(index * 7 % 5) }
    for star in stars { pixels[star.y * width + star.x] = star.value }
    return PixelGrid(width: width, height: height, pixels: pixels)
  }

  @Test("a star stands out of the sky, and rows come from the top")
  func star() throws {
    let picture = try #require(Thumbnail(image(50, 30, 100, [(2, 28, 20000)]), longest: 25))
    #expect(picture.width == 25 && picture.height == 15 && picture.grey.count == 375)
    let brightest = try #require(picture.grey.firstIndex(of: picture.grey.max() ?? 0))
    #expect(brightest == 1 && picture.grey[brightest] == 255 && picture.grey[200] < 150)
  }

  @Test("a star of several pixels outshines a hot pixel of the same height")
  func hotPixel() throws {
    let star = (0..<9).map { (x: 12 + $0 % 3, y: 12 + $0 / 3, value: Float(3000)) }
    let picture = try #require(Thumbnail(image(50, 50, 100, star + [(32, 32, 3000)]), longest: 10))
    #expect(picture.grey[7 * 10 + 2] == 255 && picture.grey[3 * 10 + 6] < 150)
  }

  @Test("sizes that do not divide keep every pixel, small images their size")
  func sizes() throws {
    let corner = image(7, 5, 1, [(6, 0, 500)])
    let picture = try #require(Thumbnail(corner, longest: 3))
    #expect(picture.width == 3 && picture.height == 2 && picture.grey.firstIndex(of: 255) == 5)
    let small = try #require(Thumbnail(corner, longest: 100))
    #expect(small.width == 7 && small.height == 5)
  }

  @Test("what has no value is black, what is constant has one grey")
  func noValues() throws {
    let empty = PixelGrid<Float>(width: 4, height: 4, pixels: [Float](repeating: .nan, count: 16))
    #expect(try #require(Thumbnail(empty, longest: 4)).grey == [UInt8](repeating: 0, count: 16))
    let constant = PixelGrid<Float>(width: 4, height: 4, pixels: [Float](repeating: 7, count: 16))
    #expect(Set(try #require(Thumbnail(constant, longest: 2)).grey).count == 1)
    #expect(Thumbnail(PixelGrid<Float>(width: 0, height: 0, pixels: []), longest: 4) == nil)
  }
}
