import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("align: first width of a frame's stars") struct FirstWidthTests {
  @Test("nebulae brighter than all stars do not decide", arguments: 0..<4 as Range<UInt64>)
  func nebulae(seed: UInt64) throws {
    let size = 768
    func field(_ count: Int, _ flux: ClosedRange<Double>, fwhm: Double, _ seed: UInt64) -> MaskedImage {
      var field = SyntheticField(
        width: size, height: size,
        stars: SyntheticField.stars(count, width: size, height: size, flux: flux, seed: seed))
      field.fwhm = fwhm
      return field.frame(seed: seed + 1000).image
    }
    let stars = field(130, 8000...100_000, fwhm: 4, seed + 31)
    // Each higher than the highest star, and three times as broad.
    let nebulae = field(30, 1_500_000...3_000_000, fwhm: 12, seed + 61)
    let sum = PixelGrid(
      width: size, height: size, pixels: zip(stars.image.pixels, nebulae.image.pixels).map { $0 + $1 })
    let image = MaskedImage(image: sum, variance: stars.variance, mask: stars.mask)
    let probe = SourceProbe(image: SearchedImage(image), mesh: BackgroundMesh(of: image))
    let width = try #require(FirstWidth(probe: probe)())
    // Of thirty looked at some ten are nebulae; a filter broader by a third would still do.
    #expect(width > 3.5 && width < 5.5, "\(width)")
  }
}
