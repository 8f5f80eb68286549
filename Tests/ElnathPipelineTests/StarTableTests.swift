import ElnathTestSupport
import Testing

@testable import ElnathPipeline

@Suite("tables of stars")
struct StarTableTests {
  private func read(_ text: String, name: String = "stars.csv") throws -> [StarSettings] {
    let folder = try TemporaryFolder()
    try folder.write(name, text)
    return try StarTable.read(folder.path + "/" + name)
  }

  @Test("columns under either name, in any order, empty cells left out")
  func columns() throws {
    let stars = try read(
      """
      role,y,x,name,mag,ra,dec,extended
      target,20,10.5,HH 30,,04:31:37.47,+18:12:24.5,1
      ,4,3,S0007,12.5,,,

      """)
    #expect(stars.map(\.name) == ["HH 30", "S0007"])
    #expect(stars.map(\.role) == [.target, .measure])
    #expect(stars[0].x == 10.5 && stars[0].y == 20 && stars[0].extended)
    #expect(stars[0].magnitude == nil && stars[1].magnitude == 12.5)
    // 04:31:37.47 is 67.906125 degrees; the products of the conversion round in the last bits.
    #expect(abs((stars[0].rightAscension?.degrees ?? 0) - 67.906125) < 1e-10)
    #expect(stars[1].rightAscension == nil)
  }

  @Test("what cannot be understood is refused with the place")
  func refused() throws {
    #expect(throws: PipelineError.self) { try read("x,y\n1,2\n") }
    #expect(throws: PipelineError.self) { try read("star,x,y,role\nA,1,2,queen\n") }
    #expect(throws: PipelineError.self) { try read("star,x,y\nA,one,2\n") }
  }
}
