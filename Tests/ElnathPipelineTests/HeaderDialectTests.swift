import ElnathCore
import Testing

@testable import ElnathFITS
@testable import ElnathPipeline

private func decode(
  _ lines: [String], camera: String = "generic", file: String = "a.fits", width: Int = 100, height: Int = 80,
  listed: Observation.Kind? = nil, _ change: (inout InputSettings) -> Void = { _ in }
) throws -> Observation {
  var project = InputSettings()
  change(&project)
  let catalog = packageCatalog()
  let profile = try catalog.camera(camera)
  return HeaderDecoder(
    profile: profile, project: project, home: try profile.observatory.map { try catalog.observatory($0) }
  ).decode(FITSHeader(lines: lines), file: file, width: width, height: height, listed: listed).observation
}

/// Headers as common programs write them (values invented), read by the generic profile.
@Suite struct HeaderDialectTests {
  /// 2024-03-02T21:10:40 UTC: JD 2460371.5 and 76240 s, by hand.
  private static let start = 2_460_371.5 + 76240.0 / 86400
  /// A Julian date in one double holds 4e-5 s.
  private static let tolerance = 1e-9

  @Test func nina() throws {
    let seen = try decode([
      "IMAGETYP= 'LIGHT   '", "EXPOSURE= 60.0", "EXPTIME = 60.0", "DATE-LOC= '2024-03-02T22:10:40.000'",
      "DATE-OBS= '2024-03-02T21:10:40.000'", "DATE-AVG= '2024-03-02T21:11:10.000'", "XBINNING= 2", "YBINNING= 2",
      "GAIN    = 100", "OFFSET  = 50", "EGAIN   = 0.2469", "XPIXSZ  = 7.52", "INSTRUME= 'ZWO ASI294MM Pro'",
      "SET-TEMP= -10.0", "CCD-TEMP= -9.8", "READOUTM= 'Default '", "FILTER  = 'Ha      '", "OBJECT  = 'M 67    '",
      "OBJCTRA = '08 51 18'", "OBJCTDEC= '+11 48 00'", "RA      = 132.825", "DEC     = 11.8", "FOCALLEN= 800.0",
      "SITEELEV= 320.0", "SITELAT = 48.2", "SITELONG= 16.35", "SWCREATE= 'N.I.N.A. 3.1.2.9001 (x64)'",
    ])
    #expect(seen.kind == .light && seen.filter == "Ha" && seen.exposure == 60 && seen.binning == "2x2")
    #expect(abs(seen.jdUTC - Self.start - 30.0 / 86400) < Self.tolerance)
    #expect(seen.gain == Decoded(0.2469, from: .header("EGAIN")))
    #expect(seen.readoutMode == "Default, GAIN 100, OFFSET 50" && seen.temperature == -9.8)
    #expect(seen.site?.longitude == 16.35 && seen.site?.altitude == 320)
    #expect(abs(seen.rightAscension - 132.825) < 1e-9 && abs(seen.declination - 11.8) < 1e-9)
    // 206.264806 x 7.52 um / 800 mm.
    #expect(abs((seen.pixelScale?.value ?? .nan) - 1.938889) < 1e-6)
    #expect(seen.sources.contains(.init("jd_utc", from: .header("DATE-AVG"))))
    #expect(!seen.problems.contains { $0.contains("GAIN = ") })
  }

  /// The number of a setting is no gain, however small it is.
  @Test(arguments: ["100", "5", "0", "1"], ["N.I.N.A. 3.1", "SharpCap v4.1.11817.0, 64 bit", "ZWO ASIAIR Plus"])
  func gainsOfSettingsAreNotTaken(_ gain: String, _ program: String) throws {
    let seen = try decode(
      [
        "IMAGETYP= 'Light   '", "EXPTIME = 60", "DATE-OBS= '2024-03-02T21:10:40'", "GAIN    = \(gain)",
        "SWCREATE= '\(program)'",
      ],
      listed: .light)
    #expect(seen.gain == nil)
    #expect(seen.problems.contains { $0.contains("GAIN = ") } && seen.problems.contains { $0.contains("input.gain") })
    #expect(seen.readoutMode == "GAIN \(gain)")
  }

  @Test func maximDL() throws {
    let seen = try decode([
      "DATE-OBS= '2024-03-02T21:10:40.000' / [ISO 8601] UTC date/time of exposure start", "EXPTIME = 120.0",
      "EXPOSURE= 120.0", "SET-TEMP= -20.0", "CCD-TEMP= -19.9", "XBINNING= 1", "YBINNING= 1", "IMAGETYP= 'Light Frame'",
      "FILTER  = 'R       '", "OBJECT  = 'WASP-12 '", "OBJCTRA = '06 30 33'", "OBJCTDEC= '+29 40 20'",
      "SITELAT = '+31 57 30'", "SITELONG= '-111 36 00'",
      "JD      = 2460372.38240741 / Julian Date at start of exposure",
      "JD-HELIO= 2460372.38533", "EGAIN   = 1.41", "READOUTM= 'Raw     '", "SWCREATE= 'MaxIm DL Version 6.30'",
    ])
    #expect(seen.kind == .light && seen.filter == "R")
    #expect(abs(seen.jdUTC - Self.start - 60.0 / 86400) < Self.tolerance)
    #expect(seen.gain?.value == 1.41 && seen.readoutMode == "Raw")
    #expect(abs((seen.site?.longitude ?? .nan) + 111.6) < 1e-9)
    #expect(!seen.problems.contains { $0.contains("JD") })
  }

  /// TheSky counts SITELONG positive to the west; OBSGEO-L is positive to the east by the standard.
  @Test func theSky() throws {
    let lines = [
      "EXPTIME = 120.0", "SWCREATE= 'TheSkyX Version 10.5.0 Build 13200'", "IMAGETYP= 'Light Frame'",
      "SITELAT = '+38 26 18.00'", "SITELONG= '+122 30 31.00'", "OBJCTRA = '14 45 19.847'", "OBJCTDEC= '+38 15 59.60'",
      "DATE-OBS= '2024-03-02T21:10:40.000'", "LOCALTIM= '3/2/2024 01:10:40.000 PM STD'",
    ]
    for header in [lines, lines + ["OBSGEO-B= 38.4383333333", "OBSGEO-L= -122.5086111111", "OBSGEO-H= 389."]] {
      let seen = try decode(header)
      #expect(abs((seen.site?.longitude ?? .nan) + 122.508611) < 1e-6)
      #expect(abs(seen.jdUTC - Self.start - 60.0 / 86400) < Self.tolerance)
    }
    let local = try decode(lines.filter { !$0.hasPrefix("DATE-OBS") })
    #expect(local.jdUTC.isNaN && local.problems.contains { $0.contains("LOCALTIM") && $0.contains("no time in UTC") })
  }

  @Test func sharpCapAndSiril() throws {
    let seen = try decode([
      "EXPTIME = 30", "DATE-OBS= '2024-03-02T21:10:40.0000000'", "DATE-END= '2024-03-02T21:11:10.0000000'",
      "JD_UTC  = 2460372.38258102", "GAIN    = 252", "BLKLEVEL= 20", "IMAGETYP= 'Light   '",
      "SWCREATE= 'SharpCap v4.1.11817.0, 64 bit'", "CVF     = 0.34 / [e-/ADU] Electrons per A/D unit",
    ])
    #expect(abs(seen.jdUTC - Self.start - 15.0 / 86400) < 1e-8)
    #expect(seen.gain == Decoded(0.34, from: .header("CVF")) && seen.kind == .light)
  }

  @Test func astroImageJ() throws {
    let seen = try decode([
      "EXPTIME = 30", "DATE-OBS= '2024-03-02T21:10:40'", "JD_SOBS = 2460372.38240741", "JD_UTC  = 2460372.38258102",
      "HJD_UTC = 2460372.38551", "BJD_TDB = 2460372.38632", "RDNOISE = 4.1", "GAIN    = 1.3", "IMAGETYP= 'object  '",
    ])
    // JD_UTC is given to 1e-8 d.
    #expect(abs(seen.jdUTC - Self.start - 15.0 / 86400) < 1e-8)
    #expect(seen.gain?.value == 1.3 && seen.readNoise?.value == 4.1)
  }

  @Test(
    arguments: [
      ("'LIGHT   '", .light), ("'Light   '", .light), ("'light frame'", .light), ("'FLAT    '", .flat),
      ("'Flat Frame'", .flat), ("'flatfield'", .flat), ("'SKYFLAT '", .flat), ("'DARKFLAT'", .dark),
      ("'Dark Flat'", .dark), ("'BIAS    '", .bias), ("'Master Bias'", .bias), ("'OFFSET  '", .bias),
      ("'masterDark'", .dark), ("'zero    '", .bias), ("'Tricolor Image'", .light), ("'focus   '", .unknown),
    ] as [(String, Observation.Kind)])
  func kinds(_ text: String, _ kind: Observation.Kind) throws {
    #expect(try decode(["IMAGETYP= \(text)", "EXPTIME = 3"]).kind == kind)
  }

  @Test func aKeywordWithoutAKnownKindLeavesItToTheNext() throws {
    #expect(try decode(["IMAGETYP= 'raw     '", "OBSTYPE = 'flat    '"]).kind == .flat)
  }

  @Test func filtersOfSeveralWheels() throws {
    #expect(try decode(["FILTER1 = 'Open    '", "FILTER2 = 'V       '"]).filter == "V")
    #expect(try decode(["FILTER1 = 'ND2     '", "FILTER2 = 'V       '"]).filter == "ND2+V")
    #expect(try decode(["FILTER1 = 'Clear   '", "FILTER2 = 'open    '"]).filter == "Clear")
    #expect(try decode(["FILTER1 = 'ND2     '", "FILTER  = 'R       '"]).filter == "R")
  }

  @Test func datesThatAreNotInUTCAreNamedWhenThereIsNoOther() throws {
    for line in ["DATE-LOC= '2024-03-02T22:10:40'", "HJD     = 2460372.3855", "BJD_TDB = 2460372.3863"] {
      let seen = try decode(["EXPTIME = 30", line], listed: .light)
      #expect(seen.jdUTC.isNaN && seen.problems.contains { $0.contains("no time in UTC") })
      #expect(seen.problems.contains { $0.contains("no keyword gives the time") })
    }
  }

  @Test(
    arguments: [
      ("DATE-OBS= '2024-03-01T24:00:00'", 2_460_371.5, "next day"),
      ("DATE-OBS= '2024-03-02T21:10:60'", 2_460_371.5 + 76260.0 / 86400, "next full minute"),
      ("DATE-OBS= '2024-03-02T21:10:40' / local time at start", 2_460_371.5 + 76240.0 / 86400, "clock_zone_h"),
    ] as [(String, Double, String)])
  func oddTimesAreReadAndNoted(_ line: String, _ julianDate: Double, _ word: String) throws {
    let seen = try decode([line, "EXPTIME = 30"], listed: .light)
    #expect(abs(seen.jdUTC - julianDate - 15.0 / 86400) < Self.tolerance)
    #expect(seen.problems.contains { $0.contains(word) })
  }

  @Test func blanksAroundTheLetterT() throws {
    for text in ["2024-03-02 T21:10:40", "2024-03-02T 21:10:40", "2024-03-02 T 21:10:40", "2024-03-02 21:10:40"] {
      let seen = try decode(["DATE-OBS= '\(text)'", "EXPTIME = 30"], listed: .light)
      #expect(abs(seen.jdUTC - Self.start - 15.0 / 86400) < Self.tolerance)
    }
  }

  @Test func theZoneOfTheProjectServesClocksThatDoNotSay() throws {
    let seen = try decode(["DATE-OBS= '2024-03-02T14:10:40'", "EXPTIME = 30"], listed: .light) { $0.clockZone = -7 }
    #expect(abs(seen.jdUTC - Self.start - 15.0 / 86400) < Self.tolerance)
  }

  @Test(
    arguments: [
      // astropy 8.0.2, as in the tests of CelestialFrame; the last two are J2000.
      (["EQUINOX = 1950.0"], 67.924971, 18.206223), (["EPOCH   = 'B1950   '"], 67.924971, 18.206223),
      (["RADECSYS= 'FK4     '"], 67.924971, 18.206223), (["RADESYS = 'ICRS    '", "EQUINOX = 1950.0"], 67.2, 18.1),
      (["EQUINOX = 'J2000.0 '"], 67.2, 18.1), (["EQUINOX = 2000", "EPOCH   = 0"], 67.2, 18.1),
    ] as [([String], Double, Double)])
  func equinoxes(_ lines: [String], _ ra: Double, _ dec: Double) throws {
    let seen = try decode(
      lines + ["RA      = 67.2", "DEC     = 18.1", "EXPTIME = 0", "DATE-OBS= '2020-01-19T03:12:44.1'"], listed: .bias)
    // 0.1 arcsec, by which the frames are realised differently.
    #expect(abs(seen.rightAscension - ra) < 3e-5 && abs(seen.declination - dec) < 3e-5)
    #expect(!seen.problems.contains { $0.contains("equinox") })
  }

  @Test func positionsOfDate() throws {
    let lines = [
      "RA      = '04:32:46.9'", "DEC     = '+18:16:30'", "EXPTIME = 60", "DATE-OBS= '2020-01-19T03:12:44.1'",
    ]
    let now = try decode(lines + ["EQUINOX = 'JNow    '"])
    // As for EQUINOX = 2020.05 in the tests of the decoder: astropy 8.0.2; 0.3 arcsec for 0.002 years and the models.
    #expect(abs(now.rightAscension - 67.904375187) < 1e-4 && abs(now.declination - 18.233282989) < 1e-4)
    let odd = try decode(lines + ["EPOCH   = 0.0"])
    #expect(odd.problems.contains { $0.contains("EPOCH = '0.0' is not an equinox") })
  }

  @Test(
    arguments: [
      (["SITELAT = '31.95 N '", "SITELONG= '111.6 W '"], 31.95, -111.6),
      (["LATITUDE= '33 15 S '", "LONGITUD= '70 30 W '"], -33.25, -70.5),
      (["SITELAT = '+31:57:30'", "SITELONG= '248 24 00'"], 31.9583333333, -111.6),
    ] as [([String], Double, Double)])
  func places(_ lines: [String], _ latitude: Double, _ longitude: Double) throws {
    let seen = try decode(lines).site
    #expect(abs((seen?.latitude ?? .nan) - latitude) < 1e-9 && abs((seen?.longitude ?? .nan) - longitude) < 1e-9)
  }

  @Test func aPlaceIsComparedWithTheKnownOne() throws {
    let lines = ["UT-OBS  = '2018-03-05T03:10:30.250-0000'", "EXPTIME = 60", "LATITUDE= 31.68"]
    let turned = try decode(lines + ["LONGITUD= -110.88"], camera: "microobservatory")
    // The profile counts to the west, so -110.88 would lie in China.
    #expect(turned.site?.longitude == -110.88 && turned.problems.contains { $0.contains("LONGITUD") })
    #expect(turned.sources.contains(.init("longitude_deg", from: .header("LONGITUD"))))
    let other = try decode(lines + ["LONGITUD= 70.5"], camera: "microobservatory")
    #expect(other.site?.longitude == -70.5 && other.problems.contains { $0.contains("is not that of") })
    let home = try decode(lines, camera: "microobservatory")
    #expect(home.site?.longitude == -110.8775 && home.problems.isEmpty)
  }

  @Test(
    arguments: [
      ("CCD-TEMP= -20.1", -20.1), ("CCD-TEMP= '-20.1 C '", -20.1), ("CCD-TEMP= '253.05 K'", -20.1),
      ("SET-TEMP= -25", -25),
      ("CCD-TEMP= -999", .nan), ("CCD-TEMP= 'cold    '", .nan),
    ] as [(String, Double)])
  func temperatures(_ line: String, _ celsius: Double) throws {
    let seen = try decode([line])
    #expect(celsius.isNaN ? seen.temperature.isNaN : abs(seen.temperature - celsius) < 1e-9)
    #expect(celsius.isNaN == seen.problems.contains { $0.hasPrefix("CCD-TEMP") })
  }
}
