import ElnathCore
import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Testing

/// Registration of bare frames by the built program.
@Suite("align on bare frames")
struct AlignTests {
  private let folder: TemporaryFolder
  private static let width = 420
  private static let height = 380
  private static let middle = PixelPoint(x: 209.5, y: 189.5)

  /// What was done to each frame.
  private static let moves: [SimilarityTransform] = [
    .identity, .turning(0, about: middle, shift: (12.3, -7.6)), .turning(180, about: middle, shift: (-5.2, 9.4)),
    .turning(30, about: middle, shift: (3, 3)),
  ]

  private let files: [String]

  init() throws {
    folder = try TemporaryFolder()
    var field = SyntheticField(
      width: Self.width, height: Self.height,
      stars: SyntheticField.stars(
        90, width: Self.width, height: Self.height, margin: 80, flux: 4000...200_000, seed: 5))
    field.fwhm = 3.5
    var files: [String] = []
    for (k, move) in Self.moves.enumerated() {
      files.append(folder.path + "/f\(k).fits")
      try Self.write(field.frame(seed: UInt64(k), transform: move).image.image.pixels, second: 10 * k, to: files[k])
    }
    self.files = files
  }

  private static func write(
    _ pixels: [Float], width: Int = width, height: Int = height, second: Int, to path: String
  ) throws {
    let cards = [
      HeaderCard("DATE-OBS", .text("2020-01-19T04:10:\(second < 10 ? "0" : "")\(second)"), ""),
      HeaderCard("EXPTIME", .real(10), ""), HeaderCard("FILTER", .text("R"), ""),
    ]
    try FITSWriter.write([FITSHDU(width: width, height: height, pixels: .float(pixels), cards: cards)], to: path)
  }

  private func rows(_ name: String = "shifts.csv") throws -> [[String: String]] {
    let lines = try #require(folder.text(name)).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  private func align(_ files: [String], _ more: String...) async throws -> Program.Outcome {
    try await Program.run(["align"] + files + ["--csv", folder.path + "/shifts.csv"] + more)
  }

  @Test("shift, flip and rotation stand in the table")
  func registers() async throws {
    let outcome = try await align(files, "--reference", files[0])
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(outcome.messages.contains("4 frames: 4 used"))
    #expect(outcome.output.isEmpty)
    let rows = try rows()
    #expect(rows.map { $0["method"] } == ["reference", "stars", "stars", "stars"])
    for (row, truth) in zip(rows, Self.moves) {
      let moved = truth(Self.middle)
      // Some sixty stars, each good to a few hundredths of a pixel.
      #expect(abs((Double(row["dx_px"] ?? "") ?? .nan) - (moved.x - Self.middle.x)) < 0.02)
      #expect(abs((Double(row["dy_px"] ?? "") ?? .nan) - (moved.y - Self.middle.y)) < 0.02)
      let turn = (Double(row["rotation_deg"] ?? "") ?? .nan) - truth.rotation * 180 / .pi
      #expect(min(abs(turn), abs(abs(turn) - 360)) < 0.02)
      #expect(row["sky_e_px"] == "" && row["reason"] == "")
    }
    let again = try await Program.run(
      ["align"] + files.reversed() + [
        "--csv", folder.path + "/b.csv", "--jobs", "1", "-q",
        "--reference", files[0],
      ])
    #expect(again.status == 0 && again.messages.isEmpty)
    #expect(folder.bytes("b.csv") == folder.bytes("shifts.csv"))
  }

  @Test("bad frames get their reason, and more than half of them a status")
  func rejects() async throws {
    let small = folder.path + "/small.fits"
    try Self.write([Float](repeating: 100, count: 100 * 90), width: 100, height: 90, second: 41, to: small)
    let broken = folder.path + "/broken.fits"
    try folder.write("broken.fits", "SIMPLE  = no")
    let cloud = folder.path + "/cloud.fits"
    var random = SeededGenerator(seed: 3)
    try Self.write(
      (0..<(Self.width * Self.height)).map { _ in Float(200 + 16 * random.normal()) }, second: 50, to: cloud)
    let some = try await align(files + [small, broken, cloud])
    #expect(some.status == 0, "\(some.messages)")
    let rows = try rows()
    func row(_ name: String) -> [String: String] { rows.first { $0["file"]?.hasSuffix(name) == true } ?? [:] }
    #expect(rows.count == 7)
    #expect(row("small.fits")["flag_names"] == "wrong_size")
    #expect(row("small.fits")["reason"]?.contains("100 x 90 px") == true)
    #expect(row("broken.fits")["flag_names"] == "unreadable" && row("broken.fits")["reason"] != "")
    #expect(row("cloud.fits")["flag_names"] == "not_registered")
    #expect(row("cloud.fits")["method"] == "none" && row("cloud.fits")["transform"] == "")
    let most = try await align([files[0], small, broken, cloud])
    #expect(most.status == 1)
    let none = try await align([broken, cloud])
    #expect(none.status == 65 && none.messages.contains("shifts.csv"))
  }

  @Test("what cannot work is refused before the first pixel")
  func refuses() async throws {
    #expect(try await Program.run(["align", files[0]]).status == 64)
    #expect(try await align(files, "--reference", "other.fits").status == 64)
    #expect(try await align(files, "--transform", "quintic").status == 64)
    #expect(try await align(["nowhere.fits"]).status == 66)
    #expect(try await Program.run(["align", files[0], "--csv", folder.path + "/no/such/x.csv"]).status == 73)
  }
}
