import ElnathFITS
import FoundationEssentials
import Testing

@testable import ElnathPipeline

@Suite struct CameraProfileTests {
  static let cameras = packageCatalog().locator.files(in: "cameras", ending: ".toml").map(\.name)
  static let observatories = packageCatalog().locator.files(in: "observatories", ending: ".toml").map(\.name)

  @Test func thePackageHasItsProfiles() {
    #expect(
      Self.cameras.contains("generic") && Self.cameras.contains("hdi") && Self.cameras.contains("microobservatory"))
    #expect(Self.observatories.contains("kpno"))
  }

  /// No key is unknown (decoding refuses them), and nothing that a frame needs is without a source.
  @Test(arguments: cameras)
  func isComplete(_ name: String) throws {
    let profile = try packageCatalog().camera(name)
    #expect(profile.name == name)
    #expect(!profile.title.isEmpty)
    for value in [profile.gain, profile.readNoise, profile.saturation] {
      let hasSource = if let number = value.value { number > 0 && number.isFinite } else { !value.keywords.isEmpty }
      #expect(hasSource)
    }
    #expect(!profile.exposure.keywords.isEmpty)
    #expect(!profile.kind.keywords.isEmpty || profile.kind.otherwise != .unknown)
    #expect(!profile.filter.keywords.isEmpty)
    for (filter, width) in profile.filter.widths {
      #expect(width > 0 && width < 300 && profile.filter.names.contains { $0.name == filter }, "\(filter)")
    }
    for filter in profile.filter.names { #expect(!filter.name.isEmpty && !filter.patterns.isEmpty) }
    #expect(!profile.time.start.isEmpty)
    #expect(Set(profile.time.universal).isSubset(of: profile.time.clock + profile.time.start))
    #expect(profile.pointing.rightAscension.count == profile.pointing.declination.count)
    for layout in profile.geometry.layouts { #expect(layout.isWellFormed) }
    for mode in profile.modes {
      #expect(mode.binning != nil || mode.match?.isEmpty == false)
      for value in [mode.gain, mode.readNoise, mode.saturation] { #expect(value ?? 1 > 0) }
    }
    for coefficient in profile.linearity.coefficients { #expect(coefficient.isFinite) }
    #expect([12, 24].contains(profile.time.clockHours))
    #expect(!profile.remarks.contains(""))
    if let observatory = profile.observatory { #expect(Self.observatories.contains(observatory)) }
    // Only the base may be without: it stands in where nothing is recognised.
    #expect(name == "generic" || !profile.recognise.isEmpty)
  }

  @Test(arguments: observatories)
  func observatoryIsComplete(_ name: String) throws {
    let place = try packageCatalog().observatory(name)
    #expect(!place.title.isEmpty)
    #expect(abs(place.latitude ?? .nan) <= 90)
    #expect(abs(place.longitude ?? .nan) <= 180)
    #expect((-500...6000).contains(place.altitude ?? .nan))
  }

  @Test func aProfileOfTheUserIsLaidOverTheGenericOne() throws {
    let project = try TestFolder()
    try project.write("my.toml", "title = \"Mine\"\n[gain]\nvalue = 2\n")
    let profile = try packageCatalog(project: project.folder).camera("my.toml")
    #expect(profile.name == "my")
    // A whole number does for a real one, and what is not stated is generic.
    #expect(profile.gain.value == 2)
    #expect(profile.gain.keywords == ["EGAIN", "CVF", "GAIN"])
    #expect(profile.time.start.contains("DATE-OBS"))
  }

  @Test func unknownKeysAndNamesAreRefusedWithTheNearestKnown() throws {
    let project = try TestFolder()
    try project.write("my.toml", "[gian]\nvalue = 2\n")
    let catalog = packageCatalog(project: project.folder)
    let wrongKey = #expect(throws: PipelineError.self) { try catalog.camera("my.toml") }
    #expect(wrongKey?.code == .configuration)
    #expect(wrongKey?.message.contains("gain") == true)
    let wrongName = #expect(throws: PipelineError.self) { try catalog.camera("hdii") }
    #expect(wrongName?.code == .configuration)
    #expect(wrongName?.message.contains("\"hdi\"") == true)
    #expect(throws: PipelineError.self) { try catalog.camera("nowhere/my.toml") }
  }

  @Test func headersAreRecognised() throws {
    let catalog = packageCatalog()
    let hdi = FITSHeader(lines: ["INSTRUME= 'hdi     '"])
    let other = FITSHeader(lines: ["INSTRUME= 'other   '"])
    let micro = FITSHeader(lines: ["CREATOR = 'MicroObservatory2014-05-23' / Version"])
    let found = try [[other, hdi], [other], [micro]].map { try catalog.recognise($0)?.name }
    #expect(found == ["hdi", nil, "microobservatory"])
  }

  @Test func theListNamesEveryCamera() throws {
    let lines = CameraList(try packageCatalog().cameras()).lines
    #expect(lines.count == Self.cameras.count + 1)
    #expect(lines.contains { $0.hasPrefix("microobservatory") && $0.contains("53.6 (estimated)") })
  }
}

extension GeometryLayout {
  fileprivate var isWellFormed: Bool {
    [trim, overscan].compactMap { $0 }.allSatisfy { section in
      section.contains("[") && section.contains(",")
    }
  }
}

@Suite struct CatalogLocatorTests {
  @Test func placesAreSearchedInTheirOrder() throws {
    let project = try TestFolder()
    let home = try TestFolder()
    let program = try TestFolder()
    let checkout = try TestFolder()
    try checkout.write("Package.swift", "")
    try checkout.write("catalogs/cameras/d.toml", "")
    for (place, names) in [(home, "bd"), (project, "abd")] {
      for name in names { try place.write("catalogs/cameras/\(name).toml", "") }
    }
    for name in "abc" { try program.write("share/elnath/catalogs/cameras/\(name).toml", "") }

    let installed = CatalogLocator(
      "catalogs", project: project.folder, home: home.folder.path, program: program.folder.absolute("bin/elnath"))
    #expect(installed.file("cameras/a.toml") == project.folder.absolute("catalogs/cameras/a.toml"))
    #expect(installed.file("cameras/c.toml") == program.folder.absolute("share/elnath/catalogs/cameras/c.toml"))
    #expect(installed.file("cameras/e.toml") == nil)
    #expect(installed.files(in: "cameras", ending: ".toml").map(\.name) == ["a", "b", "c", "d"])

    let chosen = CatalogLocator(
      "catalogs", chosen: home.folder.absolute("catalogs"), project: project.folder, home: nil, program: "/bin/elnath")
    #expect(chosen.file("cameras/b.toml") == home.folder.absolute("catalogs/cameras/b.toml"))

    let built = CatalogLocator(
      "catalogs", home: nil, program: checkout.folder.absolute(".build/x86_64/release/elnath"))
    #expect(built.file("cameras/d.toml") == checkout.folder.absolute("catalogs/cameras/d.toml"))
  }
}
