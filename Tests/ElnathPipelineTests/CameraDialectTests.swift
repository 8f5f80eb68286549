import ElnathCore
import FoundationEssentials
import Testing

@testable import ElnathFITS
@testable import ElnathPipeline

/// What the profiles of the catalog say about their cameras, by headers in their style.
@Suite struct CameraDialectTests {
  private static func decode(
    _ camera: String, _ lines: [String], file: String = "a.fits", width: Int = 100, height: Int = 80
  ) throws -> Observation {
    let catalog = packageCatalog()
    let profile = try catalog.camera(camera)
    return HeaderDecoder(profile: profile, home: try profile.observatory.map { try catalog.observatory($0) }).decode(
      FITSHeader(lines: lines), file: file, width: width, height: height
    ).observation
  }

  private static let hdi = ["INSTRUME= 'hdi     '", "EXPTIME = 300.0", "DATE-OBS= '2020-01-19T03:12:44.1'"]

  @Test(
    arguments: [
      ("Ha", ["Ha", "ha", "HA", "H-alpha", "h alpha", "Halpha", "H_alpha", "ha filter", "6580", "Ha rest"]),
      (
        "Ha4",
        [
          "ha4", "Ha4", "ha+4nm", "Ha+4", "ha 4", "Ha + 4 nm", "halpha 4nm", "H-alpha+4", "h-alpha 4nm", "6620",
          "6620/4",
        ]
      ),
      ("Ha8", ["ha8", "ha+8nm", "6660"]), ("Ha12", ["ha12", "Ha+12", "halpha 12nm", "6700"]),
      ("Ha16", ["ha16", "Ha_16", "6740"]),
      (
        "R",
        [
          "R", "Rc", "R Harris", "Harris R", "harris-r", "Cousins R", "R band", "R-band", "R filter", "R  Harris",
          "R (Harris)",
        ]
      ),
      ("V", ["V", "V band", "Harris V", "V filter", "Johnson V"]), ("B", ["B", "B Harris"]),
      ("I", ["I", "Ic", "Cousins I"]),
      ("SDSS r", ["r'", "SDSS r", "sloan r"]),
    ] as [(String, [String])])
  func freeTextOfFilters(_ name: String, _ texts: [String]) throws {
    for text in texts {
      let quoted = text.replacing("'", with: "''")
      let seen = try Self.decode("hdi", Self.hdi + ["CMMTOBS = '\(quoted)'", "FILTER1 = 105", "FILTER2 = 201"])
      #expect(seen.filter == name, "\(text)")
      #expect(!seen.problems.contains { $0.contains("CMMTOBS") }, "\(text)")
    }
  }

  /// A small letter is the same filter for most observers, and another one for some.
  @Test func aSmallLetterIsTakenButNoted() throws {
    let seen = try Self.decode("hdi", Self.hdi + ["CMMTOBS = 'r       '"])
    #expect(
      seen.filter == "R" && seen.problems.contains { $0.contains("CMMTOBS = 'r'") && $0.contains("input.filter") })
  }

  @Test func slotsOfTheWheelsAreNoFilters() throws {
    #expect(try Self.decode("hdi", Self.hdi + ["FILTER1 = 105", "FILTER2 = 201"]).filter == "")
  }

  @Test(arguments: ["58867.13384375", "'58867.13384375'", "'2020-01-19T03:12:44.1'", "'2020-01-19 03:12:44.1'"])
  func dayNumbersAsNumberOrText(_ value: String) throws {
    let seen = try Self.decode("hdi", ["OBSTYPE = 'OBJECT  '", "EXPTIME = '300.0   '", "MJD-OBS = \(value)"])
    // astropy 8.0.2: Time('2020-01-19T03:15:14.1').jd
    #expect(abs(seen.jdUTC - 2_458_867.6355798612) < 1e-9)
    #expect(seen.gain == Decoded(1.3, from: .profile))
  }

  @Test func theLetterInTheNameIsASource() throws {
    let seen = try Self.decode("hdi", Self.hdi, file: "n1/c8867t0145f00.fits")
    #expect(seen.kind == .flat && seen.sources.contains(.init("kind", from: .fileName)))
  }

  private static let nickel = [
    "INSTRUME= 'Nickel Direct Camera'", "DATE-BEG= '2024-05-13T04:00:00.00'", "GAIN    = 1 / DCS GAIN INDEX",
    "COVER   = 32",
    "DATASEC = '[1:1024,1:1024]'", "FILTNAM = 'V       '", "CDELT1U = -2", "CDELT2U = -2", "TEMPDET = -109.2",
    "READ-SPD= 80",
  ]

  @Test(
    arguments: [
      ("'DARK    '", "0", "'        '", .bias), ("'DARK    '", "300", "'        '", .dark),
      ("'OBJECT  '", "5", "'sky flat'", .flat), ("'OBJECT  '", "5", "'Dome flat'", .flat),
      ("'OBJECT  '", "60", "'NGC_4147'", .light),
    ] as [(String, String, String, Observation.Kind)])
  func nickelKinds(_ type: String, _ exposure: String, _ object: String, _ kind: Observation.Kind) throws {
    let seen = try Self.decode(
      "nickel", Self.nickel + ["OBSTYPE = \(type)", "EXPTIME = \(exposure)", "OBJECT  = \(object)"], width: 1056,
      height: 1024)
    #expect(seen.kind == kind)
    #expect(seen.binning == "2x2" && seen.filter == "V" && seen.temperature == -109.2)
    #expect(seen.readoutMode == "80, GAIN 1")
    #expect(seen.gain == Decoded(1.8, from: .profile) && seen.pixelScale?.value == 0.37)
    #expect(seen.overscan?.section == "[1025:1056,1:1024]")
    #expect(seen.problems.isEmpty)
  }

  /// The figures were measured at 2 x 2 pixels.
  @Test func valuesOfAnotherBinningAreEstimates() throws {
    let lines =
      Self.nickel.filter { !$0.hasPrefix("CDELT") } + [
        "CDELT1U = -1", "CDELT2U = -1", "OBSTYPE = 'OBJECT  '", "EXPTIME = 9",
      ]
    let seen = try Self.decode("nickel", lines, width: 1056, height: 1024)
    #expect(seen.binning == "1x1" && seen.gain?.origin == .estimated && seen.pixelScale?.value == 0.185)
  }

  @Test func starShootIsPM() throws {
    let lines = [
      "INSTRUME= 'Orion G3 Deep Sky Monochromatic Camera'", "IMAGTYP = 'Light Frame'", "EXPTIME = 60", "EXPOSURE= 60",
      "CCD-TEMP= 4.1", "DATE-OBS= '2021-09-17 T09:38:50'",
    ]
    // 2021-09-17, 21:38:50 and half of 60 s: 77960 s of JD 2459474.5.
    let middle = 2_459_474.5 + 77960.0 / 86400
    let commented = try Self.decode("starshoot", ["SIMPLE  = T / C# FITS: 9/17/2021 9:38:50 PM"] + lines)
    #expect(commented.kind == .light && abs(commented.jdUTC - middle) < 1e-9 && commented.problems.isEmpty)
    let bare = try Self.decode("starshoot", lines)
    #expect(abs(bare.jdUTC - middle) < 1e-9 && bare.problems.contains { $0.contains("PM is assumed") })
  }

  @Test func microObservatoryTemperatureIsInKelvin() throws {
    let seen = try Self.decode(
      "microobservatory", ["CAMTEMP = 271.0", "EXPTIME = 60", "UT-OBS  = '2018-03-05T03:10:30.250-0000'"])
    #expect(abs(seen.temperature + 2.15) < 1e-9)
  }

  @Test func modesOfAProfile() throws {
    let project = try TestFolder()
    try project.write(
      "my.toml",
      """
      [gain]
      keywords = []
      value = 1.0
      [linearity]
      coefficients = [1e-6, -2e-12]
      limit = 50000
      [[modes]]
      match = { READOUTM = ["*high*"], GAIN = ["100"] }
      gain = 0.25
      read_noise = 1.5
      [[modes]]
      binning = "2x2"
      gain = 4
      estimated = true
      """)
    let profile = try packageCatalog(project: project.folder).camera("my.toml")
    func seen(_ lines: [String], _ change: (inout InputSettings) -> Void = { _ in }) -> Observation {
      var settings = InputSettings()
      change(&settings)
      return HeaderDecoder(profile: profile, project: settings).decode(
        FITSHeader(lines: lines), file: "a.fits", width: 8, height: 6
      ).observation
    }
    #expect(seen(["READOUTM= 'High Gain'", "GAIN    = 100.0"]).gain == Decoded(0.25, from: .profile))
    #expect(seen(["READOUTM= 'High Gain'", "GAIN    = 100.0"]).readNoise == Decoded(1.5, from: .profile))
    #expect(seen(["READOUTM= 'High Gain'", "GAIN    = 0"]).gain == Decoded(1, from: .profile))
    #expect(seen(["XBINNING= 2"]).gain == Decoded(4, from: .estimated))
    #expect(seen([]).linearity == [1e-6, -2e-12] && seen([]).linearLimit == 50000)
    let overruled = seen([]) {
      $0.linearity = []
      $0.linearLimit = 40000
    }
    #expect(overruled.linearity.isEmpty && overruled.linearLimit == 40000)
  }
}

/// Every profile beside its sample header.
@Suite struct CameraSampleTests {
  private static func sample(_ camera: String) throws -> FITSHeader {
    let path = packageFolder.absolute("catalogs/cameras/samples/\(camera).hdr")
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    return FITSHeader(lines: text.split(separator: "\n").map(String.init))
  }

  @Test(arguments: CameraProfileTests.cameras)
  func theSampleIsALightOfThisCamera(_ camera: String) throws {
    let catalog = packageCatalog()
    let profile = try catalog.camera(camera)
    let header = try Self.sample(camera)
    let width = header.integer("NAXIS1") ?? 0
    let height = header.integer("NAXIS2") ?? 0
    let seen = HeaderDecoder(profile: profile, home: try profile.observatory.map { try catalog.observatory($0) })
      .decode(
        header, file: "a.fits", width: width, height: height
      ).observation
    #expect(seen.kind == .light && seen.jdUTC.isFinite && seen.exposure > 0)
    #expect(seen.gain != nil && seen.readNoise != nil && seen.saturation != nil)
    #expect(seen.problems.isEmpty)
    let recognised = try catalog.recognise([header])?.name
    #expect(recognised == (camera == "generic" ? nil : camera))
    for other in try catalog.cameras() where other.name != camera { #expect(!other.recognises(header)) }
  }

  /// A figure without a source helps nobody.
  @Test(arguments: CameraProfileTests.cameras)
  func theFileNamesItsSources(_ camera: String) throws {
    let path = packageFolder.absolute("catalogs/cameras/\(camera).toml")
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    #expect(text.split(separator: "\n").contains { $0.hasPrefix("# ") && $0.contains("Source") })
  }
}

private let realFrames = packageFolder.absolute("../shared/data")

/// Real frames whose lists say nothing about their kind.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: realFrames), "real frames are not here"))
struct CameraRealFramesTests {
  private static func decode(_ camera: String, folder: String) throws -> [Observation] {
    let catalog = packageCatalog()
    let profile = try catalog.camera(camera)
    let decoder = HeaderDecoder(profile: profile, home: try profile.observatory.map { try catalog.observatory($0) })
    let place = ProjectFolder(realFrames + "/" + folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    return names.map { ReadHeader($0, folder: place).decoded(by: decoder, listed: nil).observation }
  }

  /// The flats were taken at 3 h of the afternoon, all else between 9 and 11 h of the evening: 21:38 UTC is 0.902 d.
  @Test(arguments: [("bias", Observation.Kind.bias), ("dark", .dark), ("flat", .flat), ("ngc7333", .light)])
  func starShoot(_ folder: String, _ kind: Observation.Kind) throws {
    for seen in try Self.decode("starshoot", folder: "starshoot/" + folder) {
      let hour = ((seen.jdUTC + 0.5).truncatingRemainder(dividingBy: 1)) * 24
      #expect(seen.kind == kind && seen.problems.isEmpty)
      #expect(kind == .flat ? (15.1..<15.3).contains(hour) : (21.8..<22.5).contains(hour))
      #expect(kind == .flat ? seen.temperature > 20 : seen.temperature < 5)
    }
  }

  @Test func nickel() throws {
    let seen = try Self.decode("nickel", folder: "nickel")
    let kinds = seen.map(\.kind)
    #expect(
      kinds == Array(repeating: .bias, count: 10) + Array(repeating: .flat, count: 3)
        + Array(repeating: .light, count: 6))
    #expect(seen.allSatisfy { $0.problems.isEmpty && $0.binning == "2x2" && $0.readoutMode == "80, GAIN 1" })
  }
}
