// Curves made in other ways, one ensemble for all targets, and magnitudes on a catalogue's scale with colours.
import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("curves made in other ways")
struct DistrustTests {
  @Test("a sound curve hardly moves; one that leans on a bad star does, and is told of")
  func influentialStars() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 8, rates: 3000...9000)
    var builder = LightCurveBuilder()
    builder.comparisons = .named((1...8).map { "S\($0)" })
    builder.method = .sum
    let sound = builder(simulation(seed: 1))
    let ways = try #require(sound.distrust["T"])
    #expect(ways.count == 120 && sound.distrustVerdicts.count == 4)
    let others = sound.distrustVerdicts.filter { $0.way == .otherEnsemble || $0.way == .withoutInfluential }
    #expect(others.count == 2 && others.allSatisfy { $0.rms < 0.003 && $0.count == 120 })

    // The brightest of them, taken as it is, fades by half a magnitude.
    simulation.members[1].change = (0..<120).map { $0 < 60 ? 0 : 0.5 }
    let bad = builder(simulation(seed: 1))
    let without = try #require(bad.distrustVerdicts.first { $0.way == .withoutInfluential })
    #expect(without.what.contains("S1") && without.isDistrusted && without.exceeding > 50)
    #expect(abs(without.largest) > 0.02)
    let zeropoint = try #require(bad.distrustVerdicts.first { $0.way == .otherEnsemble })
    #expect(zeropoint.what == "with the ensemble zeropoint" && zeropoint.isDistrusted)
    #expect(bad.remarks.contains { $0.hasPrefix("R: the curve of T moves by more than its error bar in ") })
    // The table has the curve itself beside the others.
    let points = try #require(bad.curves.first).points
    let table = try #require(bad.distrust["T"])
    #expect(
      zip(points, table).allSatisfy {
        $0.deltaMagnitude == $1.deltaMagnitude && $1.others.count == bad.distrustVerdicts.count
      })
  }

  @Test("a sum that lacks a star on some frames says nothing there")
  func incompleteSum() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 8, rates: 3000...9000)
    simulation.members[1].missing = Set(0..<30)
    var builder = LightCurveBuilder()
    builder.comparisons = .named((1...8).map { "S\($0)" })
    let result = builder(simulation(seed: 1))
    let sum = try #require(result.distrustVerdicts.first { $0.way == .otherEnsemble })
    #expect(sum.count == 90)
    let points = try #require(result.distrust["T"])
    for (frame, point) in points.enumerated() {
      let other = try #require(point.others[.otherEnsemble])
      #expect(point.used && other.isNaN == (frame < 30))
    }
  }

  @Test("three comparison stars cannot spare three")
  func fewStars() {
    let result = LightCurveBuilder()(PhotometrySimulation(target: 3000, comparisons: 3)(seed: 2))
    #expect(!result.distrustVerdicts.contains { $0.way == .withoutInfluential })
    #expect(result.distrustVerdicts.contains { $0.way == .otherEnsemble })
  }

  // MARK: One ensemble a filter

  /// An extended target listed first leaves the point-like ones their comparison stars, and has its own in its aperture.
  @Test func extendedTargetsHaveTheirOwnEnsemble() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 12)
    var nebula = PhotometrySimulation.Member("N", .target, rate: 4000, x: 700, y: 640)
    nebula.star.extended = true
    simulation.members.insert(nebula, at: 0)
    var table = simulation(seed: 3)
    // In wide apertures every second star has a neighbour.
    for i in table.measurements.indices {
      for star in stride(from: 2, to: table.stars.count, by: 2) {
        for aperture in 7..<10 { table.measurements[i][star, aperture].contamination = 0.05 }
      }
    }
    let alone = LightCurveBuilder()(PhotometrySimulation(target: 3000, comparisons: 12)(seed: 3))
    let result = LightCurveBuilder()(table)
    #expect(result.curves.map(\.target.name) == ["N", "T"])
    let used = result.comparisons.filter(\.used).map(\.star)
    #expect(used.count == alone.comparisons.count { $0.used })
    let wide = result.extendedComparisons.filter(\.used).map(\.star)
    #expect((3..<used.count).contains(wide.count) && wide.allSatisfy { used.contains($0) })
    #expect(result.extendedComparisons.contains { $0.reason.hasPrefix("contaminated 5") })
    let radii = try result.curves.map { try #require($0.points.first).radius }
    // 2.5 FWHM of 4 px.
    #expect(radii[0] == 10.8 && radii[1] < 8)
    #expect(result.curves.allSatisfy { $0.points.allSatisfy(\.used) })
    #expect(result.ensembles.count == 1)
    // Three radii of the nebula, its curve that in the middle one; none of the star.
    let three = result.extendedRadii
    #expect(three.map(\.target) == ["N", "N", "N"] && three.map(\.radius) == [8.8, 10.8, 13.2])
    #expect(three.map(\.isChosen) == [false, true, false])
    #expect(three[1].points.map(\.deltaMagnitude) == result.curves[0].points.map(\.deltaMagnitude))
    // A star of Gaussian shape is whole in all of them: its light is the same to the error of the median, 1.25/sqrt 120
    // of a point's 2 mmag; the wider radius has the more noise.
    #expect(three.allSatisfy { abs($0.flux / three[1].flux - 1) < 0.001 })
    #expect(three[0].error < three[1].error && three[1].error < three[2].error)
    #expect(three.allSatisfy { $0.count == 120 && $0.scatter < 0.02 && $0.range > $0.scatter })
    // All extended: theirs is the one.
    table.stars[1].extended = true
    let both = LightCurveBuilder()(table)
    #expect(both.extendedComparisons.isEmpty && both.comparisons.contains { $0.reason.hasPrefix("contaminated 5") })
  }

  // MARK: Catalogue magnitudes

  /// A detector whose magnitudes need 0.2 mag per magnitude of colour: with the term the target's magnitude is true.
  @Test(arguments: [ColourTerm.fitted, .given(0.2), .none]) func colourTerms(term: ColourTerm) throws {
    let simulation = PhotometrySimulation(target: 3000, comparisons: 12)
    var table = simulation(seed: 4)
    var random = SeededGenerator(seed: 5)
    for i in table.stars.indices {
      table.stars[i].colour = i == 0 ? 1.8 : 0.4 + 0.06 * Double(i)
      let catalogue = 25 - 2.5 * log10(simulation.members[i].rate) + 0.2 * table.stars[i].colour
      if i > 0 { (table.stars[i].magnitude, table.stars[i].band) = (catalogue + 0.01 * random.normal(), "R") }
    }
    var builder = LightCurveBuilder()
    builder.radius = 13.2
    builder.colourTerm = term
    let result = builder(table)
    let points = try #require(result.curves.first).points
    let truth = 25 - 2.5 * log10(3000.0) + 0.2 * 1.8
    let found = Median.of(points.map(\.magnitude))
    let tie = (pow(points[0].magnitudeError, 2) - pow(points[0].deltaMagnitudeError, 2)).squareRoot()
    let sentence = try #require(result.remarks.first { $0.hasPrefix("R: magnitudes are tied to ") })
    switch term {
    case .fitted:
      // The term of eleven stars over half a magnitude of colour is good to 0.02 per magnitude, a magnitude away.
      #expect(abs(found - truth) < 4 * tie && tie < 0.05 && tie > 0.008, "\(found - truth), \(tie)")
      #expect(sentence.contains("; colour term 0."))
    case .given:
      #expect(abs(found - truth) < 4 * tie && tie < 0.01 && tie > 0.001, "\(found - truth), \(tie)")
    case .none:
      #expect(abs(found - truth) > 0.15)
      #expect(!sentence.contains("colour"))
    }
    // The zero point of the curve holds the star's colour term: mag = zero_point - 2.5 log10(flux/exposure).
    for point in points {
      #expect(abs(point.magnitude - (point.frame.zeroPoint - 2.5 * log10(point.flux / 60))) < 1e-9)
    }
  }
}
