import Testing

@testable import ElnathPipeline

private struct Sky: Codable, Equatable {
  var inner = 10.0
  var outer: Double?
}

private enum Shape: String, Codable, CaseIterable { case circle, ellipse }

private enum Limit: Codable, Equatable {
  case fixed(pixels: Double)
  case scaled(factor: Double, floor: Double?)
}

private struct Sample: Codable, Equatable {
  var gain = 1.5
  var count = 3
  var shape = Shape.circle
  var note: String?
  var radii: [Double] = [3, 5]
  var sky = Sky()
  var extinction: [String: Double] = ["R": 0.1]
  var deep: Sky?
  var limit = Limit.fixed(pixels: 2)
}

@Suite struct SettingsTreeTests {
  private func decode(_ toml: String) throws -> Sample {
    let tree = try SettingsTree.parse(toml: toml, file: "p.toml")
    return try SettingsTree.encode(Sample()).merged(with: tree).decode(Sample.self, file: "p.toml")
  }

  private func failure(_ toml: String) -> String {
    do {
      _ = try decode(toml)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func wholeNumbersWidenToRealOnes() throws {
    let sample = try decode("gain = 1\nradii = [3, 5.5, 8]\nextinction = { B = 1 }")
    #expect(sample.gain == 1)
    #expect(sample.radii == [3, 5.5, 8])
    #expect(sample.extinction == ["R": 0.1, "B": 1])
    #expect(try decode("count = 4.0").count == 4)
  }

  @Test func whatIsNotGivenKeepsItsDefault() throws {
    #expect(try decode("") == Sample())
    #expect(try decode("sky = { outer = 20 }").sky == Sky(inner: 10, outer: 20))
  }

  @Test(arguments: [
    ("gain = 'abc'", "p.toml: gain: expected a number, found text 'abc'"),
    ("gain = nan", "p.toml: gain: expected a number, found nan"),
    ("count = 2.5", "p.toml: count: expected a whole number, found 2.5"),
    ("radii = 3", "p.toml: radii: expected a list, found 3"),
    ("radii = [3, true]", "p.toml: radii[2]: expected a number, found true"),
    ("sky = 3", "p.toml: sky: expected a table, found 3"),
    ("note = 3", "p.toml: note: expected text, found 3"),
    ("shape = 'elipse'", "p.toml: shape: expected one of circle, ellipse, found 'elipse'; did you mean 'ellipse'?"),
    ("shape = 'x'", "p.toml: shape: expected one of circle, ellipse, found 'x'"),
    ("deep = { iner = 3, inner = 4 }", "p.toml: unknown key 'deep.iner'; did you mean 'deep.inner'?"),
    ("deep = { outer = 3 }", "p.toml: deep.inner: missing"),
    (
      "[sky]\nout = 3\nzzzzzz = 1", "p.toml: unknown key 'sky.out'; did you mean 'sky.outer'?; unknown key 'sky.zzzzzz'"
    ),
    ("night = 2020-01-02", "p.toml: night: dates and times stand in quotes"),
  ])
  func messagesNameTheKeyAndTheValue(toml: String, message: String) {
    #expect(failure(toml) == message)
  }

  @Test func syntaxErrorsNameLineAndColumn() {
    #expect(failure("gain = 1\ncount = = 2").hasPrefix("p.toml:2:9: not valid TOML: "))
    do {
      _ = try SettingsTree.parse(toml: "a = ", file: "p.toml")
      Issue.record("parsed")
    } catch { #expect(error.code == .configuration) }
  }

  @Test func encodingShowsEveryKeyThatCanBeSet() throws {
    let tree = SettingsTree.encode(Sample())
    #expect(
      tree.table?.keys == ["gain", "count", "shape", "note", "radii", "sky", "extinction", "deep", "limit"])
    #expect(tree[["sky", "outer"]] == .absent)
    #expect(tree[["note"]] == .absent)
    #expect(tree[["shape"]] == .text("circle"))
    #expect(tree[["limit", "fixed", "pixels"]] == .real(2))
    #expect(try tree.decode(Sample.self, file: "") == Sample())
  }

  @Test func unknownKeysAreFoundAtAnyDepthWithTheNearestKnownOne() throws {
    let tree = try SettingsTree.parse(toml: "gian = 1\n[sky]\niner = 2\n[extinction]\nV = 0.2", file: "")
    let unknown = tree.unknownKeys(against: .encode(Sample()))
    #expect(
      unknown == [
        UnknownKey(path: ["gian"], nearest: ["gain"]), UnknownKey(path: ["sky", "iner"], nearest: ["sky", "inner"]),
      ])
  }

  @Test func laterTreesWinKeyByKeyAndListsAreReplaced() throws {
    let a = try SettingsTree.parse(toml: "x = [1, 2]\n[t]\na = 1\nb = 2", file: "")
    let b = try SettingsTree.parse(toml: "x = [3]\n[t]\nb = 3\nc = 4", file: "")
    let merged = a.merged(with: b)
    #expect(merged[["x"]] == .array([.integer(3)]))
    #expect(merged[["t"]]?.leaves().map(\.value) == [.integer(1), .integer(3), .integer(4)])
  }

  @Test func printedTreeParsesToItself() throws {
    let toml = """
      a = "q\\"uote \\\\ \\n é"
      "odd key" = 1
      f = 1e-30
      g = 5.0
      h = inf
      list = [[1, 2], ["x"], []]
      mixed = [1, { a = 2, b = [true] }]
      empty = {}
      [t.u]
      v = false
      [[star]]
      name = "HH 30"
      nested = { x = 1 }
      [[star]]
      name = "b"
      """
    let tree = try SettingsTree.parse(toml: toml, file: "")
    #expect(try SettingsTree.parse(toml: tree.toml(), file: "") == tree)
  }

  @Test func spellingCountsChanges() {
    #expect(Spelling.changes(from: "radiii", to: "radii") == 1)
    #expect(Spelling.changes(from: "", to: "abc") == 3)
    #expect(Spelling.changes(from: "gian", to: "gain") == 1)
    #expect(Spelling.changes(from: "kitten", to: "sitting") == 3)
    #expect(Spelling.nearest("qqqqq", among: ["gain", "radii"]) == nil)
    #expect(Spelling.nearest("Gain", among: ["gain", "radii"]) == "gain")
  }
}
