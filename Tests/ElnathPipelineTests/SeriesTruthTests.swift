// Simulated nights from raw frames to light curves, held against the truth behind them.
import ElnathCore
import Testing

@testable import ElnathPipeline

/// Each series is made and run once, for all tests.
private enum Nights {
  /// 24 frames with cloud, wind, bad seeing and a satellite.
  static let eventful = Task { try await series(.quick, lights: 24, seeds: [1, 2, 3, 4]) }
  /// 36 frames over five hours without any mishap, at an airmass from 1.0 to 1.5.
  static let clear = Task { try await series(.clear, lights: 36, seeds: [5, 6]) }

  static func series(_ preset: SimulationPreset, lights: Int, seeds: [UInt64]) async throws -> [SimulatedSeries] {
    var all: [SimulatedSeries] = []
    for seed in seeds { all.append(try await SimulatedSeries(preset, lights: lights, seed: seed)) }
    return all
  }

  static var all: [SimulatedSeries] {
    get async throws { try await eventful.value + clear.value }
  }
}

@Suite("simulated nights from raw frames to light curves", .serialized)
struct SeriesTruthTests {
  @Test("Every bad frame is flagged or not used, for the right reason, and no good frame is lost")
  func verdicts() async throws {
    for series in try await Nights.all { series.expectTrueVerdicts() }
    // On clear nights not even a warning.
    for series in try await Nights.clear.value { #expect(series.table.frames.allSatisfy { $0.status == .used }) }
  }

  @Test("Every curve has all frames, with their times and places")
  func timesAndPlaces() async throws {
    for series in try await Nights.all {
      var offsets: [Double] = []
      for curve in series.curves.curves {
        #expect(curve.points.count == series.simulation.night.lights)
        let star = try #require(series.trueStar(curve.target.name))
        for (index, point) in curve.points.enumerated() {
          let truth = series.truth.conditions[index]
          // Tables have times to 1e-8 d.
          #expect(abs(point.frame.jdUTC - truth.jdUTC) < 1.01e-8)
          // The target lies up to 0.1 degrees from the centre of the field; at airmass 1.5 that is 0.003.
          #expect(abs(point.frame.airmass - truth.airmass) < 0.005)
          // Six weeks after opposition the Sun is nearer than the Earth by 300 to 450 s of light; TDB - UTC is 69.2 s.
          #expect((350...540).contains((point.bjdTDB - point.frame.jdUTC) * 86_400))
          guard point.used else {
            #expect(!point.reason.isEmpty)
            continue
          }
          let place = series.simulation.stars(in: index)[star].place
          offsets += [point.position.x - place.x, point.position.y - place.y]
        }
      }
      let pulls = PullStatistics(offsets)
      // Stars of S/N 50 at FWHM 3 px: a centroid is good to 0.03 px; the frames' registration adds 0.005 px.
      #expect(abs(pulls.mean) < 0.01 && pulls.sigma < 0.05, "seed \(series.simulation.seed): \(pulls)")
    }
  }

  @Test("The injected curves are recovered within their errors")
  func curves() async throws {
    var pulls: [Double] = []
    for series in try await Nights.all {
      #expect(series.curves.curves.count >= 2)
      for curve in series.curves.curves {
        let own = series.pulls(of: curve)
        // A bad pixel may pass through a star, but most frames count.
        #expect(own.count * 4 >= series.inUse.count * 3)
        // The chance of a normal pull beyond 4.5 is 7e-6, one in a thousand runs of this test.
        #expect(own.allSatisfy { abs($0) < 4.5 })
        pulls += own
      }
    }
    let statistics = PullStatistics(pulls)
    #expect(statistics.count > 320)
    // Three standard errors.
    #expect(abs(statistics.sigma - 1) < 3 * statistics.sigmaError, "\(statistics)")
  }

  @Test("Errors are true for stars of any brightness", arguments: [(8.0, 25.0), (25, 80), (80, 250)])
  func fieldStars(signalToNoise range: (Double, Double)) async throws {
    var pulls: [Double] = []
    for series in try await Nights.all {
      let curve = try #require(series.curves.curves.first { $0.target.name == "LkHa 358" })
      let comparisons = Set(series.curves.comparisons.filter(\.used).map(\.star))
      let points = Dictionary(uniqueKeysWithValues: curve.points.map { ($0.frame.frame, $0) })
      let radius = try #require(curve.points.first { $0.used }).radius
      for (number, star) in series.table.stars.enumerated() {
        guard star.role == .measure, !comparisons.contains(star.name) else { continue }
        var values: [(value: Double, error: Double)] = []
        var signal: [Double] = []
        for measurement in series.table.measurements {
          guard let point = points[measurement.frame], point.used, point.frame.zeroPoint.isFinite,
            let aperture = (0..<measurement.radii).first(where: { measurement[number, $0].radius == radius })
          else { continue }
          let measured = measurement[number, aperture]
          let spoilt: QualityFlags = [.saturated, .maskedPixel, .pastEdge, .noSky, .skyGradient]
          guard measured.flags.isDisjoint(with: spoilt),
            measured.flux.isFinite, measured.contamination < 0.005
          else { continue }
          let unit = Magnitude.flux(point.frame.zeroPoint)
          let zero = measured.flux * point.frame.zeroPointError / Magnitude.perRelative
          let error = (measured.fluxError * measured.fluxError + zero * zero).squareRoot()
          values.append((measured.flux * unit, error * unit))
          signal.append(measured.flux / measured.fluxError)
        }
        guard values.count > 10, Median.of(signal) >= range.0, Median.of(signal) < range.1 else { continue }
        pulls += SimulatedSeries.pulls(values)
      }
    }
    // The trail of a satellite spoils what it crosses: a dozen stars of one frame of each eventful night.
    let kept = pulls.filter { abs($0) < 4.5 }
    #expect(Double(kept.count) > 0.995 * Double(pulls.count))
    let statistics = PullStatistics(kept)
    #expect(statistics.count > 250)
    // Three standard errors. The radius is that for a faint target, 0.8 to 1 FWHM, where the flux of a star depends by
    // some 3 millimagnitudes on where in its pixel it falls; the error budget has no such term, and beside the 7
    // millimagnitudes of the brightest group it makes 10 per cent.
    let pixels = range.1 > 100 ? 0.10 : 0
    #expect(abs(statistics.sigma - 1) < 3 * statistics.sigmaError + pixels, "\(statistics)")
  }

  @Test("Comparison stars are constant, whole and alone, the check star scatters as it should")
  func comparisonStars() async throws {
    var check: [Double] = []
    for series in try await Nights.all {
      let used = series.curves.comparisons.filter(\.used)
      #expect((5...60).contains(used.count))
      for comparison in used {
        let star = try #require(series.table.stars.first { $0.name == comparison.star })
        let truth = try #require(series.trueStar(at: star.position), "\(star.name) is no star")
        #expect(truth.variability == .constant && !truth.isExtended, "\(star.name) is \(truth.name)")
        #expect(truth.role == nil, "\(star.name) is \(truth.name)")
        let number = try #require(series.table.stars.firstIndex { $0.name == star.name })
        let peaks = series.table.measurements.map { $0.stars[number].peakADU }.filter { $0.isFinite }
        #expect(peaks.allSatisfy { $0 <= 0.8 * series.simulation.camera.saturation })
      }
      let curve = try #require(series.curves.curves.first { $0.target.name == "LkHa 358" })
      let points = curve.points.filter { $0.used && $0.checkMagnitude.isFinite }
      check += SimulatedSeries.pulls(points.map { ($0.checkMagnitude, $0.checkMagnitudeError) })
    }
    let statistics = PullStatistics(check)
    #expect(statistics.count > 100)
    // Three standard errors, and 10 per cent: a bright check star shows where in its pixel it falls.
    #expect(abs(statistics.sigma - 1) < 3 * statistics.sigmaError + 0.10, "\(statistics)")
  }
}
