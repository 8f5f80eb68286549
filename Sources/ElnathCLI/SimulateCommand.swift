import ArgumentParser
import ElnathCore
import ElnathPipeline

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Write a simulated night of raw frames, the truth about it, and a project file that runs.",
    discussion: SimulationPreset.allCases.map { "\($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

  @Option(help: "Which night.")
  var preset = SimulationPreset.demo

  @Option(help: "Number of light frames, over which the night is told; default: as the preset says.")
  var frames: Int?

  @Option(help: "Another seed gives other field stars, another detector and other noise.")
  var seed: UInt64 = 1

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Folder to write into; it must not hold other frames.", valueName: "dir"))
  var output: String

  @Option(help: "Frames that are made at the same time; default: one for each processor.")
  var jobs: Int?

  @Flag(name: [.customShort("q"), .long], help: "Say only what is wrong.")
  var quiet = false

  func validate() throws {
    if let frames, !(1...100_000).contains(frames) {
      throw ValidationError("--frames \(frames): give a number from 1 to 100000")
    }
    if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs): give at least 1") }
    if output.isEmpty { throw ValidationError("-o: give the name of a folder") }
  }

  func run() async throws {
    let (preset, frames, seed, output, quiet) = (preset, frames, seed, output, quiet)
    let jobs = jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    try await perform {
      let project = SimulatedProject(preset: preset, lights: frames, seed: seed)
      try await project.write(to: output, jobs: jobs) { if !quiet { ProgressLine.shared.show($0) } }
      ProgressLine.shared.clear()
      if !quiet {
        Console.say(
          "\(project.files.count) frames (\(project.simulation.night.lights) lights) and their truth in \(output); "
            + "next: elnath run \(output)/PROJECT.toml")
      }
      return .done
    }
  }
}

extension SimulationPreset: ExpressibleByArgument {}
