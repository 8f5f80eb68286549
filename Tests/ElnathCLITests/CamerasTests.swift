import ElnathTestSupport
import FoundationEssentials
import Testing

/// A simulated night whose project says nothing of gain and read noise, read by a profile that knows neither.
@Suite("cameras: the measured camera of a project", .serialized)
struct CamerasTests {
  private static let night = Task {
    let folder = try TemporaryFolder()
    let made = try await Program.run("simulate", "--preset", "quick", "--frames", "4", "-o", folder.path)
    #expect(made.status == 0, "\(made.messages)")
    let text = try #require(folder.text("PROJECT.toml"))
    let silent = text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("gain") && !$0.hasPrefix("read_noise") && !$0.hasPrefix("camera") }
    try folder.write("SILENT.toml", silent.joined(separator: "\n"))
    return folder
  }

  private func rows(_ folder: TemporaryFolder, _ path: String) throws -> [String: [String: String]] {
    let lines = try #require(folder.text(path)).split(separator: "\n")
    let names = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let tables = lines.dropFirst().map { line in
      Dictionary(
        zip(names, line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)),
        uniquingKeysWith: { first, _ in first })
    }
    return Dictionary(tables.map { ($0["quantity"] ?? "", $0) }, uniquingKeysWith: { first, _ in first })
  }

  @Test("gain and read noise of the simulated camera are measured beside the stated ones")
  func measured() async throws {
    let folder = try await Self.night.value
    let seen = try await Program.run("cameras", folder.path + "/PROJECT.toml", "-o", folder.path + "/seen")
    #expect(seen.status == 0, "\(seen.messages)")
    #expect(seen.output.contains("gain (e-/ADU)") && seen.output.contains("agree"))
    let table = try rows(folder, "seen/camera.csv")
    let gain = try #require(table["gain"])
    // Three pairs of 512 x 512 pixels tell the gain to 0.3 per cent.
    #expect(abs((Double(gain["value"] ?? "") ?? .nan) / 1.3 - 1) < 0.01)
    #expect(gain["used"] == "1.3" && gain["profile"] == "1.3" && gain["verdict"] == "agree" && gain["pairs"] == "3")
    let noise = try #require(table["read_noise"])
    // 7.3 e-, the 0.38 e- of rounding, and half a per cent.
    #expect(abs((Double(noise["value"] ?? "") ?? .nan) / 7.31 - 1) < 0.012)
    // 0.02 e-/s for two minutes on a bias level that drifts by 2 ADU but has an overscan.
    #expect(abs((Double(table["dark_current"]?["value"] ?? "") ?? .nan) / 0.02 - 1) < 0.15)
    #expect(abs((Double(table["bias_level_adu"]?["value"] ?? "") ?? .nan) - 3000) < 4)
    #expect(folder.text("seen/photon_transfer.csv")?.split(separator: "\n").count == 4)
  }

  @Test("the same bytes for any number of jobs; JSON on standard output")
  func jobs() async throws {
    let folder = try await Self.night.value
    for jobs in ["1", "3"] {
      let seen = try await Program.run(
        "cameras", folder.path + "/PROJECT.toml", "-o", folder.path + "/jobs" + jobs, "--jobs", jobs, "--json")
      #expect(seen.status == 0 && seen.output.hasPrefix("{"))
    }
    #expect(folder.bytes("jobs1/camera.csv") == folder.bytes("jobs3/camera.csv"))
  }

  @Test("where nothing states the gain, the refusal quotes the measured one; detector = measured goes on with it")
  func refusalQuotes() async throws {
    let folder = try await Self.night.value
    let project = folder.path + "/SILENT.toml"
    let generic = ["--set", "input.camera=generic", "--set", "input.filter=R", "-o", folder.path + "/silent"]
    let refused = try await Program.run(["run", project] + generic)
    #expect(refused.status == 78)
    #expect(refused.messages.contains("the gain (e-/ADU) is unknown"))
    #expect(
      refused.messages.contains("measured from 3 pairs of flats: gain = 1.2") || refused.messages.contains("gain = 1.3")
    )
    #expect(refused.messages.contains("detector = \"measured\" under [reduce]"))

    let seen = try await Program.run(["cameras", project] + generic)
    #expect(seen.status == 0 && seen.output.contains("[input]\ngain = "))

    let measured = generic + ["--set", "reduce.detector=measured", "--jobs", "1"]
    let run = try await Program.run(["run", project] + measured)
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.messages.contains("are taken as measured"))
    // The chain of single commands measures the same and gives the same bytes.
    let chain = measured.map { $0.hasSuffix("/silent") ? folder.path + "/chain" : $0 }
    for step in ["scan", "reduce", "align", "stack", "measure", "flag", "lightcurve"] {
      let outcome = try await Program.run([step, project] + chain)
      #expect(outcome.status == 0, "\(step): \(outcome.messages)")
    }
    for name in ["camera.csv", "photon_transfer.csv", "observations.csv", "frames.csv", "photometry.csv"] {
      let isSame = folder.bytes("silent/" + name) == folder.bytes("chain/" + name)
      #expect(isSame, "\(name)")
    }
  }

  @Test("a stated gain that the flats contradict is warned of, in the log and in run.json")
  func conflict() async throws {
    let folder = try await Self.night.value
    let run = try await Program.run(
      "run", folder.path + "/PROJECT.toml", "--set", "input.gain=1.0", "-o", folder.path + "/conflict")
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.messages.contains("warning: the gain measured from 3 pairs of flats"))
    let json = try #require(folder.text("conflict/run.json"))
    #expect(json.contains("\"conflicts\": [\"the gain measured from"))
    #expect(json.contains("differ by 29") || json.contains("differ by 30"))
  }

  @Test("without a project the profiles are listed; options of a project need one")
  func list() async throws {
    let listed = try await Program.run("cameras")
    #expect(listed.status == 0 && listed.output.contains("hdi"))
    let json = try await Program.run("cameras", "--json")
    #expect(json.status == 0 && json.output.hasPrefix("{") && json.output.contains("\"name\": \"hdi\""))
    #expect(try await Program.run("cameras", "--set", "input.gain=2").status == 64)
    #expect(try await Program.run("cameras", "-o", "nowhere").status == 64)
  }
}
