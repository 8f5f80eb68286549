import ElnathTestSupport
import Testing

@Suite("compare and rgb as commands")
struct CompareTests {
  private static let header = "frame,jd_utc,delta_mag,delta_mag_err\n"

  @Test("the exit status tells: 0 equal, 1 different, 64 not to be compared, 66 no such file")
  func statuses() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a.csv", Self.header + (1...9).map { "\($0),2458867.\($0),0.0\($0),0.01\n" }.joined())
    try folder.write("b.csv", Self.header + (1...9).map { "\($0),2458867.\($0),0.\($0),0.01\n" }.joined())
    try folder.write("c.fits", "SIMPLE")
    let same = try await Program.run("compare", "a.csv", "a.csv", "-o", "same", in: folder.path)
    #expect(same.status == 0 && same.output.hasSuffix("equal within the tolerance\n"), "\(same.messages)")
    #expect(folder.files(in: "same") == ["comparison.csv", "difference.csv"])
    let other = try await Program.run("compare", "a.csv", "b.csv", "-o", "other", in: folder.path)
    #expect(other.status == 1 && other.output.contains("FAIL values"), "\(other.output)")
    let loose = try await Program.run("compare", "a.csv", "b.csv", "--tolerance", "1000", in: folder.path)
    #expect(loose.status == 0, "\(loose.output)")
    #expect(try await Program.run("compare", "a.csv", "c.fits", in: folder.path).status == 64)
    #expect(try await Program.run("compare", "a.csv", "d.csv", in: folder.path).status == 66)
    #expect(try await Program.run("compare", "c.fits", "c.fits", in: folder.path).status == 65)
    #expect(try await Program.run("compare", "a.csv", "b.csv", "--tolerance=-1", in: folder.path).status == 64)
    #expect(try await Program.run("rgb", "c.fits", "c.fits", "-o", "x.png", in: folder.path).status == 64)
    #expect(try await Program.run("rgb", "c.fits", "c.fits", "c.fits", "-o", "x.png", in: folder.path).status == 65)
    #expect(try await Program.run("rgb", "e.fits", "c.fits", "c.fits", "-o", "x.png", in: folder.path).status == 66)
    #expect(folder.bytes("x.png") == nil)
  }
}
