import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

@Suite("star lists of other programs")
struct StarListTests {
  private func read(_ text: String, _ name: String, height: Int? = nil) throws -> [StarSettings] {
    let folder = try TemporaryFolder()
    try folder.write(name, text)
    return try StarTable.read(folder.path + "/" + name, height: height)
  }

  /// Place and words of the message.
  private func expectFault(_ text: String, _ name: String, _ parts: String..., height: Int? = nil) {
    let error = #expect(throws: PipelineError.self) { try read(text, name, height: height) }
    for part in parts { #expect(error?.description.contains(part) == true, "\(error?.description ?? "")") }
  }

  @Test("AstroImageJ radec: hours, roles, magnitudes, any line ends")
  func radec() throws {
    let text = """
      \u{FEFF}#RA in decimal or sexagesimal HOURS
      #Dec in decimal or sexagesimal DEGREES
      04:31:37.500, +18:12:24.50, 0, 1, 99.999

      4.5250278, -18.25, 1, 1, 13.21\r
      04 31 30.1, +18 15 00, 1, 0
      """
    let stars = try read(text, "field.radec")
    #expect(stars.map(\.name) == ["T1", "C2", "C3"])
    #expect(stars.map(\.role) == [.target, .comparison, .comparison])
    #expect(abs((stars[0].rightAscension?.degrees ?? 0) - 67.90625) < 1e-9)
    // Decimal hours, not degrees.
    #expect(abs((stars[1].rightAscension?.degrees ?? 0) - 67.875417) < 1e-9)
    #expect(stars[1].declination?.degrees == -18.25)
    #expect(stars[0].magnitude == nil && stars[1].magnitude == 13.21)
    #expect(try read("1.0,2.0\n1.1,2.0\n", "two.RADEC").map(\.role) == [.target, .comparison])
    expectFault("1.0, 2.0, 2\n", "a.radec", "a.radec:1:11", "neither 0 nor 1")
    expectFault("1.0, 2.0\n25.0, 2.0\n", "a.radec", "a.radec:2:1", "right ascension")
    expectFault("1.0, 95\n", "a.radec", "a.radec:1:6", "declination")
    expectFault("1.0\n", "a.radec", "a.radec:1:1")
    expectFault("1.0, 2.0, 0, 1, bright\n", "a.radec", ":1:17", "magnitude")
    expectFault("1.0, \u{0}2.0\n", "a.radec", ":1:6", "control character")
  }

  @Test("AstroImageJ apertures: pixels from the upper left corner")
  func apertures() throws {
    let text = """
      #Saved apertures
      .multiaperture.naperturesmax=1000
      .multiaperture.xapertures=512.3,88.1
      .multiaperture.yapertures=10.5,400
      .multiaperture.isrefstar=false,true
      """
    let stars = try read(text, "old.apertures", height: 500)
    #expect(stars.map(\.name) == ["T1", "C2"])
    // X(FITS) = X(IJ) + 0.5, Y(FITS) = height - Y(IJ) + 0.5.
    #expect(stars[0].x == 512.8 && stars[0].y == 490)
    #expect(stars[1].x == 88.6 && stars[1].y == 100.5)
    expectFault(text, "old.apertures", "reference under [align]")
    expectFault("AIJ APERTURES FILE\n", "new.apertures", "newer", height: 500)
    expectFault(
      ".multiaperture.xapertures=1,two\n.multiaperture.yapertures=1,2\n", "a.apertures", ":1:29", height: 500)
    expectFault(
      ".multiaperture.xapertures=1,2\n.multiaperture.yapertures=1\n", "a.apertures", ":2:1", height: 500)
    expectFault("hello\n", "a.apertures", "xapertures", height: 500)
  }

  @Test("DS9 regions: systems, shapes, names and roles")
  func regions() throws {
    let stars = try read(
      """
      # Region file format: DS9 version 4.1
      global color=green dashlist=8 3 width=1 font="helvetica 10 normal roman" select=1
      fk5
      circle(67.90625,+18.20681,4.5") # text={HH 30} tag={group 1} tag={target} tag={extended}
      annulus(4:31:36.13,+18:13:43.2,9",15") # color=red text="LkHa 358"
      -circle(1,2,3)
      image; point(512.25,100) # point=x text={A; B} tag={Comparison}
      icrs;circle 67.8 18.1 3"
      """, "field.reg")
    #expect(stars.map(\.name) == ["HH 30", "LkHa 358", "A; B", "R4"])
    #expect(stars.map(\.role) == [.target, .measure, .comparison, .measure])
    #expect(stars[0].extended && !stars[1].extended)
    #expect(abs((stars[1].rightAscension?.degrees ?? 0) - 67.900541667) < 1e-8)
    #expect(stars[2].x == 512.25 && stars[2].y == 100 && stars[2].rightAscension == nil)
    #expect(stars[3].declination?.degrees == 18.1)
    expectFault("fk5\ncircle(67.9,91,3)\n", "a.reg", "a.reg:2:13", "declination")
    expectFault("fk5\ncircle(x,9,3)\n", "a.reg", "a.reg:2:8", "right ascension")
    expectFault("circle(67.9,9,3)\n", "a.reg", ":1:1", "fk5, icrs or image")
    expectFault("galactic\n", "a.reg", "galactic", "fk5")
    expectFault("fk5\npolygon(1,2,3,4,5,6)\n", "a.reg", ":2:1", "polygon")
    expectFault("fk5; circle(1,2\n", "a.reg", "never closed")
    expectFault("image\ncircle(inf,2,3)\n", "a.reg", ":2:8", "pixels")
  }
}

@Suite("catalogues of stars")
struct StarCatalogTests {
  private static let folder = packageFolder.absolute("catalogs/stars")

  private static func packageStars() throws -> StarCatalog {
    try StarCatalog(
      CatalogLocator("catalogs", chosen: packageFolder.absolute("catalogs"), home: nil, program: "/nowhere/bin/elnath"))
  }

  @Test(
    "every table of the package decodes: positions in range, names of its own, sources named",
    arguments: ["hl_tau_targets", "hl_tau_tycho2", "taurus_members", "weak_line_t_tauri"])
  func package(_ name: String) throws {
    let stars = try StarCatalog.read("\(Self.folder)/\(name).csv").stars
    #expect(stars.count >= 10)
    let names = stars.flatMap { [$0.name] + $0.aliases }.map(StarCatalog.plain)
    #expect(Set(names).count == names.count)
    #expect(!names.contains(""))
    #expect(stars.allSatisfy { !$0.source.isEmpty && !$0.type.isEmpty })
    #expect(stars.allSatisfy { (0..<360).contains($0.sky.rightAscension) && abs($0.sky.declination) <= 90 })
    #expect(stars.allSatisfy { $0.magnitude.isNaN || (0..<25).contains($0.magnitude) })
    #expect(stars.allSatisfy { $0.magnitude.isNaN == $0.band.isEmpty })
  }

  @Test("names are found whatever their blanks and capitals, and by their aliases")
  func names() throws {
    let catalog = try Self.packageStars()
    for name in ["HH 30", "hh30", " Hh  30", "V1213 Tau", "v1213TAU"] {
      let star = try #require(catalog.star(named: name))
      #expect(star.name == "HH 30")
      #expect(star.sky.separation(from: SkyPoint(rightAscension: 67.906125, declination: 18.206806)) < 1e-6)
    }
    #expect(catalog.star(named: "LkH\u{3B1} 358")?.name == "LkHa 358")
    #expect(catalog.star(named: "2MASS J04312405+1800215")?.name == "MHO 4")
    #expect(catalog.star(named: "HH 31") == nil)
    #expect(catalog.star(named: "") == nil)
    #expect(catalog.nearestName(to: "LkHa 385") == "LkHa 358")
    #expect(catalog.nearestName(to: "my star") == nil)
  }

  @Test("members and variables are known at their places, field stars are not")
  func variables() throws {
    let catalog = try Self.packageStars()
    func near(_ ra: Double, _ dec: Double) -> CatalogStar? {
      catalog.variable(at: SkyPoint(rightAscension: ra, declination: dec))
    }
    #expect(near(67.910154, 18.232681 + 1.5 / 3600)?.name == "HL Tau")
    #expect(near(67.910154, 18.232681 + 2.5 / 3600) == nil)
    #expect(near(67.85475, 18.27131) == nil)
    // XZ Tau's printed V of 10.4 is doubtful and left out.
    #expect(catalog.star(named: "XZ Tau")?.magnitude.isNaN == true)
    // A star of two tables serves once.
    let field = catalog.fieldStars
    #expect(field.count < catalog.stars.count)
    let twins = field.indices.filter { k in
      field[..<k].contains { $0.sky.separation(from: field[k].sky) < 1.9 / 3600 }
    }
    #expect(twins.isEmpty)
  }

  @Test("a table of one's own: usual column names; what is wrong is told with its place")
  func own() throws {
    let folder = try TemporaryFolder()
    func read(_ text: String) throws -> StarCatalog {
      try folder.write("own.csv", text)
      return try StarCatalog.read(folder.path + "/own.csv")
    }
    let stars = try read("ra,dec,mag\n67.9,18.2,12.5\n04:31:37.5,+18:12:24.5,\n").stars
    #expect(stars.count == 2 && stars[0].magnitude == 12.5 && stars[1].magnitude.isNaN)
    #expect(abs(stars[1].sky.rightAscension - 67.90625) < 1e-9)
    for (text, part) in [
      ("ra,mag\n1,2\n", "ra_deg and dec_deg"), ("ra,dec\n361,2\n", "own.csv:2:1"), ("ra,dec\n1,-91\n", "own.csv:2:3"),
      ("ra,dec\n1,nan\n", "own.csv:2:3"), ("ra,dec,role\n1,2,queen\n", "own.csv:2:5"), ("ra,dec\n1\n", "own.csv:2"),
    ] {
      let error = #expect(throws: PipelineError.self) { try read(text) }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }
}
