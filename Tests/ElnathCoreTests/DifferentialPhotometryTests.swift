// Sums of comparison stars against AstroImageJ's own table, and both methods against simulated series.
import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A measurement table of AstroImageJ: 3 targets and 11 comparison stars on 121 frames. Not part of the project.
private enum AIJTable {
  static let path: String = {
    let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let beside = "/" + package.split(separator: "/").dropLast().joined(separator: "/") + "/shared/data/aij"
    return beside + "/toi1420_measurements.tbl"
  }()
  static var isPresent: Bool { FileManager.default.fileExists(atPath: path) }

  static func read() throws -> [[String: String]] {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let names = lines[0].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    return lines.dropFirst().map { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return Dictionary(zip(names, cells), uniquingKeysWith: { first, _ in first })
    }
  }
}

@Suite struct DifferentialPhotometryTests {
  /// Fluxes and errors are printed to 1e-6, so the recomputed columns can differ by one in the last printed digit only
  /// where rounding falls between: half a unit of 1e-6.
  @Test(.enabled(if: AIJTable.isPresent, "AstroImageJ's table is not there")) func sumsAreThoseOfAstroImageJ() throws {
    let rows = try AIJTable.read()
    #expect(rows.count == 121)
    let stars = (1...14).map { $0 <= 3 ? "T\($0)" : "C\($0)" }
    func value(_ row: [String: String], _ column: String) throws -> Double {
      try #require(row[column].flatMap { Double($0) })
    }
    for row in rows {
      let fluxes = try stars.map { try value(row, "Source-Sky_\($0)") }
      let errors = try stars.map { try value(row, "Source_Error_\($0)") }
      let sum = SumEnsemble((3..<14).map { (fluxes[$0], errors[$0]) })
      // Eleven rounded fluxes make up the total.
      #expect(abs(sum.flux - (try value(row, "tot_C_cnts"))) <= 6e-6)
      #expect(abs(sum.error - (try value(row, "tot_C_err"))) <= 1e-6)
      for (i, star) in stars.enumerated() {
        let others = i < 3 ? sum : sum.without(flux: fluxes[i], error: errors[i])
        let relative = others.relative(flux: fluxes[i], error: errors[i])
        #expect(abs(relative.value - (try value(row, "rel_flux_\(star)"))) <= 0.5000001e-6)
        #expect(abs(relative.error - (try value(row, "rel_flux_err_\(star)"))) <= 0.5000001e-6)
      }
    }
  }

  @Test func relativeFluxInClosedForm() {
    let sum = SumEnsemble([(300, 30), (.nan, 1), (100, 40)])
    #expect(sum.count == 2 && sum.flux == 400 && sum.error == 50)
    let relative = sum.relative(flux: 200, error: 20)
    #expect(relative.value == 0.5)
    #expect(abs(relative.error - 0.5 * (0.1 * 0.1 + 0.125 * 0.125).squareRoot()) < 1e-15)
    // No light: the ratio is 0, its error that of the flux.
    #expect(sum.relative(flux: 0, error: 20).error == 0.05)
    #expect(sum.without(flux: 300, error: 30).error == 40)
    #expect(SumEnsemble().relative(flux: 1, error: 1).value.isNaN)
  }

  private func series(_ change: (inout PhotometrySimulation) -> Void = { _ in }) -> FilterSeries {
    var simulation = PhotometrySimulation(comparisons: 6)
    simulation.losses = (0..<120).map { 0.3 * Double($0 % 7) / 7 }
    change(&simulation)
    return FilterSeries(simulation(seed: 11), filter: "R")
  }

  /// With one comparison star both methods are the ratio to it.
  @Test func oneComparisonStar() {
    let series = series()
    let joint = DifferentialPhotometry(.zeropoint, series, aperture: 4, comparisons: [1])
    let sum = DifferentialPhotometry(.sum, series, aperture: 4, comparisons: [1])
    let offset = joint.zeroPoints[0] - sum.zeroPoints[0]
    for frame in 0..<series.frames {
      // The least squares stop at 1e-8 mag.
      #expect(abs(joint.zeroPoints[frame] - sum.zeroPoints[frame] - offset) < 1e-7)
      // 1 - 1/120 of the variance, relative to the mean of all; those of frames differ by less than half.
      #expect(abs(joint.variances[frame] / sum.variances[frame] - 1) < 0.02)
      #expect(joint.counts[frame] == 1)
    }
    #expect(joint.deviations(of: 1).residuals.allSatisfy { $0.isNaN })
  }

  /// Two and three stars: each leave-one-out residual is the star's curve against the others.
  @Test(arguments: [2, 3]) func fewComparisonStars(count: Int) {
    let series = series()
    let stars = Array(1...count)
    for method in EnsembleMethod.allCases {
      let differential = DifferentialPhotometry(method, series, aperture: 4, comparisons: stars)
      for star in stars {
        let own = differential.deviations(of: star)
        let others = DifferentialPhotometry(
          method, series, aperture: 4, comparisons: stars.filter { $0 != star })
        let reference = others.deviations(of: star)
        let difference = zip(own.residuals, reference.residuals).map { $0 - $1 }
        // Left out of the sums, but not of the weights: the joint solution differs in second order (of 5 mmag).
        #expect(RobustScale.sigma(difference) < (method == .sum ? 1e-12 : 0.0005))
        #expect(own.residuals.allSatisfy { !$0.isNaN })
      }
    }
  }

  @Test func missingStarBreaksTheSumOnly() {
    var simulation = PhotometrySimulation(comparisons: 6)
    simulation.losses = (0..<120).map { 0.3 * Double($0 % 7) / 7 }
    var table = simulation(seed: 12)
    for aperture in 0..<10 { table.measurements[30][2, aperture].flags.insert(.saturated) }
    let series = FilterSeries(table, filter: "R")
    let sum = DifferentialPhotometry(.sum, series, aperture: 4, comparisons: Array(1...6))
    #expect(sum.isIncomplete(30) && !sum.isIncomplete(29))
    #expect(sum.counts[30] == 5)
    let joint = DifferentialPhotometry(.zeropoint, series, aperture: 4, comparisons: Array(1...6))
    #expect(joint.counts[30] == 5 && !joint.isIncomplete(30))
    let truth = simulation.losses[30] - simulation.losses[29]
    // Six stars with scintillation of 2 mmag: 1.2 mmag a difference, five sigma.
    #expect(abs(joint.zeroPoints[30] - joint.zeroPoints[29] - truth) < 0.006)
  }
}
