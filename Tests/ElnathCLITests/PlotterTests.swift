import ElnathTestSupport
import Testing

@Suite("without gnuplot")
struct PlotterTests {
  @Test("status 69; scripts, data and everything else are written, and pictures follow once it is there")
  func missing() async throws {
    let folder = try TemporaryFolder()
    let made = try await Program.run("simulate", "--preset", "quick", "--frames", "6", "-o", folder.path)
    #expect(made.status == 0, "\(made.messages)")
    let project = folder.path + "/PROJECT.toml"
    try folder.write("empty/none", "")
    let without = try await Program.run(["run", project], environment: ["PATH": folder.path + "/empty"])
    #expect(without.status == 69)
    #expect(without.messages.contains("gnuplot") && without.messages.contains("6 frames: "), "\(without.messages)")
    let plots = folder.files(in: "elnath-out/plots")
    for name in ["lightcurve_hh_30", "aperture_scan_hh_30", "distrust_hh_30", "quality", "rms", "growth"] {
      #expect(plots.contains(name + ".gp") && plots.contains(name + ".csv"), "\(name)")
    }
    #expect(!plots.contains { $0.hasSuffix(".svg") || $0.hasSuffix(".pdf") })
    let products = folder.files(in: "elnath-out")
    for name in ["run.json", "frames.csv", "lightcurve_hh_30.csv", "stack.fits", "report.html"] {
      #expect(products.contains(name), "\(name)")
    }
    let page = try #require(folder.text("elnath-out/report.html"))
    #expect(page.contains("The plots were not drawn") && !page.contains("<svg"))

    let with = try await Program.run("run", project)
    #expect(with.status == 0, "\(with.messages)")
    #expect(folder.files(in: "elnath-out/plots").contains("lightcurve_hh_30.svg"))
    let drawn = try #require(folder.text("elnath-out/report.html"))
    #expect(!drawn.contains("The plots were not drawn") && drawn.contains("<svg"))
  }
}
