import ArgumentParser
import ElnathCore
import ElnathPipeline

struct SimulateCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    "simulate", "Write a simulated night of raw frames, the truth about it, and a project file that runs.",
    examples: [
      Example("elnath simulate -o practice"),
      Example("elnath simulate --preset quick --seed 7 -o quick", "another seed, another sky"),
    ],
    more: SimulationPreset.allCases.map { "\($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

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

  @OptionGroup var jobs: JobsOption

  @Flag(help: "Say what would be written, and write nothing.")
  var dryRun = false

  @OptionGroup var talk: TalkOptions

  func validate() throws {
    if let frames, !(1...100_000).contains(frames) {
      throw ValidationError("--frames \(frames): give a number from 1 to 100000")
    }
    if output.isEmpty { throw ValidationError("-o: give the name of a folder") }
  }

  func run() async throws {
    let (preset, frames, seed, output) = (preset, frames, seed, output)
    let (quiet, dryRun) = (talk.quiet, dryRun)
    let jobs = jobs.count
    try await perform {
      let project = SimulatedProject(preset: preset, lights: frames, seed: seed)
      if dryRun {
        DryRun.wouldWrite("\(project.files.count) frames and PROJECT.toml into \(output)")
        return .done
      }
      try await project.write(to: output, jobs: jobs) { if !quiet { ProgressLine.shared.show($0) } }
      ProgressLine.shared.clear()
      Report.shared.note(file: "\(output)/PROJECT.toml")
      if !quiet {
        Console.say(
          "\(project.files.count) frames (\(project.simulation.night.lights) lights) and their truth in \(output); "
            + "next: elnath run \(NextCommand.shellQuoted(output + "/PROJECT.toml"))")
      }
      return .done
    }
  }
}

extension SimulationPreset: ExpressibleByArgument {}
