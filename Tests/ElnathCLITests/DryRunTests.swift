import ElnathTestSupport
import FoundationEssentials
import Testing

/// What commands say that they would do, and what they say while they do it.
@Suite("--dry-run and -v")
struct DryRunTests {
  @Test(
    "every command on a project has --dry-run, which tells the products and writes nothing",
    arguments: [
      "scan", "solve", "reduce", "align", "stack", "measure", "flag", "lightcurve", "plot", "report", "run", "cameras",
    ])
  func project(command: String) async throws {
    let folder = try await Night.shared.value.folder
    let out = folder.path + "/dry-" + command
    let dry = try await Program.run(command, folder.path + "/night/PROJECT.toml", "-o", out, "--dry-run")
    #expect(dry.status == 0 && dry.output.contains("camera: "), "\(dry.messages)")
    #expect(dry.messages.contains("would write ") && dry.messages.contains(" into " + out))
    #expect(!dry.messages.contains("its products"))
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("--dry-run of bare frames looks at their headers and at the place of the product")
  func bareFrames() async throws {
    let folder = try await Night.shared.value.folder
    let lights = folder.files(in: "night/lights").filter { $0.hasSuffix(".fits") }.sorted().prefix(2)
    let files = lights.map { folder.path + "/night/lights/" + $0 } + [folder.path + "/night/PROJECT.toml.fits"]
    let table = folder.path + "/dry.csv"
    let image = folder.path + "/dry.fits"
    let commands = [
      ["align"] + files + ["--csv", table], ["stack"] + files + ["-o", image],
      ["measure"] + files + ["--stars", "none.csv", "--radius", "3", "--csv", table], ["solve"] + files,
    ]
    for command in commands {
      let dry = try await Program.run(command + ["--dry-run"])
      #expect(
        dry.status == 0 && dry.output.contains("2 of 3 files are images: 2 of "), "\(command[0]): \(dry.messages)")
      #expect(dry.output.contains("left out: \(files[2])") && dry.messages.contains("would write "))
    }
    for product in [table, image] { #expect(!FileManager.default.fileExists(atPath: product)) }
    let nowhere = try await Program.run(["stack"] + files + ["-o", folder.path + "/not-there/a.fits", "--dry-run"])
    #expect(nowhere.status == 73 && nowhere.messages.contains("not-there"), "\(nowhere.status) \(nowhere.messages)")
    let none = try await Program.run("stack", folder.path + "/none.fits", "-o", image, "--dry-run")
    #expect(none.status == 66)
  }

  @Test("a project file among images, and options that bare frames cannot have, are matters of usage")
  func mixed() async throws {
    for command in ["align", "stack", "measure", "solve"] {
      let mixed = try await Program.run(command, "a.fits", "PROJECT.toml")
      #expect(mixed.status == 64 && mixed.messages.contains("PROJECT.toml: give one project file"), "\(mixed.messages)")
    }
    let set = try await Program.run("stack", "a.fits", "-o", "b.fits", "--set", "stack.low=2")
    #expect(set.status == 64 && set.messages.contains("--set: needs a project file"))
    let map = try await Program.run("solve", "a.fits", "--map", "FILTER=X")
    #expect(map.status == 64 && map.messages.contains("--map: needs a project file"))
  }

  @Test("-v tells of each frame and each comparison star what was decided, and how long each step took")
  func verbose() async throws {
    let folder = try await Night.shared.value.folder
    let project = folder.path + "/night/PROJECT.toml"
    let loud = try await Program.run("run", project, "-o", folder.path + "/loud", "-v")
    #expect(loud.status == 0, "\(loud.messages)")
    let lines = loud.messages.split(separator: "\n")
    for number in 1...24 {
      #expect(lines.count { $0.hasPrefix("elnath: align: frame \(number), ") } == 1)
      #expect(lines.count { $0.hasPrefix("elnath: flag: frame \(number), ") } == 1)
    }
    // The table and the lines say the same.
    let table = try #require(folder.text("loud/frames.csv")).split(separator: "\n")
    let rejected = table.count { $0.contains(",rejected,") }
    #expect(rejected > 0 && lines.count { $0.contains("elnath: flag: ") && $0.contains(": rejected: ") } == rejected)
    #expect(lines.contains { $0.hasPrefix("elnath: lightcurve: ") && $0.contains("% of the weight") })
    #expect(lines.contains { $0.hasPrefix("elnath: measure: ") && $0.hasSuffix(" s") })
    let usual = try await Program.run("run", project, "-o", folder.path + "/loud", "--fresh")
    #expect(usual.status == 0 && !usual.messages.contains("elnath: flag: frame "))
  }
}
