import ElnathFITS
import FoundationEssentials
import Testing

@testable import ElnathPipeline

/// Reference: xxhash 4.1.0 for Python, `xxhash.xxh64(bytes((i * 7 + 3) & 255 for i in range(n))).hexdigest()`.
@Suite struct ContentHashTests {
  private static let references: [(count: Int, hash: String)] = [
    (0, "ef46db3751d8e999"), (1, "1f25c8d0bc1f4bb6"), (4, "9bb64b7d66ee9fda"), (7, "9a7b149959ce60d8"),
    (8, "dab99d95c6f90092"), (15, "1b47cb8243cc8e32"), (31, "a2aa5f33cc4a6119"), (32, "23c3c17ef790fd97"),
    (33, "50a7cfc7ba588784"), (63, "5e3e54b431c7493c"), (64, "0eb64b3ef6eeb01f"), (100, "a61f8d4c170fe531"),
    (1000, "5f235fa033f1a3fb"), (4099, "6243e90ade852967"),
  ]

  private static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) } }

  @Test(arguments: references)
  func equalsTheReference(count: Int, hash: String) {
    var content = ContentHash()
    Self.bytes(count).withUnsafeBytes { content.add($0) }
    #expect(content.text == hash)
  }

  @Test(arguments: [1, 3, 31, 32, 33, 100])
  func piecesDoNotMatter(piece: Int) {
    for (count, hash) in Self.references {
      var content = ContentHash()
      Self.bytes(count).withUnsafeBytes { all in
        for start in stride(from: 0, to: count, by: piece) {
          content.add(UnsafeRawBufferPointer(rebasing: all[start..<min(start + piece, count)]))
        }
      }
      #expect(content.text == hash)
    }
  }
}

@Suite struct InputLedgerTests {
  @Test func aFileThatWasReadIsKnownUntilItChanges() throws {
    let path = FileManager.default.temporaryDirectory.path + "/elnath-tests-\(UInt64.random(in: 0 ... .max)).fits"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func write(_ value: UInt16) throws {
      let pixels = FITSPixels.uint16(Array(repeating: value, count: 50 * 40))
      try FITSWriter.write([FITSHDU(width: 50, height: 40, pixels: pixels)], to: path)
    }
    try write(1)
    let ledger = InputLedger()
    #expect(ledger.hash(of: path) == nil)
    try ledger.verify(#require(try RowReader(path: path)))
    #expect(try ledger.hash(of: path) == ContentHash(path: path).text)
    try write(2)
    #expect(ledger.hash(of: path) == nil)
    #expect(try ledger.checkedIntegers(of: #require(try RowReader(path: path))).stored.count == 50 * 40)
    #expect(try ledger.hash(of: path) == ContentHash(path: path).text)
  }
}

@Suite struct ProvenanceTests {
  private func provenance(_ seconds: Double) throws -> Provenance {
    let path = FileManager.default.temporaryDirectory.path + "/elnath-tests-\(UInt64.random(in: 0 ... .max)).txt"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try AtomicFile.write("abc", to: path)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_500_000_000.25)], ofItemAtPath: path)
    let project = try Project(
      file: "x/p.toml", toml: "[[star]]\nname = 'a \"b\"'\nx = 1\ny = 2", assignments: ["output.max_rejected=0.25"])
    return Provenance(
      settings: project.layers, inputs: [try Provenance.Input(file: "lights/a.fits", path: path)],
      counts: [("frames_used", 3)], timings: [("reduce", seconds)])
  }

  @Test func jsonIsValidAndTellsEverything() throws {
    struct Content: Decodable {
      struct Input: Decodable {
        var file: String
        var size: Int
        var modified: Double
        var xxh64: String
      }
      struct Settings: Decodable {
        struct Output: Decodable {
          var maximumRejected: Double
          enum CodingKeys: String, CodingKey { case maximumRejected = "max_rejected" }
        }
        struct Star: Decodable { var name: String }
        var version: Int
        var output: Output
        var star: [Star]
      }
      var versions: [String: String]
      var settings: Settings
      var origins: [String: String]
      var inputs: [Input]
      var counts: [String: Int]
      var timings: [String: Double]
    }
    let content = try JSONDecoder().decode(Content.self, from: Data(try provenance(1.23456).json.utf8))
    #expect(content.versions["elnath"] == ElnathVersion.current)
    #expect(content.versions.values.allSatisfy { $0.first?.isNumber == true })
    #expect(content.versions.keys.sorted() == ["cfitsio", "elnath", "erfa", "fftw", "libcsv"])
    #expect(content.settings.version == 1)
    #expect(content.settings.output.maximumRejected == 0.25)
    #expect(content.settings.star.map(\.name) == ["a \"b\""])
    #expect(content.origins["output.max_rejected"] == "--set")
    #expect(content.origins["star"] == "p.toml")
    #expect(content.origins["version"] == "default")
    #expect(content.inputs.map(\.file) == ["lights/a.fits"])
    #expect(content.inputs.first?.size == 3)
    #expect(content.inputs.first?.modified == 1_500_000_000.25)
    // The published test vector of "abc".
    #expect(content.inputs.first?.xxh64 == "44bc2cf5ad770999")
    #expect(content.counts == ["frames_used": 3])
    #expect(content.timings == ["reduce": 1.235])
  }

  @Test func onlyTimingsDiffer() throws {
    func withoutTimings(_ json: String) -> Substring {
      json[..<(json.range(of: "\"timings\"")?.lowerBound ?? json.endIndex)]
    }
    let first = try provenance(1).json
    let second = try provenance(2).json
    #expect(first != second)
    #expect(withoutTimings(first) == withoutTimings(second))
  }

  @Test func jsonEscapesWhatItMust() {
    let tree = SettingsTree.array([
      .text("q\" b\\ \n\t\r\u{1}\u{7F} \u{3B1}"), .real(.nan), .real(2), .integer(-3), .boolean(true), .absent,
      .array([]),
    ])
    #expect(
      tree.json == "[\"q\\\" b\\\\ \\n\\t\\r\\u0001\\u007f \u{3B1}\", null, 2.0, -3, true, null, []]\n")
    #expect(SettingsTree.empty.json == "{}\n")
  }
}
