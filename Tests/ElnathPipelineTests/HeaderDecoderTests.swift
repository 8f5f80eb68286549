import ElnathCore
import ElnathFITS
import Testing

@testable import ElnathPipeline

/// A header as the Half Degree Imager writes it; values invented.
private let hdi = [
  "OBSTYPE = 'OBJECT  '", "OBJECT  = 'HLTau   '", "CMMTOBS = 'Ha      '", "FILTER1 = 105", "FILTER2 = 201",
  "EXPTIME = 300.0", "AIRMASS = 1.08", "DATE-OBS= '2020-01-19T03:12:44.1'", "MJD-OBS = '2020-01-19T03:12:44.1'",
  "RASTRNG = '04:32:46.9'", "DECSTRNG= '+18:16:30'", "EQUINOX = 2020.05", "INSTRUME= 'hdi     '",
]

private func decode(
  _ lines: [String], camera: String = "generic", file: String = "a.fits", width: Int = 100, height: Int = 80,
  listed: Observation.Kind? = .light, observatory: String? = nil, change: (inout InputSettings) -> Void = { _ in }
) throws -> HeaderDecoder.Result {
  let catalog = packageCatalog()
  var project = InputSettings()
  change(&project)
  let profile = try catalog.camera(camera)
  let decoder = HeaderDecoder(
    profile: profile, project: project, observatory: try observatory.map { try catalog.observatory($0) },
    home: try profile.observatory.map { try catalog.observatory($0) })
  return decoder.decode(
    FITSHeader(lines: lines), file: file, width: width, height: height, listed: listed)
}

private func replacing(_ keyword: String, with line: String?, in lines: [String] = hdi) -> [String] {
  lines.filter { !$0.hasPrefix(keyword) } + (line.map { [$0] } ?? [])
}

/// What a light needs beside the subject of the test.
private let complete = [
  "EXPTIME = 60.0", "DATE-OBS= '2020-01-19T03:12:44.1'", "GAIN    = 1.5", "RDNOISE = 7.0", "SATURATE= 60000",
]

@Suite struct HeaderDecoderTests {
  @Test func halfDegreeImager() throws {
    let result = try decode(hdi, camera: "hdi", file: "c8867t0145o00.fits", width: 4196, height: 4162)
    let seen = result.observation
    #expect(result.flags.isEmpty)
    #expect(seen.kind == .light && seen.object == "HLTau" && seen.filter == "Ha" && seen.exposure == 300)
    // astropy 8.0.2: Time('2020-01-19T03:15:14.1', scale='utc').jd; a double holds it to 4e-10 d.
    #expect(abs(seen.jdUTC - 2_458_867.6355798612) < 1e-9)
    #expect(seen.gain == Decoded(1.3, from: .profile) && seen.readNoise == Decoded(7.3, from: .profile))
    #expect(seen.saturation?.origin == .estimated && seen.pixelScale?.value == 0.425)
    #expect(seen.trim == PixelRectangle(x: 0, y: 0, width: 4096, height: 4112))
    #expect(seen.overscan == PixelRectangle(x: 4099, y: 0, width: 97, height: 4112))
    #expect(seen.night == "2020-01-18" && seen.binning == "1x1")
    #expect(seen.site?.latitude == 31.9583 && seen.site?.aperture == 0.9)
    #expect(seen.problems.isEmpty)
  }

  @Test func pointingsOfDateArePrecessed() throws {
    let seen = try decode(hdi, camera: "hdi", width: 4096, height: 4112).observation
    // astropy 8.0.2: SkyCoord(..., frame=FK5(equinox=Time(2020.05, format='jyear'))).icrs; FK5 lies within 0.1 arcsec of
    // ICRS, and the precession models within 0.1 arcsec over 20 years.
    #expect(abs(seen.rightAscension - 67.904375187) < 1e-4)
    #expect(abs(seen.declination - 18.233282989) < 1e-4)
    let none = try decode(replacing("RASTRNG", with: "RASTRNG = 'Not available'"), camera: "hdi").observation
    #expect(none.rightAscension.isNaN && none.declination.isNaN)
  }

  @Test(
    arguments: [
      (["RA      = 31.5", "DEC     = -4.25"], 31.5, -4.25),
      (["RA      = '3.15E+01'", "DEC     = -4.25"], 31.5, -4.25),
      (["OBJCTRA = '02 06 00'", "OBJCTDEC= '-04 15 00'"], 31.5, -4.25),
      (["OBJCTRA = '02:06:00'", "OBJCTDEC= '-00:15:00'"], 31.5, -0.25),
      (["OBJCTRA = 'unknown '", "OBJCTDEC= '-00:15:00'", "RA      = -10.0", "DEC     = 5"], 350, 5),
      (["CRVAL1  = 31.5", "CRVAL2  = -4.25", "CTYPE1  = 'RA---TAN'"], 31.5, -4.25),
      (["CRVAL1  = 31.5", "CRVAL2  = -4.25"], nil, nil), (["RA      = 31.5", "DEC     = 95"], nil, nil),
    ] as [([String], Double?, Double?)])
  func pointings(_ lines: [String], _ ra: Double?, _ dec: Double?) throws {
    let seen = try decode(complete + lines).observation
    // Sexagesimal arithmetic rounds in the last bit.
    #expect(ra.map { abs(seen.rightAscension - $0) < 1e-12 } ?? seen.rightAscension.isNaN)
    #expect(dec.map { abs(seen.declination - $0) < 1e-12 } ?? seen.declination.isNaN)
  }

  @Test(arguments: [
    ("'R       '", "R"), ("'ha      '", "Ha"), ("'H-alpha '", "Ha"), ("'6580    '", "Ha"), ("'6620    '", "Ha4"),
    ("'ha4     '", "Ha4"), ("'Ha16    '", "Ha16"), ("'Harris V'", "V"),
  ])
  func spellingsOfFilters(_ text: String, _ name: String) throws {
    let seen = try decode(
      replacing("CMMTOBS", with: "CMMTOBS = \(text)"), camera: "hdi", width: 4096, height: 4112
    ).observation
    #expect(seen.filter == name)
    #expect(seen.problems.isEmpty)
  }

  @Test func aFilterThatNobodyKnowsStandsAsItIs() throws {
    let seen = try decode(replacing("CMMTOBS", with: "CMMTOBS = 'OIII 5  '"), camera: "hdi").observation
    #expect(seen.filter == "OIII 5")
    #expect(seen.problems.contains { $0.contains("CMMTOBS") })
  }

  @Test(arguments: [
    ("c8867t0145o00.fits", Observation.Kind.light), ("c8867t0145b00.fits", .bias), ("c8867t0145f00.fits.fz", .flat),
    ("c8867t0145d00.fits", .dark), ("x.fits", .unknown),
  ])
  func kindByTheLetterOfTheFile(_ file: String, _ kind: Observation.Kind) throws {
    #expect(
      try decode(replacing("OBSTYPE", with: nil), camera: "hdi", file: file, listed: nil).observation.kind == kind)
  }

  @Test(arguments: [
    (["IMAGETYP= 'Light Frame'"], Observation.Kind.light), (["IMAGETYP= 'Bias Frame'"], .bias),
    (["IMAGTYP = 'Dark Frame'", "EXPTIME = 20"], .dark), (["IMAGETYP= 'Flat Field'"], .flat),
    (["IMAGETYP= 'FLAT DARK'", "EXPTIME = 3"], .dark), (["OBSTYPE = 'zero    '"], .bias),
    (["OBSTYPE = 'DARK    '", "EXPTIME = 0"], .bias), (["OBSTYPE = 'OBJECT  '", "OBJECT  = 'sky flat'"], .flat),
    (["OBSTYPE = 'OBJECT  '", "OBJECT  = 'M 67    '"], .light), (["OBJECT  = 'dome flat'"], .flat), ([], .unknown),
  ])
  func kindByTheHeader(_ lines: [String], _ kind: Observation.Kind) throws {
    #expect(try decode(lines, listed: nil).observation.kind == kind)
  }

  @Test func theListDecidesAndTheContradictionIsNamed() throws {
    let seen = try decode(complete + ["IMAGETYP= 'Light Frame'"], listed: .bias).observation
    #expect(seen.kind == .bias)
    #expect(seen.problems.contains { $0.contains("listed as bias") && $0.contains("light") })
    #expect(try decode(complete + ["IMAGETYP= 'Light Frame'"]).observation.problems.isEmpty)
  }

  @Test func theProjectWinsOverTheHeader() throws {
    let seen = try decode(complete) {
      $0.gain = 2
      $0.filter = "V"
      $0.exposure = 90
      $0.clockOffset = 43.2
    }.observation
    #expect(seen.gain == Decoded(2, from: .project))
    #expect(seen.readNoise == Decoded(7, from: .header("RDNOISE")))
    #expect(seen.filter == "V" && seen.exposure == 90)
    // Start 03:12:44.1 with half of 90 s and 43.2 s: 03:14:12.3, by hand.
    #expect(abs(seen.jdUTC - (2_458_867.5 + 11652.3 / 86400)) < 1e-9)
  }

  @Test(arguments: [
    "GAIN    = 0.0", "GAIN    = -1.5", "GAIN    = 1 / DCS GAIN INDEX", "GAIN    = 'high    '", "GAIN    = 120 / 0.1 dB",
    "GAIN    = 139",
  ])
  func badGainsAreNotTaken(_ line: String) throws {
    let seen = try decode(replacing("GAIN", with: line, in: complete)).observation
    #expect(seen.gain == nil)
    #expect(seen.problems.contains { $0.contains("GAIN = ") })
    #expect(seen.problems.contains { $0.contains("input.gain") })
  }

  @Test func aGainThatMayBeASettingIsNoted() throws {
    let seen = try decode(replacing("GAIN", with: "GAIN    = 1", in: complete)).observation
    #expect(seen.gain == Decoded(1, from: .header("GAIN")))
    #expect(seen.problems.contains { $0.contains("may be a setting") })
    let both = try decode(replacing("GAIN", with: "GAIN    = 139", in: complete) + ["EGAIN   = 0.8"]).observation
    #expect(both.gain == Decoded(0.8, from: .header("EGAIN")) && both.problems.isEmpty)
  }

  @Test func whatIsMissingIsNamedWithTheWayOut() throws {
    let seen = try decode(["DATE-OBS= '2020-01-19T03:12:44.1'"]).observation
    for key in ["input.gain", "input.read_noise", "input.saturation", "input.exposure_s"] {
      #expect(seen.problems.contains { $0.contains(key) }, "\(key)")
    }
    #expect(seen.exposure.isNaN && seen.jdUTC.isNaN && seen.night == "")
  }

  @Test func headerAndProfileThatDisagreeAreNamed() throws {
    let project = try TestFolder()
    try project.write("my.toml", "[gain]\nvalue = 1.0\n")
    let profile = try packageCatalog(project: project.folder).camera("my.toml")
    let seen = HeaderDecoder(profile: profile).decode(
      FITSHeader(lines: complete), file: "a.fits", width: 10, height: 10, listed: .light
    ).observation
    #expect(seen.gain == Decoded(1.5, from: .header("GAIN")))
    #expect(seen.problems.contains { $0.hasPrefix("gain: header GAIN says 1.5") })
  }

  @Test(arguments: ["EXPTIME = 0", "EXPTIME = -3.0", "EXPTIME = 'long    '"])
  func lightsNeedAnExposure(_ line: String) throws {
    let lines = replacing("EXPTIME", with: line, in: complete)
    let seen = try decode(lines).observation
    #expect(seen.exposure.isNaN && seen.jdUTC.isNaN)
    #expect(seen.problems.contains { $0.lowercased().contains("exp") })
    let bias = try decode(lines, listed: .bias).observation
    #expect(abs(bias.jdUTC - 2_458_867.63384375) < 1e-9)
  }

  @Test func millisecondsAndContradictionsOfExposure() throws {
    let milli = try decode(replacing("EXPTIME", with: "EXPTIME = 5000 / exposure in ms", in: complete)).observation
    #expect(milli.exposure == 5 && !milli.problems.isEmpty)
    let two = try decode(complete + ["EXPOSURE= 30.0"]).observation
    #expect(two.exposure == 60 && two.problems.contains { $0.contains("EXPOSURE = 30.0") })
  }

  @Test func conflictingTimesSetTheFlag() throws {
    let result = try decode(complete + ["MJD-OBS = 58868.13384375"])
    #expect(result.flags == .timeConflict)
    #expect(result.observation.problems.contains { $0.contains("MJD-OBS") })
  }

  @Test func longitudesPositiveToTheWest() throws {
    let micro = [
      "LATITUDE= 31.68", "LONGITUD= 110.88", "IM_SCALE= 5.21", "EXPTIME = 060.00",
      "DATE-OBS= '2017-12-19T18:33:43.317-0700'",
    ]
    let seen = try decode(micro, camera: "microobservatory").observation
    #expect(seen.site == Site(longitude: -110.88, latitude: 31.68, altitude: 2320, aperture: 0.152))
    #expect(seen.gain == Decoded(53.6, from: .estimated) && seen.saturation?.value == 4095)
    #expect(seen.pixelScale == Decoded(5.21, from: .header("IM_SCALE")))
    #expect(seen.night == "2017-12-19" && seen.problems.isEmpty)
    let other = try decode(micro, camera: "microobservatory", observatory: "kpno") { $0.altitude = 5 }.observation
    #expect(other.site == Site(longitude: -111.6003, latitude: 31.9583, altitude: 5, aperture: 0.152))
  }

  @Test func siteOfAnUnknownCamera() throws {
    #expect(try decode(complete).observation.site == nil)
    let stated = try decode(complete + ["SITELAT = '+37 20 29'", "SITELONG= '-121:38:34'"]).observation.site
    #expect(abs((stated?.longitude ?? .nan) + 121.64278) < 1e-5)
    #expect(try decode(complete + ["SITELAT = 0.0", "SITELONG= 0.0"]).observation.site == nil)
    // Without an altitude scintillation cannot be known, and the aperture is of no use.
    #expect(stated?.altitude == 0 && stated?.aperture.isNaN == true)
  }
}

@Suite struct HeaderGeometryTests {
  private static let whole = PixelRectangle(x: 0, y: 0, width: 100, height: 80)

  @Test(
    arguments: [
      ([], whole, nil),
      (
        ["BIASSEC = '[91:100,1:80]'", "TRIMSEC = '[1:90,1:80]'"], PixelRectangle(x: 0, y: 0, width: 90, height: 80),
        PixelRectangle(x: 90, y: 0, width: 10, height: 80)
      ),
      // Without a trim section the rest is the image, at either side.
      (
        ["BIASSEC = '[1:10,1:80]'"], PixelRectangle(x: 10, y: 0, width: 90, height: 80),
        PixelRectangle(x: 0, y: 0, width: 10, height: 80)
      ),
      (
        ["COVER   = 32", "DATASEC = '[1:68,1:80]'"], PixelRectangle(x: 0, y: 0, width: 68, height: 80),
        PixelRectangle(x: 68, y: 0, width: 32, height: 80)
      ),
      (["DATASEC = '[1:90,1:70]'"], PixelRectangle(x: 0, y: 0, width: 90, height: 70), nil),
    ] as [([String], PixelRectangle, PixelRectangle?)])
  func sections(_ lines: [String], _ trim: PixelRectangle, _ overscan: PixelRectangle?) throws {
    let seen = try decode(complete + lines).observation
    #expect(seen.trim == trim)
    #expect(seen.overscan == overscan)
    #expect(seen.problems.isEmpty)
  }

  @Test(arguments: [
    "TRIMSEC = '[1:101,1:80]'", "BIASSEC = '[101:110,1:80]'", "TRIMSEC = 'all     '", "COVER   = 100",
    "BIASSEC = '[0:10,1:80]'",
  ])
  func sectionsThatDoNotFit(_ line: String) throws {
    let seen = try decode(complete + [line]).observation
    #expect(seen.trim == Self.whole && seen.overscan == nil)
    #expect(!seen.problems.isEmpty)
  }

  @Test func anOverscanWithinTheImageIsNotUsed() throws {
    let seen = try decode(complete + ["BIASSEC = '[91:100,1:80]'", "TRIMSEC = '[1:95,1:80]'"]).observation
    #expect(seen.overscan == nil)
    #expect(seen.problems.contains { $0.contains("overlaps") })
  }

  @Test func theProjectDecides() throws {
    let seen = try decode(complete + ["TRIMSEC = '[1:90,1:80]'"]) {
      $0.trim = "[11:100,1:80]"
      $0.overscan = "[1:10,1:80]"
    }.observation
    #expect(seen.trim.section == "[11:100,1:80]" && seen.overscan?.section == "[1:10,1:80]")
  }

  @Test(arguments: [
    (["XBINNING= 2", "YBINNING= 3"], "2x3"), (["CCDSUM  = '2 2     '"], "2x2"), (["BINNING = '4x4     '"], "4x4"),
    (["CCDBIN1 = 2"], "2x2"), ([], "1x1"), (["XBINNING= 0"], "1x1"),
  ])
  func binning(_ lines: [String], _ expected: String) throws {
    #expect(try decode(complete + lines).observation.binning == expected)
  }
}
