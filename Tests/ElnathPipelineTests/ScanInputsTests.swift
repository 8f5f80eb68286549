import FoundationEssentials
import Testing

@testable import ElnathPipeline

@Suite struct ScanInputsTests {
  private static let names = [
    "lights/b.fits", "lights/a.FITS", "lights/c.fit.fz", "lights/d.fts.gz", "lights/notes.txt~", "lights/.hidden.fits",
    "lights/deep/e.fits", "lights/c8867t0145o00.fits", "lights/c8867t0146o00.fits", "lights/x[1].fits",
    "lights/x1.fits",
    "with space/é.fits", "night/bias/1.fits", "night/flat/R/2.fits",
  ]

  private static func folder() throws -> TestFolder {
    let folder = try TestFolder()
    for name in names { try folder.write(name, "") }
    return folder
  }

  private static func expand(_ entries: [String]) throws -> (paths: [String], unmatched: [String]) {
    let folder = try folder()
    let found = try ScanInputs(folder: folder.folder).files(entries)
    return (found.paths, found.unmatched)
  }

  @Test(arguments: [
    (["lights/?.fits"], ["lights/b.fits"]),
    (["lights/b.fits", "./lights//b.fits", "lights/deep/../b.fits"], ["lights/b.fits"]),
    (["lights/c8867t[0145-0150]o00.fits"], ["lights/c8867t0145o00.fits", "lights/c8867t0146o00.fits"]),
    // A bracket that stands in a real name.
    (["lights/x[1].fits"], ["lights/x[1].fits"]),
    (["**/e.fits"], ["lights/deep/e.fits"]),
    (["lights/deep/**"], ["lights/deep/e.fits"]),
    (["night"], ["night/bias/1.fits", "night/flat/R/2.fits"]),
    (["l*s/deep/*"], ["lights/deep/e.fits"]),
    (["with space/*"], ["with space/é.fits"]),
    (["lights/notes*"], []),
    (["lights/notes.txt~"], ["lights/notes.txt~"]),
    // Named plainly, a file that does not exist is told in its place.
    (["lights/none.fits"], ["lights/none.fits"]),
  ])
  func entries(_ entries: [String], _ expected: [String]) throws {
    #expect(try Self.expand(entries).paths == expected)
  }

  @Test(arguments: ["lights", "lights/", "lights/*"])
  func aFolderGivesItsImagesInOrder(_ entry: String) throws {
    let direct = [
      "lights/a.FITS", "lights/b.fits", "lights/c.fit.fz", "lights/c8867t0145o00.fits", "lights/c8867t0146o00.fits",
      "lights/d.fts.gz", "lights/x1.fits", "lights/x[1].fits",
    ]
    let expected = entry.hasSuffix("*") ? direct + ["lights/deep/e.fits"] : direct
    #expect(try Set(Self.expand([entry]).paths) == Set(expected))
    #expect(try Self.expand([entry]).paths.filter { direct.contains($0) } == direct)
  }

  @Test func absolutePathsInsideTheFolderBecomeRelative() throws {
    let folder = try Self.folder()
    let other = try Self.folder()
    let inputs = ScanInputs(folder: folder.folder)
    #expect(try inputs.files([folder.folder.absolute("lights/?.fits")]).paths == ["lights/b.fits"])
    let outside = other.folder.absolute("lights/b.fits")
    #expect(try inputs.files([outside]).paths == [outside])
  }

  @Test func theSameFileBehindALinkIsTakenOnce() throws {
    let folder = try Self.folder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.folder.absolute("lights/a_link.fits"),
      withDestinationPath: folder.folder.absolute("lights/b.fits"))
    let found = try ScanInputs(folder: folder.folder).files(["lights/[ab]*.fits"])
    #expect(found.paths == ["lights/b.fits"])
    #expect(found.links == [.init(name: "lights/a_link.fits", file: "lights/b.fits")])
    // A link alone stands for its file under its own name; the same entry twice is no second name.
    let alone = try ScanInputs(folder: folder.folder).files(["lights/a_link.fits", "lights/a*.fits"])
    #expect(alone.paths == ["lights/a_link.fits"] && alone.links.isEmpty)
  }

  @Test func productsAreNoInput() throws {
    let folder = try Self.folder()
    try folder.write("elnath-out/masters/bias.fits", "")
    let inputs = ScanInputs(folder: folder.folder)
    #expect(try inputs.files(["**/*.fits"]).paths.allSatisfy { !$0.hasPrefix("elnath-out") })
    #expect(try inputs.files(["elnath-out/masters"]).paths == ["elnath-out/masters/bias.fits"])
  }

  @Test func listsNameFilesFromTheirOwnFolder() throws {
    let folder = try Self.folder()
    try folder.write("lights/night.txt", "\u{FEFF}# first night\r\nb.fits\r\n\r\n  c8867t*o00.fits  \r\n")
    let expected = ["lights/b.fits", "lights/c8867t0145o00.fits", "lights/c8867t0146o00.fits"]
    let inputs = ScanInputs(folder: folder.folder)
    #expect(try inputs.files(["lights/night.txt"]).paths == expected)
    #expect(try inputs.files(["@lights/night.txt"]).paths == expected)
    try folder.write("outer.lst", "lights/night.txt\n")
    #expect(throws: PipelineError.self) { try inputs.files(["outer.lst"]) }
    let missing = #expect(throws: PipelineError.self) { try inputs.files(["none.txt"]) }
    #expect(missing?.code == .noInput)
  }

  @Test func entriesWithoutFilesAreTold() throws {
    let found = try Self.expand(["flats/*.fits", "lights/b.fits"])
    #expect(found.paths == ["lights/b.fits"] && found.unmatched == ["flats/*.fits"])
  }

  @Test(arguments: [
    ("a/./b//c", "a/b/c"), ("a/../b", "b"), ("../a/../../b", "../../b"), ("/../a", "/a"), ("./", "."), ("/", "/"),
  ])
  func pathsAreNormalised(_ path: String, _ expected: String) {
    #expect(ProjectFolder.normalised(path) == expected)
  }
}
