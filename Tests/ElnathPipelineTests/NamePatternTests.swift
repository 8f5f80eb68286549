import Testing

@testable import ElnathPipeline

@Suite struct NamePatternTests {
  @Test(arguments: [
    ("*.fits", "a.fits", true), ("*.fits", "a.fit", false), ("a?c", "abc", true), ("a?c", "ac", false),
    ("[abc]x", "bx", true), ("[!abc]x", "bx", false), ("[a-c]x", "cx", true), ("[a-c]x", "dx", false),
    ("d[1001-1010].fits", "d1010.fits", true), ("d[1001-1010].fits", "d1011.fits", false),
    ("t[0135-0139]o", "t0137o", true), ("t[0135-0139]o", "t137o", false), ("t[5-12]o", "t7o", true),
    ("t[5-12]o", "t07o", false), ("t[5-12]o", "t13o", false), ("t[5-12]o", "t120o", false), ("[0-9]*", "7a", true),
    ("b[2.fits", "b[2.fits", true), ("[]]", "]", true), ("", "", true), ("*", "", true), ("**a*", "xay", true),
    // A range that runs backwards stands for itself.
    ("[12-5]x", "2x", false), ("[12-5]x", "[12-5]x", true),
  ])
  func matches(_ pattern: String, _ name: String, _ expected: Bool) {
    #expect(NamePattern(pattern).matches(name) == expected)
  }

  @Test func caseCountsUnlessToldOtherwise() {
    #expect(!NamePattern("Dark*").matches("DARK FRAME"))
    #expect(NamePattern("Dark*").matches("DARK FRAME", ignoringCase: true))
    #expect(NamePattern("[A-C]1").matches("b1", ignoringCase: true))
  }

  /// Backtracking would need 2^30 steps here.
  @Test(.timeLimit(.minutes(1))) func manyStarsStayQuick() {
    let pattern = NamePattern(String(repeating: "*a", count: 30))
    #expect(!pattern.matches(String(repeating: "a", count: 60) + "b"))
  }
}
