import ElnathFITS
import ElnathTestSupport
import Testing

@Suite("elnath measure on bare frames")
struct MeasureTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var pixels = (0..<12_000).map { (i: Int) -> UInt16 in 1000 + UInt16(i * 7919 % 13) }
    pixels[6060] += 9000
    try FITSWriter.write(
      [FITSHDU(width: 120, height: 100, pixels: .uint16(pixels), cards: [])], to: folder.path + "/a.fits")
    try folder.write("stars.csv", "star,x,y\nA,61,51\n")
  }

  private func measure(_ more: String...) async throws -> Program.Outcome {
    try await Program.run(["measure", "a.fits", "--stars", "stars.csv"] + more, in: folder.path)
  }

  @Test("table to standard output or to a file, or exit 78 without a camera")
  func tables() async throws {
    let camera = ["--gain", "1.5", "--read-noise", "5", "--saturation", "60000"]
    let unknown = try await measure("--radius", "3,5")
    #expect(unknown.status == 78)
    #expect(unknown.messages.contains("--gain --read-noise --saturation"))
    let shown = try await Program.run(
      ["measure", "a.fits", "--stars", "stars.csv", "--radius", "3,5,8", "--annulus", "12,20", "--centroid", "forced"]
        + camera, in: folder.path)
    #expect(shown.status == 0)
    #expect(shown.output.split(separator: "\n").count == 4)
    let written = try await Program.run(
      [
        "measure", "a.fits", "--stars", "stars.csv", "--radius", "3,5,8", "--annulus", "12,20", "--centroid", "forced",
        "--csv", "out.csv",
      ] + camera, in: folder.path)
    #expect(written.status == 0 && written.output.isEmpty)
    #expect(folder.text("out.csv") == shown.output)
  }

  @Test(
    "what cannot be asked is refused",
    arguments: [
      (["--radius", "3,x"], 64), (["--radius", "-3"], 64), ([], 64), (["--radius", "3", "--annulus", "5"], 64),
      (["--radius", "3", "--annulus", "8,5"], 64), (["--radius", "3", "--set", "a.b=1"], 64),
      (["--radius", "0", "--gain", "1", "--read-noise", "1", "--saturation", "9"], 78),
      (["--radius", "3", "--camera", "nosuchcamera"], 78),
      (["--radius", "3", "--gain", "0", "--read-noise", "1", "--saturation", "9"], 78),
    ] as [([String], Int32)])
  func refusals(arguments: [String], status: Int32) async throws {
    let outcome = try await Program.run(["measure", "a.fits", "--stars", "stars.csv"] + arguments, in: folder.path)
    #expect(outcome.status == status, "\(outcome.messages)")
  }
}
