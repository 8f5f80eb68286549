import ElnathCore
import ElnathFITS
import ElnathTestSupport
import Logging
import Testing

@testable import ElnathPipeline

@Suite("measure bare frames")
struct BareMeasurementTests {
  private let folder: TemporaryFolder
  static let fluxes = [40_000.0, 4000, 150_000]
  static let places = [PixelPoint(x: 60.3, y: 70.8), PixelPoint(x: 130.1, y: 60.4), PixelPoint(x: 100.7, y: 140.2)]

  init() throws { folder = try TemporaryFolder() }

  private func measurement(_ radii: [Double] = [4, 8, 11]) -> BareMeasurement {
    var log = Logger(label: "elnath")
    log.logLevel = .critical
    return BareMeasurement(radii: radii, jobs: 2, log: log)
  }

  /// A field of three stars: gain 1.6, read noise 6 e-, sky 150 e-, zero level 500 ADU.
  private func electrons(_ seed: UInt64, zero: Double) -> [Double] {
    var random = SeededGenerator(seed: seed)
    var light = [Double](repeating: 150, count: 200 * 200)
    var simulator = StampSimulator(size: 200, fwhm: 4, sky: 0, gain: 1, readNoise: 0)
    simulator.digitised = false
    for (place, flux) in zip(Self.places, Self.fluxes) {
      for (i, value) in simulator.star(at: place).enumerated() { light[i] += flux * value }
    }
    return light.map { random.poisson($0) + 6 * random.normal() + zero }
  }

  private func raw(_ name: String, _ seed: UInt64, _ cards: [HeaderCard]) throws {
    let adu = electrons(seed, zero: 0).map { UInt16(max(0, ($0 / 1.6 + 500).rounded())) }
    try FITSWriter.write(
      [FITSHDU(width: 200, height: 200, pixels: .uint16(adu), cards: cards + [HeaderCard("EXPTIME", .real(30), "")])],
      to: folder.path + "/" + name)
  }

  private func stars() throws -> String {
    let rows = Self.places.enumerated().map { "T\($0 + 1),\($1.fits.x),\($1.fits.y)" }
    try folder.write("stars.csv", (["star,x,y"] + rows).joined(separator: "\n") + "\n")
    return folder.path + "/stars.csv"
  }

  private func expectTrue(_ outcome: BareMeasurement.Outcome, frames: Int) {
    #expect(outcome.frames.count == frames && outcome.leftOut.isEmpty)
    for (_, measured) in outcome.frames {
      for (i, flux) in Self.fluxes.enumerated() {
        // The widest holds all light but one part in 10^8.
        let wide = measured[i, 2]
        #expect(abs(wide.flux - flux) < 4 * wide.fluxError)
        // Photons and some hundred pixels of sky; within 12 per cent of the noise of a finite annulus.
        let noise = (flux + 380 * (150 + 36) * 1.1).squareRoot()
        #expect(wide.fluxError > 0.9 * noise && wide.fluxError < 1.25 * noise, "\(wide.fluxError) \(noise)")
        #expect(!wide.flags.contains(.outside))
        #expect(measured.stars[i].position.distance(to: Self.places[i]) < 0.1)
      }
    }
  }

  @Test("raw frames, of which the header or the options tell the camera")
  func rawFrames() async throws {
    try raw(
      "a.fits", 1,
      [
        HeaderCard("GAIN", .real(1.6), ""), HeaderCard("RDNOISE", .real(6), ""),
        HeaderCard("SATURATE", .real(60000), ""),
      ])
    try raw("b.fits", 2, [])
    var bare = measurement()
    (bare.gain, bare.readNoise, bare.saturation) = (1.6, 6, 60000)
    let files = ["a.fits", "b.fits"].map { folder.path + "/" + $0 }
    let outcome = try await bare(files: files, stars: stars(), catalog: packageCatalog())
    expectTrue(outcome, frames: 2)
    let alone = try await measurement()(files: [files[0]], stars: stars(), catalog: packageCatalog())
    #expect(outcome.table.starts(with: alone.table))
    // One row for each frame, star and radius, with the promised columns.
    let reader = try CSVReader(outcome.table, file: "out.csv")
    #expect(reader.names.starts(with: ["frame", "file", "star", "aperture", "radius_px", "x_px", "y_px"]))
    var rows = 0
    try reader.forEachRow { _ throws(PipelineError) in rows += 1 }
    #expect(rows == 18)
  }

  @Test("frames in electrons need no camera")
  func electrons() async throws {
    let unit = HeaderCard("BUNIT", .text("electron"), "")
    try FITSWriter.write(
      [FITSHDU(width: 200, height: 200, pixels: .float(electrons(3, zero: 40).map { Float($0) }), cards: [unit])],
      to: folder.path + "/e.fits")
    let outcome = try await measurement()(
      files: [folder.path + "/e.fits"], stars: stars(), catalog: packageCatalog())
    expectTrue(outcome, frames: 1)
  }

  @Test("planes of a reduced frame are used")
  func reduced() async throws {
    let unit = HeaderCard("BUNIT", .text("electron"), "")
    let light = electrons(4, zero: -150)
    var mask = [UInt8](repeating: 0, count: 200 * 200)
    mask[70 * 200 + 60] = PixelMask.saturated.rawValue
    func plane(_ name: String, _ pixels: FITSPixels, _ cards: [HeaderCard] = []) -> FITSHDU {
      FITSHDU(name: name, width: 200, height: 200, pixels: pixels, cards: cards)
    }
    try FITSWriter.write(
      [
        plane("", .float(light.map { Float($0) }), [unit]),
        plane("VARIANCE", .float(light.map { Float(max($0, 0) + 186) })), plane("MASK", .uint8(mask)),
      ], to: folder.path + "/r.fits")
    let outcome = try await measurement()(
      files: [folder.path + "/r.fits"], stars: stars(), catalog: packageCatalog())
    let measured = outcome.frames[0].measurements
    #expect(measured[0, 0].flags.contains(.saturated) && !measured[1, 0].flags.contains(.saturated))
  }

  @Test("a camera that nobody knows is refused, with the options that tell it")
  func unknownCamera() async throws {
    try raw("a.fits", 1, [HeaderCard("GAIN", .real(1.6), "")])
    let path = try stars()
    let error = await #expect(throws: PipelineError.self) {
      try await measurement()(files: [folder.path + "/a.fits"], stars: path, catalog: packageCatalog())
    }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("--read-noise --saturation") == true)
    #expect(error?.message.contains("--gain ") == false)
  }

  @Test(
    "tables of stars that are none",
    arguments: [
      "star,ra\na,3\n", "star,x,y\n", "x,y\n3,\n", "x,y\n3,abc\n", "x,y\nnan,4\n", "star,x,y\na,1,2\na,3,4\n", "",
      "x,y\n1\n",
    ])
  func badStars(text: String) async throws {
    try raw("a.fits", 1, [])
    try folder.write("bad.csv", text)
    var bare = measurement()
    (bare.gain, bare.readNoise, bare.saturation) = (1.6, 6, 60000)
    let error = await #expect(throws: PipelineError.self) {
      try await bare(files: [folder.path + "/a.fits"], stars: folder.path + "/bad.csv", catalog: packageCatalog())
    }
    #expect(error?.code == .badData)
    #expect(error?.subject.contains("bad.csv") == true)
  }

  @Test("stars by their coordinates, where the header knows the sky")
  func coordinates() async throws {
    // East is left; 0.5 arcsec a pixel, the first star in the middle of the projection.
    let scale = 0.5 / 3600
    let centre = (ra: 67.9, dec: 18.2)
    let cards = [
      HeaderCard("CTYPE1", .text("RA---TAN"), ""), HeaderCard("CTYPE2", .text("DEC--TAN"), ""),
      HeaderCard("CRVAL1", .real(centre.ra), ""), HeaderCard("CRVAL2", .real(centre.dec), ""),
      HeaderCard("CRPIX1", .real(Self.places[0].fits.x), ""), HeaderCard("CRPIX2", .real(Self.places[0].fits.y), ""),
      HeaderCard("CD1_1", .real(-scale), ""), HeaderCard("CD1_2", .real(0), ""), HeaderCard("CD2_1", .real(0), ""),
      HeaderCard("CD2_2", .real(scale), ""),
    ]
    try raw("sky.fits", 5, cards)
    try raw("blind.fits", 6, [])
    // The gnomonic projection is that of the simulated sky.
    let sky = Sky(rightAscension: centre.ra, declination: centre.dec, stars: [])
    let places = Self.places.map { place in
      sky.coordinates(east: -0.5 * (place.x - Self.places[0].x), north: 0.5 * (place.y - Self.places[0].y))
    }
    // Hours and degrees; the last star lies on the other side of the sky.
    let others = places.enumerated().dropFirst().map { "T\($0 + 1),\($1.rightAscension),\($1.declination)" }
    let rows = ["T1,04:31:36,+18:12:00"] + others + ["far,247.9,-18.2"]
    try folder.write("sky.csv", (["name,ra,dec"] + rows).joined(separator: "\n") + "\n")
    var bare = measurement()
    (bare.gain, bare.readNoise, bare.saturation) = (1.6, 6, 60000)
    let files = ["sky.fits", "blind.fits"].map { folder.path + "/" + $0 }
    let outcome = try await bare(files: files, stars: folder.path + "/sky.csv", catalog: packageCatalog())
    #expect(outcome.leftOut.map(\.file) == [files[1]])
    #expect(outcome.leftOut.first?.reason.contains("give x and y") == true)
    let measured = try #require(outcome.frames.first).measurements
    for (i, flux) in Self.fluxes.enumerated() {
      // The table of places has ten digits, the projection is good to a thousandth of a pixel.
      #expect(measured.stars[i].forced.distance(to: Self.places[i]) < 0.002)
      #expect(abs(measured[i, 2].flux - flux) < 4 * measured[i, 2].fluxError)
    }
    #expect(measured[3, 0].flags.contains(.outside) && measured[3, 0].flux.isNaN)
  }

  @Test("places off the frame and absurd ones are flagged, unreadable frames left out, nonsense refused")
  func badInput() async throws {
    try raw("a.fits", 1, [])
    try folder.write("b.fits", "no image at all")
    try folder.write("far.csv", "x,y\n1e300,5\n-40,20\n0.4,0.4\n100,100\n")
    var bare = measurement()
    (bare.gain, bare.readNoise, bare.saturation) = (1.6, 6, 60000)
    let files = ["a.fits", "b.fits"].map { folder.path + "/" + $0 }
    let outcome = try await bare(files: files, stars: folder.path + "/far.csv", catalog: packageCatalog())
    #expect(outcome.leftOut.map(\.file) == [files[1]])
    let measured = outcome.frames[0].measurements
    #expect((0..<3).allSatisfy { measured[$0, 0].flags.contains(.outside) && measured[$0, 0].flux.isNaN })
    #expect(measured[3, 0].flux.isFinite)
    for radii in [[], [0], [-3], [.nan], [1e300]] as [[Double]] {
      bare.radii = radii
      await #expect(throws: PipelineError.self) {
        try await bare(files: files, stars: folder.path + "/far.csv", catalog: packageCatalog())
      }
    }
    bare.radii = [3]
    bare.gain = -1
    await #expect(throws: PipelineError.self) {
      try await bare(files: files, stars: folder.path + "/far.csv", catalog: packageCatalog())
    }
    bare.gain = 1
    let error = await #expect(throws: PipelineError.self) {
      try await bare(files: ["nowhere.fits"], stars: folder.path + "/far.csv", catalog: packageCatalog())
    }
    #expect(error?.code == .noInput)
  }
}
