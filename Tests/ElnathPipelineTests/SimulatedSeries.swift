// A simulated night and what a whole run makes of it.
import ElnathCore
import Logging
import Testing

@testable import ElnathPipeline

struct SimulatedSeries: Sendable {
  let simulation: Simulation
  let truth: SimulatedTruth
  /// As they stand in the files of the run.
  let table: PhotometryTable
  let curves: LightCurves

  /// Writes the night into a temporary folder, runs the project that comes with it, and reads its tables.
  init(_ simulation: Simulation, preset: SimulationPreset) async throws {
    let folder = try TestFolder()
    let project = SimulatedProject(simulation, preset: preset)
    try await project.write(to: folder.folder.path, jobs: 2)
    let workspace = try Workspace.quiet(folder.folder.absolute("PROJECT.toml"))
    _ = try await workspace.run()
    self.simulation = simulation
    truth = SimulatedTruth(simulation, files: project.files)
    table = try workspace.savedPhotometry()
    curves = try workspace.savedLightCurves(table)
  }

  init(_ preset: SimulationPreset, lights: Int? = nil, seed: UInt64) async throws {
    try await self.init(preset.simulation(lights: lights, seed: seed), preset: preset)
  }

  /// Frames that count.
  var inUse: [FrameSummary] { table.frames.filter { $0.status == .used || $0.status == .flagged } }

  /// Every bad frame is flagged or not used, with its cause among the flags; every good frame counts.
  func expectTrueVerdicts(_ name: String = "") {
    #expect(table.frames.count == simulation.night.lights)
    for (frame, conditions) in zip(table.frames, truth.conditions) {
      let message: Comment = """
        \(name) seed \(simulation.seed), frame \(frame.frame): \(conditions.mishap?.reason ?? "good"), \
        judged \(frame.status) \(frame.flags.names): \(frame.reason)
        """
      switch conditions.expected {
      case .used: #expect(frame.status == .used || frame.status == .flagged, message)
      case .flagged: #expect(frame.status != .used, message)
      case .rejected: #expect(frame.status == .unused || frame.status == .rejected, message)
      }
      if conditions.expected != .used, let causes = conditions.mishap?.causes {
        #expect(!frame.flags.isDisjoint(with: causes), message)
        #expect(!frame.reason.isEmpty, message)
      }
    }
  }

  func trueStar(_ name: String) -> Int? { simulation.sky.stars.firstIndex { $0.name == name } }

  /// The brightest simulated star within 1.5 px of a place on the reference frame.
  func trueStar(at place: PixelPoint) -> Sky.Star? {
    guard let reference = table.frames.firstIndex(where: { $0.registration?.method == .reference }) else { return nil }
    return simulation.stars(in: reference).filter { $0.place.distance(to: place) < 1.5 }
      .max { $0.flux < $1.flux }
      .map { simulation.sky.stars[$0.star] }
  }

  /// Deviations of the used points of a target's curve from the injected change, about their mean, over their errors.
  func pulls(of curve: LightCurve, error: KeyPath<LightCurvePoint, Double> = \.deltaMagnitudeError) -> [Double] {
    guard let star = trueStar(curve.target.name) else { return [] }
    let points = curve.points.filter { $0.used && $0.deltaMagnitude.isFinite }
    let deviations = points.map { point in
      let hours = simulation.night.hours(of: point.frame.frame - 1)
      let change = simulation.sky.stars[star].variability.magnitudeChange(at: hours)
      return (value: point.deltaMagnitude - change, error: point[keyPath: error])
    }
    return Self.pulls(deviations)
  }

  /// Values over errors, about the weighted mean; the mean's share in each is given back.
  static func pulls(_ values: [(value: Double, error: Double)]) -> [Double] {
    guard values.count > 2 else { return [] }
    let weight = values.reduce(0) { $0 + 1 / ($1.error * $1.error) }
    let mean = values.reduce(0) { $0 + $1.value / ($1.error * $1.error) } / weight
    return values.map { ($0.value - mean) / ($0.error * $0.error - 1 / weight).squareRoot() }
  }
}

extension Workspace {
  /// The workspace of a project file with the profiles and plots of the package, which says nothing.
  static func quiet(_ path: String) throws -> Workspace {
    let project = try Project(file: path)
    var options = Workspace.Options()
    options.jobs = 2
    options.catalogs = packageFolder.absolute("catalogs")
    options.plots = packageFolder.absolute("plots")
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return try Workspace(project, options: options, log: log)
  }
}

/// Mean, scatter and number of pulls.
struct PullStatistics {
  var mean: Double
  /// Root mean square, which for pulls about a known or fitted mean should be 1.
  var sigma: Double
  var count: Int

  init(_ pulls: [Double]) {
    let n = Double(pulls.count)
    count = pulls.count
    mean = pulls.reduce(0, +) / n
    sigma = (pulls.reduce(0) { $0 + $1 * $1 } / n).squareRoot()
  }

  /// One standard error of `sigma` for normal pulls.
  var sigmaError: Double { 1 / (2 * Double(count)).squareRoot() }
}
