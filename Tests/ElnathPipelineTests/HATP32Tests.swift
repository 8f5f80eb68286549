// The transit of HAT-P-32 b in 142 frames of a 6-inch telescope of the MicroObservatory network, without calibration
// frames: Examples/hatp32 with the frames of ../shared/data/hatp32.
import ElnathCore
import FoundationEssentials
import Testing

@testable import ElnathPipeline

@Suite(
  "the transit of HAT-P-32 b",
  .enabled(
    if: FileManager.default.fileExists(atPath: packageFolder.absolute("../shared/data/hatp32")),
    "the frames are not in ../shared/data/hatp32"))
struct HATP32Tests {
  /// Mid-transit as the published period and epoch predict it, BJD_TDB.
  static let middle = 2_458_107.711
  /// Half the duration of the transit and a quarter of an hour, days.
  static let outside = 0.069

  @Test("142 frames are registered, and the transit stands in the curve")
  func transit() async throws {
    let folder = try TestFolder()
    let example = packageFolder.absolute("Examples/hatp32/PROJECT.toml")
    let shared = packageFolder.absolute("../shared")
    let text = try FileBytes.text(of: example).split(separator: "../../../shared", omittingEmptySubsequences: false)
      .joined(separator: shared)
    try folder.write("PROJECT.toml", text)
    let workspace = try Workspace.quiet(folder.folder.absolute("PROJECT.toml"))
    _ = try await workspace.run()
    let table = try workspace.savedPhotometry()
    let curves = try workspace.savedLightCurves(table)

    #expect(table.frames.count == 142)
    #expect(table.frames.allSatisfy { $0.status == .used || $0.status == .flagged })
    // The field drifts over 270 px, which no frame shows by a residual: stars are undersampled, centroids good to 0.1 px.
    #expect(table.frames.allSatisfy { ($0.registration?.residual ?? .nan) < 0.15 })

    let used = curves.comparisons.filter(\.used)
    #expect(used.count >= 5)
    for comparison in used {
      let number = try #require(table.stars.firstIndex { $0.name == comparison.star })
      for measurement in table.measurements {
        #expect(measurement.stars[number].peakADU.isNaN || measurement.stars[number].peakADU < 0.8 * 4095)
      }
      let contamination = Median.of(table.measurements.map { $0[number, 2].contamination })
      #expect(!(contamination > 0.01), "\(comparison.star)")
    }

    let points = try #require(curves.curves.first).points
    #expect(points.count == 142 && points.allSatisfy { $0.relativeFlux.isFinite })
    let t = points.map { $0.bjdTDB - Self.middle }
    let flux = points.map(\.relativeFlux)
    let line = Line(zip(t, flux).filter { abs($0.0) > Self.outside })
    let residuals = zip(t, flux).map { (time: $0, value: $1 / line.value(at: $0) - 1) }
    let quiet = residuals.filter { abs($0.time) > Self.outside }.map(\.value)
    let scatter = (quiet.reduce(0) { $0 + $1 * $1 } / Double(quiet.count - 2)).squareRoot()
    // Photons and scintillation give 0.31 per cent before and 0.40 after the transit; the rest is the flat field that
    // nobody took.
    #expect(scatter < 0.005, "\(scatter)")
    let early = zip(t, flux).filter { $0.0 < -Self.outside }
    let earlyLine = Line(early.map { ($0.0, $0.1) })
    let squares = early.reduce(0) { sum, point in
      let residual = point.1 / earlyLine.value(at: point.0) - 1
      return sum + residual * residual
    }
    let before = (squares / Double(early.count - 2)).squareRoot()
    #expect(before < 0.0035, "\(before)")

    let bottom = residuals.filter { abs($0.time) < 0.045 }.map(\.value)
    let depth = -bottom.reduce(0, +) / Double(bottom.count)
    // The planet hides 2.2 per cent of the disc, 2.5 of the light of its bright middle; errors correlated over the hour
    // may add or take 0.2.
    #expect((0.023...0.029).contains(depth), "\(depth)")

    // The time by which the missing light lies: ingress and egress alike. The error from the scatter is 0.003 d.
    let transit = residuals.filter { abs($0.time) < Self.outside }
    let missing = transit.reduce(0) { $0 + $1.value }
    let centre = transit.reduce(0) { $0 + $1.value * $1.time } / missing
    #expect(abs(centre) < 0.008, "\(centre)")

    // Errors scaled by what constant stars show tell the scatter of the target to a quarter.
    let scaled = Median.of(
      zip(t, points).filter { abs($0.0) > Self.outside }.map { $1.relativeFluxErrorScaled / $1.relativeFlux })
    #expect((0.75...1.35).contains(scatter / scaled), "\(scatter) against \(scaled)")
  }

  /// A straight line of least squares.
  struct Line {
    let slope: Double
    let offset: Double
    let origin: Double

    init(_ points: [(Double, Double)]) {
      let n = Double(points.count)
      let x = points.reduce(0) { $0 + $1.0 } / n
      let y = points.reduce(0) { $0 + $1.1 } / n
      origin = x
      offset = y
      slope =
        points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) } / points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
    }

    func value(at x: Double) -> Double { offset + slope * (x - origin) }
  }
}
