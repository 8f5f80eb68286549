import ElnathCore
import Testing

@testable import ElnathPipeline

/// What `align` tells `measure` of trails and hot pixels.
@Suite struct EventTableTests {
  @Test func trailsAndHotPixelsReadBackAsTheyWere() throws {
    var random = SeededGenerator(seed: 3)
    func place() -> PixelPoint { PixelPoint(x: random.uniform(-1..<4000), y: random.uniform(-1..<4000)) }
    let trails = (1...40).map { k in
      FrameTrail(
        frame: k,
        trail: SatelliteTrail(
          start: place(), end: place(), width: random.uniform(2..<9), brightness: random.uniform(50..<5000)
        ).asWritten)
    }
    let pixels = (0..<40).map {
      HotPixel(x: 7 * $0, y: 4000 - 11 * $0, rate: random.uniform(0.1..<900), scatter: random.uniform(0.1..<9))
    }
    let folder = try TestFolder()
    try folder.write(
      "trails.csv", String(decoding: CSVFormat.bytes(of: trails, columns: TrailColumns.all), as: UTF8.self))
    try folder.write(
      "hot_pixels.csv", String(decoding: CSVFormat.bytes(of: pixels, columns: HotPixelColumns.all), as: UTF8.self))
    #expect(try TableReader.trails(CSVReader(path: folder.folder.absolute("trails.csv"))) == trails)
    #expect(try TableReader.hotPixels(CSVReader(path: folder.folder.absolute("hot_pixels.csv"))) == pixels)
  }

  @Test func cosmicRaysAreLookedForWhereStarsAreBroad() {
    #expect(CosmicRayChoice.auto.search(fwhm: 3, elongation: 1.1) != nil)
    #expect(CosmicRayChoice.auto.search(fwhm: 2.2, elongation: 1.1) == nil)
    // 3 px by the mean of both axes, 2.1 px along the short one.
    #expect(CosmicRayChoice.auto.search(fwhm: 3, elongation: 2.3) == nil)
    #expect(CosmicRayChoice.auto.search(fwhm: .nan, elongation: .nan) == nil)
    #expect(CosmicRayChoice.on.search(fwhm: 2.2, elongation: 1.1) != nil)
    #expect(CosmicRayChoice.on.search(fwhm: .nan, elongation: .nan) != nil)
    #expect(CosmicRayChoice.off.search(fwhm: 5, elongation: 1) == nil)
  }
}
