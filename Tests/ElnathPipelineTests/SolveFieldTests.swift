// astrometry.net's solve-field, played by scripts: what it is told, and what is made of its answers. And real frames.
import ElnathCore
import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Logging
import Testing

@testable import ElnathPipeline

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("solve-field as a program")
struct SolveFieldTests {
  private func program(_ folder: TestFolder, _ script: String) throws -> SolveFieldProgram {
    try folder.write("bin/solve-field", "#!/bin/sh\n" + script)
    let path = folder.folder.absolute("bin/solve-field")
    #expect(chmod(path, 0o755) == 0)
    return try #require(SolveFieldProgram(folders: "/nowhere:" + folder.folder.absolute("bin")))
  }

  private let image = PixelGrid<Float>(width: 40, height: 30, repeating: 1)
  private let hint = FieldHint(centre: SkyPoint(rightAscension: 67.9, declination: -18.2), radius: 0.5, scale: 1...2)

  private static let cards = [
    HeaderCard("CTYPE1", .text("RA---TAN")), HeaderCard("CTYPE2", .text("DEC--TAN")),
    HeaderCard("CRVAL1", .real(67.9)), HeaderCard("CRVAL2", .real(-18.2)), HeaderCard("CRPIX1", .real(20.5)),
    HeaderCard("CRPIX2", .real(15.5)), HeaderCard("CD1_1", .real(-4e-4)), HeaderCard("CD1_2", .real(0)),
    HeaderCard("CD2_1", .real(0)), HeaderCard("CD2_2", .real(4e-4)),
  ]

  @Test("the answer counts where .solved is there; arguments go as they are; nothing stays behind")
  func solved() async throws {
    let folder = try TestFolder()
    try AtomicFile.write(HeaderFile.bytes(Self.cards), to: folder.folder.absolute("answer.wcs"))
    let program = try program(
      folder,
      """
      for a in "$@"; do echo "[$a]" >> '\(folder.folder.absolute("arguments"))'; done
      cp '\(folder.folder.absolute("answer.wcs"))' frame.wcs
      : > frame.solved
      exit 1
      """)
    let projection = try await program(image, hint: hint, settings: SolveSettings(), scratch: folder.folder.path)
    let found = try #require(projection)
    let sky = try #require(found.sky(at: PixelPoint(x: 19.5, y: 14.5)))
    #expect(sky.separation(from: SkyPoint(rightAscension: 67.9, declination: -18.2)) < 1e-9)
    let told = try FileBytes.text(of: folder.folder.absolute("arguments"))
    for words in [
      "[--no-plots]", "[--dec]\n[-18.2]", "[--cpulimit]\n[60]", "[--scale-low]\n[1.0]", "[--radius]\n[1.5]",
    ] {
      #expect(told.contains(words), "\(words)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.folder.path)
    #expect(!left.contains { $0.hasPrefix(".solve-field") })
  }

  @Test("no .solved is no answer, whatever the exit status; one that hangs is ended")
  func unsolved() async throws {
    let folder = try TestFolder()
    let silent = try program(folder, "exit 0\n")
    #expect(try await silent(image, hint: nil, settings: SolveSettings(), scratch: folder.folder.path) == nil)
    var slow = try program(folder, "exec sleep 100\n")
    slow.grace = -1.5
    var settings = SolveSettings()
    settings.timeLimit = 1
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try await slow(image, hint: nil, settings: settings, scratch: folder.folder.path) == nil)
    // Half a second, and room for a busy machine; not the hundred that the script takes.
    #expect(clock.now - start < .seconds(60))
    #expect(SolveFieldProgram(folders: "/nowhere:relative") == nil)
  }
}

@Suite("solve on real frames")
struct RealFieldTests {
  static let frames = ["20171220013343", "20171220050912", "20171220083612"].map {
    packageFolder.absolute("../shared/data/hatp32/HATP-32\($0).FITS.fz")
  }

  @Test(
    "frames of HAT-P-32 without coordinates, by 7 to 11 stars of Tycho-2",
    .enabled(
      if: FileManager.default.fileExists(atPath: RealFieldTests.frames[0]),
      "needs ../shared/data/hatp32, which is not part of the project"))
  func hatp32() async throws {
    var settings = SolveSettings()
    settings.catalog = packageFolder.absolute("Tests/Fixtures/solve/hatp32_tycho2.csv")
    settings.solveField = false
    let locator = CatalogLocator("catalogs", chosen: packageFolder.absolute("catalogs"), home: nil)
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let outcomes = try await BareSolve(settings, log: log)(files: Self.frames, catalogs: locator)
    for outcome in outcomes {
      let solution = try outcome.result.get()
      #expect(solution.matched >= 7)
      // Undersampled stars, proper motions of 26 years.
      #expect(solution.residual < 0.4)
      let orientation = try #require(solution.projection.orientation(at: PixelPoint(x: 324.5, y: 249.5)))
      // solve-field finds 5.16 arcsec and an angle of 179.8 degrees for the first of them.
      #expect(abs(orientation.scale - 5.163) < 0.005 && orientation.mirrored)
      #expect(abs(abs(orientation.angle * 180 / .pi) - 179.3) < 1)
    }
    let first = try outcomes[0].result.get()
    let star = try #require(first.projection.place(of: SkyPoint(rightAscension: 31.04275, declination: 46.68785)))
    #expect(star.distance(to: PixelPoint(fits: (424, 287))) < 1)
  }
}
