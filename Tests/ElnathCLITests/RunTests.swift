import ElnathTestSupport
import Testing

/// A simulated night, made once: 24 frames of 512 x 512 with cloud, wind and bad seeing.
enum Night {
  static let shared = Task {
    let folder = try TemporaryFolder()
    let made = try await Program.run("simulate", "--preset", "quick", "--seed", "3", "-o", folder.path + "/night")
    #expect(made.status == 0, "\(made.messages)")
    let run = try await Program.run(
      "run", folder.path + "/night/PROJECT.toml", "--jobs", "1", "-o", folder.path + "/one")
    #expect(run.status == 0, "\(run.messages)")
    return (folder: folder, messages: run.messages)
  }
}

/// Compares files without printing megabytes where they differ.
private func expectSame(_ folder: TemporaryFolder, _ one: String, _ other: String) {
  let names = products(folder, one)
  #expect(names == products(folder, other))
  for name in names {
    let isSame = folder.bytes(one + "/" + name) == folder.bytes(other + "/" + name)
    #expect(isSame, "\(name)")
  }
}

/// All products but those that hold times of the clock.
private func products(_ folder: TemporaryFolder, _ name: String) -> [String] {
  let tables = folder.files(in: name).filter { $0.hasSuffix(".csv") }
  let masters = folder.files(in: name + "/masters").map { "masters/" + $0 }
  let plots = folder.files(in: name + "/plots").filter { !$0.hasSuffix(".pdf") }.map { "plots/" + $0 }
  return tables + masters + plots
}

@Suite("run: from raw frames to light curves", .serialized)
struct RunTests {
  @Test("a run writes what it promises and sums it up in its last line")
  func promisedProducts() async throws {
    let (folder, messages) = try await Night.shared.value
    let files = folder.files(in: "one")
    for name in [
      "observations.csv", "frames.csv", "stars.csv", "comparisons.csv", "photometry.csv", "lightcurve_hh_30.csv",
      "lightcurve_lkha_358.csv", "run.json", "plots", "masters",
    ] {
      #expect(files.contains(name))
    }
    for ending in ["gp", "csv", "png", "pdf"] {
      #expect(folder.files(in: "one/plots").contains("lightcurve_hh_30." + ending))
      #expect(folder.files(in: "one/plots").contains("quality." + ending))
    }
    let last = try #require(messages.split(separator: "\n").last)
    #expect(last.hasPrefix("24 frames: ") && last.hasSuffix("(see frames.csv)"))
    #expect(!files.contains { $0.hasPrefix(".elnath-") })
  }

  @Test("the same bytes for one job and for three")
  func jobs() async throws {
    let (folder, _) = try await Night.shared.value
    let again = try await Program.run(
      "run", folder.path + "/night/PROJECT.toml", "--jobs", "3", "-o", folder.path + "/three", "-q")
    #expect(again.status == 0, "\(again.messages)")
    expectSame(folder, "one", "three")
  }

  @Test("the chain of single commands gives the bytes of a run")
  func chain() async throws {
    let (folder, _) = try await Night.shared.value
    for step in ["scan", "solve", "reduce", "align", "stack", "measure", "flag", "lightcurve", "plot", "report"] {
      let outcome = try await Program.run(
        step, folder.path + "/night/PROJECT.toml", "-o", folder.path + "/chain", "-q")
      #expect(outcome.status == 0, "\(step): \(outcome.messages)")
    }
    expectSame(folder, "one", "chain")
  }

  @Test("flag and lightcurve may be repeated without a change")
  func repeated() async throws {
    let (folder, _) = try await Night.shared.value
    let project = folder.path + "/night/PROJECT.toml"
    #expect(try await Program.run("run", project, "-o", folder.path + "/again", "-q").status == 0)
    for step in ["flag", "flag", "lightcurve"] {
      #expect(try await Program.run(step, project, "-o", folder.path + "/again", "-q").status == 0)
    }
    expectSame(folder, "one", "again")
  }
}
