import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct BackgroundTests {
  @Test func findsLevelAndNoiseOfAnEmptySky() {
    let field = SyntheticField(width: 512, height: 400, stars: [])
    let mesh = BackgroundMesh(of: field.frame(seed: 1).image)
    // 48 boxes of 256 pixels each of noise 16.2: the median over the mesh is good to 0.2 e-, its noise to 1 per cent.
    #expect(abs(mesh.medianLevel - 200) < 0.8)
    #expect(abs(mesh.medianSigma / 264.0.squareRoot() - 1) < 0.04)
    #expect(mesh.columns == 8 && mesh.rows == 6)
  }

  @Test func starsHardlyMoveIt() {
    var field = SyntheticField(
      width: 512, height: 512, stars: SyntheticField.stars(400, width: 512, height: 512, flux: 1000...1e6, seed: 2))
    field.stars.append(.init(PixelPoint(x: 200, y: 200), flux: 3e7))
    let mesh = BackgroundMesh(of: field.frame(seed: 1).image)
    // 400 stars of 4 px cover a tenth of the frame; less than a quarter of the noise of a pixel is left.
    #expect(abs(mesh.medianLevel - 200) < 4)
    #expect(abs(mesh.level(at: PixelPoint(x: 200, y: 200)) - 200) < 8)
    #expect(abs(mesh.medianSigma / 264.0.squareRoot() - 1) < 0.15)
  }

  @Test func followsAGradientInEveryRow() {
    let width = 300
    let height = 260
    var pixels: [Float] = []
    for y in 0..<height { for x in 0..<width { pixels.append(1000 + 2 * Float(x) - Float(y)) } }
    let grid = PixelGrid(width: width, height: height, pixels: pixels)
    let mesh = BackgroundMesh(
      of: MaskedImage(
        image: grid, variance: PixelGrid(width: width, height: height, repeating: 1),
        mask: PixelGrid(width: width, height: height, repeating: [])))
    // Between the outermost box centres bilinear interpolation is exact for a plane, but for what sampling and the 3 x 3
    // median do at the rim of the mesh (half a box of slope).
    #expect(abs(mesh.level(at: PixelPoint(x: 150, y: 130)) - 1170) < 6)
    #expect(abs(mesh.level(at: PixelPoint(x: 110, y: 150)) - 1070) < 6)
  }

  @Test func masksAndNaNTellNothing() {
    let width = 128
    let height = 128
    var pixels = [Float](repeating: 50, count: width * height)
    var mask = [PixelMask](repeating: [], count: width * height)
    var random = SeededGenerator(seed: 4)
    for i in pixels.indices {
      pixels[i] += Float(random.normal())
      if i % 3 == 0 {
        pixels[i] = 1e6
        mask[i] = .bad
      }
      if i % 3 == 1 { pixels[i] = .nan }
    }
    let image = MaskedImage(
      image: PixelGrid(width: width, height: height, pixels: pixels),
      variance: PixelGrid(width: width, height: height, repeating: 1),
      mask: PixelGrid(width: width, height: height, pixels: mask))
    // A third of 4 x 256 pixels of noise 1: 0.05 each box.
    #expect(abs(BackgroundMesh(of: image).medianLevel - 50) < 0.3)
  }

  @Test func noUsablePixelGivesNoValue() {
    let image = MaskedImage(
      image: PixelGrid(width: 80, height: 70, repeating: .nan),
      variance: PixelGrid(width: 80, height: 70, repeating: .nan),
      mask: PixelGrid(width: 80, height: 70, repeating: .noData))
    let mesh = BackgroundMesh(of: image)
    #expect(mesh.medianLevel.isNaN && mesh.medianSigma.isNaN)
  }

  @Test func integersOfLowNoiseKeepTheirFraction() {
    // Rounded values of a sky at 100.3 with noise 1.2: a median would say 100.
    var random = SeededGenerator(seed: 8)
    let pixels = (0..<(512 * 512)).map { _ in Float((100.3 + 1.2 * random.normal()).rounded()) }
    let grid = PixelGrid(width: 512, height: 512, pixels: pixels)
    let mesh = BackgroundMesh(
      of: MaskedImage(
        image: grid, variance: grid, mask: PixelGrid(width: 512, height: 512, repeating: [])))
    // 64 boxes, each good to 0.08; their median to 0.012. Clipping whole numbers leaves another few hundredths.
    #expect(abs(mesh.medianLevel - 100.3) < 0.06)
  }
}
