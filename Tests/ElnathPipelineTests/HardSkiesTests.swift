// Simulated nights of the kind that rules made for fine weather fail on.
import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite("nights that are not like the others")
struct HardSkiesTests {
  /// A night over the HL Tau field, 384 x 384, with what goes wrong in it.
  struct Hard: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var lights = 24
    var mishaps = Hard.usual
    var change: @Sendable (inout Night, inout Camera, inout Sky.Field) -> Void = { _, _, _ in }

    static let usual: [Int: Mishap] = [
      4: .noLight, 7: .trailed(14, angle: 0.5), 11: .blurred(2.2), 15: .cloud(4), 18: .cloud(0.25), 19: .cloud(0.6),
      20: .cloud(1.5),
    ]
  }

  static let skies: [Hard] = [
    Hard(testDescription: "under the full Moon") { night, _, _ in
      night.passband.skyBrightness = 17.3
      night.skyGradient = 0.06
    },
    Hard(testDescription: "twelve frames, one behind thick cloud", lights: 12, mishaps: [5: .cloud(4), 8: .noLight]),
    Hard(
      testDescription: "cirrus all night",
      mishaps: Dictionary(uniqueKeysWithValues: (0..<24).map { ($0, .cloud($0 % 3 == 0 ? 0.28 : 0.08)) })),
    Hard(
      testDescription: "cloud for half of the night",
      mishaps: Dictionary(uniqueKeysWithValues: (10..<24).map { ($0, .cloud($0 % 2 == 0 ? 1.7 : 0.2)) })),
    Hard(
      testDescription: "edges of clouds",
      mishaps: [
        4: .cloudEdge(0.5, slope: 0.4), 9: .cloudEdge(1, slope: 1), 14: .cloudEdge(0.3, slope: -0.2),
        19: .cloudEdge(2, slope: 1.8),
      ]),
    Hard(testDescription: "focus that drifts by half") { night, _, _ in night.seeingSwing = 0.4 },
    Hard(testDescription: "two nights", lights: 40) { night, _, _ in night.span = 0.45 },
    Hard(testDescription: "FWHM 1.6 px") { night, _, _ in night.seeing = 1.3 },
    Hard(
      testDescription: "FWHM 8 px",
      mishaps: [4: .noLight, 7: .trailed(24, angle: 0.5), 11: .blurred(1.6), 15: .cloud(4)]
    ) { night, _, _ in
      night.seeing = 6.6
    },
    Hard(testDescription: "short exposures, all read noise") { night, _, _ in
      night.exposure = 4
      night.passband.skyBrightness = 22
      night.readout = 30
    },
    Hard(testDescription: "a sky of two whole ADU") { night, camera, _ in
      camera.gain = 12
      camera.readNoise = 5
      night.passband.skyBrightness = 23
    },
    Hard(testDescription: "crowded, but for the targets") { _, _, field in
      field.starsPerSquareArcminute = 30
    },
  ]

  @Test("No good frame is lost, no bad one is used in silence, and the curves are true", arguments: skies)
  func truth(_ hard: Hard) async throws {
    var camera = Camera(width: 384, height: 384)
    var field = Sky.Field(starsPerSquareArcminute: 7)
    var night = Night(
      site: Site(longitude: -111.6003, latitude: 31.9583, altitude: 2096, aperture: 0.9), day: 2_458_867.5,
      begin: 8400, span: 1.2, lights: hard.lights)
    night.driftX = 15
    night.driftY = 9
    night.mishaps = hard.mishaps
    hard.change(&night, &camera, &field)
    let extent = (384 + 2 * (15 + 40)) * camera.pixelScale
    let sky = Sky(
      rightAscension: 67.903, declination: 18.218, named: Sky.youngStarsNearHLTau(span: night.span, extended: false),
      field: field, width: extent, height: extent, seed: 1)
    let series = try await SimulatedSeries(
      Simulation(sky: sky, camera: camera, night: night, seed: 1), preset: .quick)
    series.expectTrueVerdicts()

    let pulls = series.curves.curves.flatMap { series.pulls(of: $0) }
    #expect(pulls.count >= series.inUse.count)
    // The chance of a normal pull beyond 4.5 is 7e-6.
    #expect(pulls.allSatisfy { abs($0) < 4.5 })
    let statistics = PullStatistics(pulls)
    // Three standard errors. The error of the zero points, common to both targets, is a small part.
    #expect(abs(statistics.sigma - 1) < 3 * statistics.sigmaError, "\(statistics)")
  }
}
