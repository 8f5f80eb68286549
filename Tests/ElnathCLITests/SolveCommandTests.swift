import ElnathTestSupport
import Testing

@Suite("solve: statuses and messages")
struct SolveCommandTests {
  @Test("what cannot be solved is refused with its status and a way out")
  func refused() async throws {
    let folder = try TemporaryFolder()
    try folder.write("text.fits", "<!DOCTYPE html>")
    try folder.write("bad.csv", "ra,dec,mag\n1,2,3\n400,2,3\n")
    let text = folder.path + "/text.fits"
    let cases: [(arguments: [String], status: Int32, words: String)] = [
      (["solve"], 64, "missing expected argument"),
      (["solve", folder.path + "/none.fits"], 66, "no such file"),
      (["solve", text], 65, "not matched to the sky"),
      (["solve", text, "--catalog", folder.path + "/none.csv"], 66, "none.csv"),
      (["solve", text, "--catalog", folder.path + "/bad.csv"], 65, "bad.csv:3:1"),
      (["solve", text, "--set", "solve.order=9"], 78, "solve.order"),
      (["solve", folder.path + "/none.toml"], 66, "none.toml"),
    ]
    for item in cases {
      let outcome = try await Program.run(item.arguments)
      #expect(outcome.status == item.status, "\(item.arguments): \(outcome.messages)")
      #expect(outcome.messages.contains(item.words), "\(item.arguments): \(outcome.messages)")
    }
  }
}
