import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct SeriesAlignmentTests {
  static func field(_ count: Int = 500, seed: UInt64 = 3) -> SyntheticField {
    SyntheticField(
      width: 800, height: 700,
      stars: SyntheticField.stars(count, width: 800, height: 700, margin: 500, flux: 2000...1e6, seed: seed))
  }

  /// A slow drift with field rotation.
  static func drift(_ k: Int) -> SimilarityTransform {
    .turning(0.02 * Double(k), about: PixelPoint(x: 400, y: 350), shift: (3.1 * Double(k), -1.7 * Double(k)))
  }

  static func series(_ field: SyntheticField, _ count: Int, transform: (Int) -> SimilarityTransform = drift)
    -> [SeriesFrame]
  {
    (0..<count).map { k in
      SeriesFrame(
        number: k + 1, sources: field.sources(seed: UInt64(k + 1), transform: transform(k), missing: 0.1, spurious: 6))
    }
  }

  /// True transform from the chosen reference to frame `k`.
  static func truth(_ alignment: Alignment, _ k: Int, _ transform: (Int) -> SimilarityTransform = drift)
    -> SimilarityTransform
  {
    transform(k).after(transform(alignment.reference - 1).inverted)
  }

  static func check(
    _ alignment: Alignment, _ k: Int, within limit: Double = 0.2, _ transform: (Int) -> SimilarityTransform = drift
  ) -> Bool {
    guard let found = alignment.frames[k].registration else { return false }
    return found.transform.departure(from: truth(alignment, k, transform), width: 800, height: 700) < limit
  }

  @Test func aDriftingSeriesIsRegistered() throws {
    let alignment = try #require(SeriesAlignment()(Self.series(Self.field(), 30)))
    for k in 0..<30 {
      #expect(Self.check(alignment, k))
      #expect(alignment.frames[k].status == .used && alignment.frames[k].reason.isEmpty)
    }
    #expect(alignment.frames[alignment.reference - 1].registration?.method == .reference)
    #expect(alignment.frames[alignment.reference - 1].registration?.transform == .identity)
    #expect(alignment.width == 800 && alignment.height == 700)
  }

  @Test func theOrderOfFramesDoesNotMatter() throws {
    var series = Self.series(Self.field(), 24)
    series[7].sources = Self.field(500, seed: 99).sources(seed: 8)
    let first = try #require(SeriesAlignment()(series))
    var random = SeededGenerator(seed: 4)
    let shuffled = series.indices.shuffled(using: &random)
    let second = try #require(SeriesAlignment()(shuffled.map { series[$0] }))
    #expect(second.reference == first.reference)
    #expect(second.sources == first.sources)
    for (place, k) in shuffled.enumerated() {
      #expect(second.frames[place].registration == first.frames[k].registration)
      #expect(second.frames[place].reason == first.frames[k].reason)
      #expect(second.frames[place].frame == k + 1)
    }
  }

  @Test func hotPixelsBrighterThanTheStarsDoNotVote() throws {
    var field = Self.field(0)
    field.stars = SyntheticField.stars(10, width: 600, height: 500, flux: 3000...30_000, seed: 31)
    var random = SeededGenerator(seed: 5)
    field.hotPixels = (0..<40).map { _ in
      (Int(random.uniform(5..<790)), Int(random.uniform(5..<690)), random.uniform(20_000..<200_000))
    }
    func move(_ k: Int) -> SimilarityTransform {
      .turning(0.01 * Double(k), about: PixelPoint(x: 300, y: 250), shift: (4 + 3 * Double(k), 2 + 4 * Double(k)))
    }
    let series = (0..<25).map { k in
      SeriesFrame(number: k + 1, sources: field.sources(seed: UInt64(k + 1), transform: move(k)))
    }
    let alignment = try #require(SeriesAlignment()(series))
    for k in 0..<25 { #expect(Self.check(alignment, k, within: 0.5, move)) }
    // Only stars in the catalogue.
    #expect(alignment.sources.count == 10)
    #expect(alignment.frames[0].detections == 10)
  }

  @Test func hotPixelsAreToldByTheMovingSky() throws {
    var field = SyntheticField(
      width: 400, height: 360,
      stars: SyntheticField.stars(150, width: 400, height: 360, margin: 60, flux: 4000...300_000, seed: 12))
    field.hotPixels = [(50, 60, 3000), (200, 300, 900), (333, 20, 20_000)]
    func series(_ shift: Double) -> [SeriesFrame] {
      (0..<8).map { k in
        let frame = field.frame(
          seed: UInt64(k + 1),
          transform: .turning(0, about: PixelPoint(x: 0, y: 0), shift: (shift * Double(k), -0.7 * shift * Double(k))))
        return SeriesFrame(number: k + 1, sources: SourceDetection()(frame))
      }
    }
    let moving = try #require(SeriesAlignment()(series(2.3)))
    #expect(moving.hotPixels.map { [$0.x, $0.y] } == [[333, 20], [50, 60], [200, 300]])
    for (found, truth) in zip(moving.hotPixels, [20_000.0, 3000, 900]) {
      // The median of eight excesses, each with the noise of 16 e- of the sky and its own photons.
      #expect(abs(found.rate * 60 - truth) < 0.05 * truth + 20)
    }
    // Where the sky stands still nobody can tell.
    #expect(try #require(SeriesAlignment()(series(0.05))).hotPixels.isEmpty)
  }

  @Test func aLineOnThreeFramesIsNoSatellite() throws {
    var series = Self.series(Self.field(), 6)
    func trail(_ y: Double) -> SatelliteTrail {
      SatelliteTrail(start: PixelPoint(x: -1, y: y), end: PixelPoint(x: 800, y: y + 90), width: 4, brightness: 500)
    }
    for k in 0..<3 { series[k].sources?.trails = [trail(100 + Double(k))] }
    series[4].sources?.trails = [trail(300)]
    let alignment = try #require(SeriesAlignment()(series))
    #expect(alignment.trails == [FrameTrail(frame: 5, trail: trail(300))])
  }

  @Test func hotPixelsInTwoFramesOnly() throws {
    var field = Self.field(300)
    field.hotPixels = (0..<40).map { k in (13 + 19 * k, (k * 211) % 690 + 3, 300_000) }
    func move(_ k: Int) -> SimilarityTransform { .turning(0, about: PixelPoint(x: 0, y: 0), shift: (7 * Double(k), 5)) }
    let series = (0..<2).map { k in
      SeriesFrame(number: k + 1, sources: field.sources(seed: UInt64(k + 1), transform: move(k)))
    }
    let alignment = try #require(SeriesAlignment()(series, reference: 1))
    #expect(Self.check(alignment, 1, within: 0.3, move))
  }

  @Test func perfectGuidingKeepsItsStars() throws {
    let series = (0..<20).map { k in
      SeriesFrame(number: k + 1, sources: Self.field().sources(seed: UInt64(k + 1), error: 0.02))
    }
    let alignment = try #require(SeriesAlignment()(series))
    let inside = Self.field().stars.count { $0.position.lies(inWidth: 800, height: 700) }
    #expect(alignment.sources.count == inside)
    for frame in alignment.frames { #expect(frame.status == .used && frame.detections == inside) }
  }

  @Test func theFieldIsKnownBetterThanFromOneFrame() throws {
    let field = Self.field()
    let alignment = try #require(SeriesAlignment()(Self.series(field, 30)))
    let back = Self.drift(alignment.reference - 1)
    var errors: [Double] = []
    for source in alignment.sources where source.detected > 0.8 {
      let place = back.inverse(source.position)
      errors.append(field.stars.map { $0.position.distance(to: place) }.min() ?? .nan)
    }
    #expect(errors.count > 20)
    // One frame is good to 0.05 px an axis, a distance of 0.06 in the median; 30 frames with the reference's own shift
    // error of 0.05 / sqrt(80 stars) in common: 0.012.
    #expect(Median.of(errors) < 0.025)
    #expect(alignment.sources.map(\.flux) == alignment.sources.map(\.flux).sorted(by: >))
    #expect(alignment.sources[0].name == "S0001" && alignment.sources[9].name == "S0010")
    // Spurious detections, 6 a frame, are no stars.
    #expect(
      alignment.sources.allSatisfy { source in
        field.stars.contains { $0.position.distance(to: back.inverse(source.position)) < 1.5 }
      })
  }

  @Test func driftBeyondTheFrameIsBridged() throws {
    func move(_ k: Int) -> SimilarityTransform { SimilarityTransform(a: 1, b: 0, tx: 60 * Double(k), ty: 10) }
    var field = Self.field()
    field.stars = SyntheticField.stars(900, width: 800, height: 700, margin: 1400, flux: 2000...1e6, seed: 6)
    let series = Self.series(field, 21, transform: move)
    let alignment = try #require(SeriesAlignment()(series, reference: 1))
    for k in 0..<21 { #expect(Self.check(alignment, k, within: 0.6, move)) }
  }

  @Test func aCloudyFrameIsSalvagedByPrediction() throws {
    let field = Self.field(800)
    var series = Self.series(field, 15)
    // Three of its stars come through, at their places.
    let full = field.sources(seed: 77, transform: Self.drift(6))
    var few = full
    few.sources = Array(full.sources[2..<6])
    series[6].sources = few
    let alignment = try #require(SeriesAlignment()(series))
    #expect(Self.check(alignment, 6, within: 0.3))
    #expect(alignment.frames[6].registration?.method == .predicted)
    #expect(alignment.frames[6].flags.contains(.predictedTransform))
    #expect(alignment.frames[6].status == .used)
  }

  @Test func starsElsewhereAreNotTakenForAPrediction() throws {
    var series = Self.series(Self.field(800), 15)
    var few = Self.field(800, seed: 55).sources(seed: 77)
    few.sources = Array(few.sources.prefix(5))
    series[6].sources = few
    var none = few
    none.sources = []
    none.fwhm = .nan
    series[9].sources = none
    let alignment = try #require(SeriesAlignment()(series))
    #expect(alignment.frames[6].status == .rejected && alignment.frames[6].flags.contains(.notRegistered))
    #expect(alignment.frames[6].reason.hasPrefix("5 stars"))
    #expect(alignment.frames[9].status == .rejected && alignment.frames[9].reason == "no stars")
    #expect(alignment.frames[9].fwhm.isNaN)
  }

  @Test func anotherSizeIsRejectedWithBothSizes() throws {
    var series = Self.series(Self.field(), 8)
    series[2].sources?.width = 801
    series[5] = SeriesFrame(number: 6, sources: nil)
    series[5].summary.status = .rejected
    series[5].summary.flags = .unreadable
    series[5].summary.reason = "zero-length file"
    let alignment = try #require(SeriesAlignment()(series))
    #expect(alignment.frames[2].status == .rejected && alignment.frames[2].flags == .wrongSize)
    #expect(alignment.frames[2].reason == "801 x 700 px where the reference frame has 800 x 700")
    #expect(alignment.frames[5].status == .rejected && alignment.frames[5].flags == .unreadable)
    #expect(alignment.frames[5].reason == "zero-length file" && alignment.frames[5].detections == 0)
  }

  @Test func theReferenceIsAGoodFrame() throws {
    var series = Self.series(Self.field(), 20)
    for k in 0..<20 where k != 4 {
      series[k].sources?.fwhm = 6
      series[k].sources?.elongation = 1.3
    }
    // Sharp, but with a handful of stars.
    series[4].sources?.sources.removeLast(75)
    for k in [8, 9, 10] {
      series[k].sources?.fwhm = 4.2
      series[k].sources?.elongation = 1.1
    }
    let alignment = try #require(SeriesAlignment()(series))
    #expect([9, 10, 11].contains(alignment.reference))
  }

  @Test func aReferenceOfAnotherFieldIsPassedOver() throws {
    var series = Self.series(Self.field(), 12)
    series[5].sources = Self.field(900, seed: 71).sources(seed: 5)
    series[5].sources?.fwhm = 3
    let alignment = try #require(SeriesAlignment()(series))
    #expect(alignment.reference != 6)
    #expect(alignment.frames.count { $0.status == .used } == 11)
    #expect(alignment.frames[5].status == .rejected)
  }

  @Test func theUsersReferenceIsTaken() throws {
    let series = Self.series(Self.field(), 6)
    #expect(try #require(SeriesAlignment()(series, reference: 6)).reference == 6)
    #expect(SeriesAlignment()(series, reference: 7) == nil)
    #expect(SeriesAlignment()([], reference: nil) == nil)
    #expect(SeriesAlignment()([SeriesFrame(number: 1, sources: nil)]) == nil)
  }

  @Test func aSingleFrameIsItsOwnReference() throws {
    let alignment = try #require(SeriesAlignment()(Self.series(Self.field(), 1)))
    #expect(alignment.reference == 1 && alignment.frames[0].shiftX == 0)
    #expect(alignment.sources.count > 20)
    #expect(alignment.frames[0].transparency == 1)
  }

  @Test func aMeridianFlipBeginsASegment() throws {
    func move(_ k: Int) -> SimilarityTransform {
      k < 6 ? Self.drift(k) : .turning(179.2, about: PixelPoint(x: 400, y: 350), shift: (5, 8 + Double(k)))
    }
    let alignment = try #require(SeriesAlignment()(Self.series(Self.field(), 12, transform: move)))
    for k in 0..<12 {
      #expect(Self.check(alignment, k, move))
      #expect(alignment.frames[k].segment == (k < 6 ? 1 : 2))
    }
  }

  @Test func transparencyIsRelativeToTheClearestFramesOfTheFilter() throws {
    var field = Self.field(800)
    var series: [SeriesFrame] = []
    for k in 0..<24 {
      let filter = k % 2 == 0 ? "R" : "Ha"
      // Cloud in the middle of the night; the narrow band collects a twentieth, twice as long.
      let cloud = (8..<12).contains(k) ? 0.4 : 1.0
      field.transparency = cloud * (k % 2 == 0 ? 1 : 0.1)
      series.append(
        SeriesFrame(
          number: k + 1, sources: field.sources(seed: UInt64(k), transform: Self.drift(k)), filter: filter,
          exposure: k % 2 == 0 ? 60 : 120))
    }
    let alignment = try #require(SeriesAlignment()(series))
    for k in 0..<24 {
      // Fluxes scatter by 5 per cent a star; the median of 40 stars by 1.
      let wanted = (8..<12).contains(k) ? 0.4 : 1.0
      #expect(abs(alignment.frames[k].transparency / wanted - 1) < 0.05)
    }
    // Fluxes are those of the reference's filter and exposure.
    let back = Self.drift(alignment.reference - 1)
    let ratios = alignment.sources.prefix(20).compactMap { source in
      field.stars.min { a, b in
        a.position.distance(to: back.inverse(source.position)) < b.position.distance(to: back.inverse(source.position))
      }.map { source.flux / $0.flux }
    }
    let own = alignment.reference - 1
    let wanted = (own % 2 == 0 ? 1.0 : 0.1) * ((8..<12).contains(own) ? 0.4 : 1)
    #expect(abs(Median.of(ratios) / wanted - 1) < 0.05)
  }

  /// A night on pixels with all that can go wrong: hot pixels and pairs of them, wind, thin and thick cloud, a defocus, a
  /// satellite, moonlight, a closed shutter, a flip.
  @Test(arguments: [1.6, 3.5]) func aBadNightIsRegisteredOrRejectedButNeverWrongly(fwhm: Double) throws {
    var field = SyntheticField(
      width: 700, height: 600,
      stars: SyntheticField.stars(80, width: 700, height: 600, margin: 150, flux: 3000...200_000, seed: 12))
    field.beta = 3
    field.fwhm = fwhm
    field.saturation = 40_000
    var random = SeededGenerator(seed: 77)
    for k in 0..<40 {
      let (x, y) = (Int(random.uniform(5..<690)), Int(random.uniform(5..<590)))
      let electrons = random.uniform(3000..<60_000)
      field.hotPixels.append((x, y, electrons))
      if k % 3 == 0 { field.hotPixels.append((x, y + 1, 0.7 * electrons)) }
    }
    let middle = PixelPoint(x: 350, y: 300)
    func move(_ k: Int) -> SimilarityTransform {
      k == 12
        ? .turning(180.3, about: middle, shift: (12, 3))
        : .turning(0.03 * Double(k), about: middle, shift: (2.3 * Double(k), 3.1 * Double(k)))
    }
    let series = (0..<14).map { k in
      var exposure = field
      switch k {
      case 3: exposure.trail = 18
      case 5: exposure.transparency = 0.03
      case 6: exposure.transparency = 0.004
      case 7: exposure.fwhm = 2.2 * fwhm
      case 8: exposure.satellite = (PixelPoint(x: -5, y: 130), PixelPoint(x: 730, y: 411), 900)
      case 9: exposure.sky = 3000
      case 10: exposure.transparency = 0
      default: break
      }
      return SeriesFrame(
        number: k + 1, sources: SourceDetection()(exposure.frame(seed: UInt64(k), transform: move(k))))
    }
    let alignment = try #require(SeriesAlignment()(series))
    for (k, frame) in alignment.frames.enumerated() {
      guard let found = frame.registration else { continue }
      // A long trail is known to a part of its length, all else to the errors of some thirty stars.
      let limit = k == 3 ? 1.0 : k == 5 ? 0.5 : 0.15
      #expect(found.transform(middle).distance(to: Self.truth(alignment, k, move)(middle)) < limit)
    }
    #expect(alignment.frames[10].status == .rejected)
    // Through 6 magnitudes of cloud hardly a star is left; all others must be found.
    for k in 0..<14 where k != 6 && k != 10 { #expect(alignment.frames[k].status == .used) }
    #expect(alignment.frames[3].elongation > 2.5)
    #expect(abs(alignment.frames[5].transparency - 0.03) < 0.01)
    #expect(abs(alignment.frames[8].fwhm - fwhm) < 0.15)
    for source in alignment.sources {
      let place = move(alignment.reference - 1).inverse(source.position)
      #expect(field.stars.contains { $0.position.distance(to: place) < 2 })
    }
  }
}
