// Two cameras measured on real calibration frames of ../shared/data.
import ElnathCore
import FoundationEssentials
import Testing

@testable import ElnathPipeline

@Suite("cameras: real calibration frames")
struct RealCamerasTests {
  private static func report(_ lists: String) async throws -> (report: CameraReport, folder: TestFolder) {
    let folder = try TestFolder()
    let data = packageFolder.absolute("../shared/data")
    try folder.write(
      "PROJECT.toml",
      "version = 1\n[input]\n" + lists.replacing("DATA", with: data))
    let workspace = try Workspace.quiet(folder.folder.absolute("PROJECT.toml"))
    return (try await workspace.measureCamera(), folder)
  }

  @Test(
    "an interlaced sensor: all pairs of flats tell one gain though its fields change from frame to frame",
    .enabled(
      if: FileManager.default.fileExists(atPath: packageFolder.absolute("../shared/data/starshoot")),
      "the frames are not in ../shared/data/starshoot"))
  func starshoot() async throws {
    let (report, _) = try await Self.report(
      """
      lights = ["DATA/starshoot/ngc7333/*.fit.gz"]
      biases = ["DATA/starshoot/bias/*.fit.gz"]
      darks = ["DATA/starshoot/dark/*.fit.gz"]
      flats = ["DATA/starshoot/flat/*.fit.gz"]
      saturation = 65535
      [reduce]
      camera_pairs = 5
      """)
    let output = try #require(report.measurements.first?.outputs.first)
    let seen = output.measurement
    #expect(seen.pairs.count == 5 && seen.pairs.allSatisfy(\.isUsed))
    // Flats at three quarters of saturation: the gain may be a few per cent high, and its error says so. The pairs are
    // good to 0.3 per cent each.
    for pair in seen.pairs {
      let transfer = try #require(pair.transfer)
      #expect(abs(transfer.level / transfer.shotVariance / seen.gain.value - 1) < 0.015)
    }
    #expect(abs(seen.gain.value - 0.512) < 0.01 && output.isFromHighPairs && seen.gain.error > 0.015)
    // Windows that take both fields together see the change of the fields as noise: 0.33 to 0.51, in the middle 0.4.
    let unsplit = seen.pairs.compactMap { $0.transfer?.unsplitGain }
    #expect(abs((unsplit.min() ?? .nan) - 0.33) < 0.01 && abs((unsplit.max() ?? .nan) - 0.512) < 0.01)
    #expect(abs(Median.of(unsplit) - 0.437) < 0.01)
    // Biases a second apart; over the series the scatter grows from 7.1 to 7.3 ADU.
    #expect(abs(seen.readNoise.value - 7.2) < 0.15, "\(seen.readNoise)")
    #expect(abs(seen.biasLevel.value - 772.4) < 1)
    #expect(seen.step == 1)
    let dark = try #require(seen.dark)
    // The median of a dark lies 3 ADU above that of a bias, after 20 s.
    #expect(abs(dark.rate.value - 0.15) < 0.04 && dark.hotFraction.value < 0.001)
  }

  @Test(
    "sky flats of unlike exposure, an overscan of 32 columns, a dead column",
    .enabled(
      if: FileManager.default.fileExists(atPath: packageFolder.absolute("../shared/data/nickel")),
      "the frames are not in ../shared/data/nickel"))
  func nickel() async throws {
    let (report, _) = try await Self.report(
      """
      lights = ["DATA/nickel/d10[4-8]*.fits.fz"]
      biases = ["DATA/nickel/d100*.fits.fz", "DATA/nickel/d1010.fits.fz"]
      flats = ["DATA/nickel/d103[5-7].fits.fz"]
      saturation = 65535
      """)
    let output = try #require(report.measurements.first?.outputs.first)
    let seen = output.measurement
    // The observatory's own reduction package has 1.8 e-/ADU; flats at half of saturation are good to 3 per cent.
    #expect(abs(seen.gain.value / 1.8 - 1) < 0.03 && seen.gain.count == 2, "\(seen.gain)")
    // The first pair differs by a fifth in level, the second by a thousandth: what they tell agrees to 1 per cent.
    let gains = seen.pairs.compactMap { pair in pair.transfer.map { $0.level / $0.shotVariance } }
    #expect(gains.count == 2 && abs(gains[0] / gains[1] - 1) < 0.01, "\(gains)")
    // By hand 5.24 ADU from the median deviation of bias differences.
    #expect(abs(seen.readNoise.value - 5.22) < 0.06, "\(seen.readNoise)")
    #expect(abs(seen.overscanNoise.value / seen.readNoise.value - 1) < 0.12, "\(seen.overscanNoise)")
    #expect(seen.structure.columns.value > 5)
  }
}
