// Which calibration frames serve which lights: one test for each sentence of the rules.
import ElnathCore
import Testing

@testable import ElnathPipeline

/// A file of which only the header is known.
private func file(
  _ name: String, _ kind: Observation.Kind, filter: String = "R", exposure: Double = 60, night: String = "2020-01-18",
  temperature: Double = .nan, _ change: (inout Observation) -> Void = { _ in }
) -> ScannedFile {
  var observation = Observation(file: name, kind: kind, width: 100, height: 80)
  observation.filter = filter
  observation.exposure = kind == .bias ? 0 : exposure
  observation.night = night
  observation.temperature = temperature
  change(&observation)
  return ScannedFile(observation: observation, path: "/nowhere/" + name)
}

/// File names of the masters that serve a light.
private struct Service: Equatable {
  var bias: String?
  var dark: String?
  var scale = 1.0
  var flat: String?
}

private func service(of light: ScannedFile, from files: [ScannedFile], without failed: Set<String> = []) -> Service {
  let plan = CalibrationPlan(files)
  let numbers = Set(plan.groups.indices.filter { failed.contains(plan.groups[$0].fileName) })
  guard let choice = plan.assignment(for: [light], without: numbers).choices[0] else { return Service() }
  func name(_ number: Int?) -> String? { number.map { plan.groups[$0].fileName } }
  return Service(
    bias: name(choice.bias), dark: name(choice.dark), scale: choice.darkScale, flat: name(choice.flat))
}

@Suite struct CalibrationGroupTests {
  private static func names(_ files: [ScannedFile]) -> [String] { CalibrationPlan(files).groups.map(\.fileName) }

  @Test func framesThatAgreeMakeOneGroupWithAPlainName() {
    var files = [file("light", .light)]
    for n in 1...3 {
      let wheel = n == 1 ? "R" : "V"
      files += [file("b\(n)", .bias, filter: wheel), file("d\(n)", .dark, filter: wheel)]
      files.append(file("f\(n)", .flat, exposure: Double(n)))
    }
    let plan = CalibrationPlan(files)
    #expect(plan.groups.map(\.fileName) == ["bias.fits", "dark_60s.fits", "flat_R.fits"])
    #expect(plan.groups.allSatisfy { $0.files.count == 3 })
    #expect(plan.groups[2].files.map(\.observation.file) == ["f1", "f2", "f3"])
  }

  @Test func darksOfOneExposureMayDifferByAHundredth() {
    #expect(
      Self.names([file("a", .dark, exposure: 60), file("b", .dark, exposure: 60.5), file("c", .dark, exposure: 61.5)])
        == ["dark_60s.fits", "dark_61.5s.fits"])
  }

  @Test func biasesAndDarksArePartedByTemperatureFlatsAreNot() {
    let temperatures = [-20.0, -19, -17.5, -10, -9]
    for (kind, names) in [
      (Observation.Kind.bias, ["bias_-19C.fits", "bias_-10C.fits"]),
      (.dark, ["dark_60s_-19C.fits", "dark_60s_-10C.fits"]), (.flat, ["flat_R.fits"]),
    ] {
      #expect(Self.names(temperatures.map { file("\($0)", kind, temperature: $0) }) == names)
    }
  }

  @Test func nightAndSizeStandInNamesOnlyWhereTheyDiffer() {
    let big: (inout Observation) -> Void = { $0.trim = PixelRectangle(x: 0, y: 0, width: 50, height: 40) }
    let nights = [file("a", .bias), file("b", .bias, night: "2020-01-19"), file("c", .bias, night: "")]
    #expect(Self.names(nights) == ["bias_undated.fits", "bias_2020-01-18.fits", "bias_2020-01-19.fits"])
    #expect(Self.names([file("a", .bias), file("b", .bias, big)]) == ["bias_50x40.fits", "bias_100x80.fits"])
    #expect(
      Self.names([file("a", .flat), file("b", .flat, night: "2020-01-19", big)])
        == ["flat_R_2020-01-19_50x40.fits", "flat_R_2020-01-18_100x80.fits"])
    // Binning and mode only where the rest does not tell them apart.
    #expect(
      Self.names([file("a", .bias), file("b", .bias) { $0.binning = "2x2" }]) == ["bias_1x1.fits", "bias_2x2.fits"])
    #expect(
      Self.names([file("a", .bias) { $0.readoutMode = "fast 1" }, file("b", .bias) { $0.readoutMode = "slow" }])
        == ["bias_fast_1.fits", "bias_slow.fits"])
  }

  @Test func namesOfFiltersNeverShareAFileNorLeaveTheFolder() {
    let filters = ["R/V", "R V", "../x", "H\u{3B1}", "", "ha4"]
    let names = Self.names(filters.enumerated().map { file("\($0)", .flat, filter: $1) })
    #expect(Set(names).count == filters.count)
    #expect(names.allSatisfy { $0.allSatisfy { $0.isASCII && $0 != "/" && $0 != " " } })
    #expect(names.contains("flat_none.fits") && names.contains("flat_ha4.fits"))
    #expect(Set(names).isSuperset(of: ["flat_R_V.fits", "flat_R_V_2.fits"]))
  }

  @Test func aDarkWithoutExposureAndARepeatedFrameServeNothingAndAreNamed() {
    var copy = file("copy", .bias)
    copy.flags = .duplicate
    copy.observation.problems = ["same content as b"]
    let plan = CalibrationPlan([file("d", .dark, exposure: .nan), file("zero", .dark, exposure: 0), copy])
    #expect(plan.groups.isEmpty)
    #expect(
      plan.leftOut == [
        "d: dark frame without an exposure time, not used", "zero: dark frame with an exposure of 0 s, not used",
        "copy: same content as b, not used",
      ])
  }
}

@Suite struct CalibrationPlanTests {
  private static let night = "2020-01-18"
  private static let light = file("light", .light, temperature: -20)

  /// One group of a kind for each night given.
  private static func nights(_ kind: Observation.Kind, _ nights: [String], exposure: Double = 60) -> [ScannedFile] {
    nights.map { file("\(kind)-\($0)-\(exposure)", kind, exposure: exposure, night: $0) }
  }

  @Test(
    arguments: [
      { $0.trim = PixelRectangle(x: 0, y: 0, width: 99, height: 80) }, { $0.binning = "2x2" },
      { $0.overscan = PixelRectangle(x: 0, y: 0, width: 4, height: 80) },
      { $0.amplifiers = [Amplifier(area: PixelRectangle(x: 0, y: 0, width: 100, height: 80))] },
    ] as [@Sendable (inout Observation) -> Void])
  func aGroupServesOnlyFramesOfItsReadout(_ change: @Sendable (inout Observation) -> Void) {
    let files = [file("b", .bias, change), file("d", .dark, change), file("f", .flat, change)]
    #expect(service(of: Self.light, from: files) == Service())
    let light = file("light", .light, change)
    #expect(service(of: light, from: files) == Service(bias: "bias.fits", dark: "dark_60s.fits", flat: "flat_R.fits"))
  }

  @Test func anUnknownReadoutModeGoesWithAnyOther() {
    let bias = file("b", .bias) { $0.readoutMode = "fast" }
    #expect(service(of: Self.light, from: [bias]).bias == "bias.fits")
    #expect(service(of: file("l", .light) { $0.readoutMode = "slow" }, from: [bias]).bias == nil)
    #expect(service(of: file("l", .light) { $0.readoutMode = "fast" }, from: [file("b", .bias)]).bias == "bias.fits")
  }

  @Test(arguments: [
    (["2020-01-17", "2020-01-18", "2020-01-19"], "2020-01-18"),
    (["2020-01-16", "2020-01-19"], "2020-01-19"),
    // Of two that are as near the earlier; over the ends of months and years.
    (["2020-01-17", "2020-01-19"], "2020-01-17"),
    (["2019-12-31", "2020-02-10"], "2019-12-31"),
    // Without a time they go with any night, but not before those of the night itself.
    (["", "2020-01-19"], "undated"), (["", "2020-01-18"], "2020-01-18"),
  ])
  func biasAndFlatAreThoseOfTheNearestNight(_ nights: [String], _ expected: String) {
    let files = Self.nights(.bias, nights) + Self.nights(.flat, nights)
    let found = service(of: Self.light, from: files)
    #expect(found.bias == "bias_\(expected).fits" && found.flat == "flat_R_\(expected).fits")
  }

  @Test func ofOneNightTheBiasNearestInTemperatureServes() {
    let files = [-30.0, -22, -10].map { file("\($0)", .bias, temperature: $0) }
    #expect(service(of: Self.light, from: files).bias == "bias_-22C.fits")
  }

  @Test func flatsServeTheirOwnFilterOnly() {
    let files = [file("b", .bias), file("v", .flat, filter: "V"), file("n", .flat, filter: "")]
    #expect(service(of: Self.light, from: files).flat == nil)
    #expect(service(of: file("l", .light, filter: ""), from: files).flat == "flat_none.fits")
  }

  @Test func withoutAZeroLevelNoFlatServesAndNoDarkIsScaled() {
    let files = [file("f", .flat), file("d", .dark, exposure: 120)]
    #expect(service(of: Self.light, from: files) == Service())
    #expect(
      service(of: Self.light, from: files + [file("b", .bias)])
        == Service(bias: "bias.fits", dark: "dark_120s.fits", scale: 0.5, flat: "flat_R.fits"))
    // One of the same exposure takes the zero level with it.
    #expect(service(of: Self.light, from: [file("m", .dark)]).dark == "dark_60s.fits")
    let overscan: (inout Observation) -> Void = { $0.overscan = PixelRectangle(x: 0, y: 0, width: 4, height: 80) }
    #expect(
      service(
        of: file("l", .light, overscan), from: [file("f", .flat, overscan), file("d", .dark, exposure: 120, overscan)])
        == Service(dark: "dark_120s.fits", scale: 0.5, flat: "flat_R.fits"))
  }

  @Test func darksOfMatchedExposureComeBeforeScaledOnesTheLongestFirst() {
    let bias = [file("b", .bias)]
    func dark(_ files: [ScannedFile]) -> [String] {
      let found = service(of: Self.light, from: bias + files)
      return [found.dark ?? "", "\(found.scale)"]
    }
    let own = Self.nights(.dark, [Self.night])
    let other = Self.nights(.dark, ["2020-01-25"])
    let long = Self.nights(.dark, [Self.night], exposure: 300) + Self.nights(.dark, [Self.night], exposure: 20)
    let otherLong = Self.nights(.dark, ["2020-01-19"], exposure: 600)
    #expect(dark(own + other + long) == ["dark_60s_2020-01-18.fits", "1.0"])
    #expect(dark(other + long + otherLong) == ["dark_60s.fits", "1.0"])
    #expect(dark(long + otherLong) == ["dark_300s.fits", "0.2"])
    #expect(dark(otherLong) == ["dark_600s.fits", "0.1"])
    // Within a hundredth an exposure is the same.
    #expect(dark(Self.nights(.dark, [Self.night], exposure: 60.5)) == ["dark_60.5s.fits", "1.0"])
  }

  @Test func aDarkNearInTemperatureComesBeforeAllOthers() {
    let files = [
      file("b", .bias), file("warm", .dark, temperature: -10), file("cold", .dark, exposure: 20, temperature: -21.5),
    ]
    #expect(service(of: Self.light, from: files).dark == "dark_20s.fits")
    #expect(service(of: file("l", .light, temperature: -11), from: files).dark == "dark_60s.fits")
    // Unknown temperatures count as near.
    #expect(service(of: file("l", .light), from: files).dark == "dark_60s.fits")
  }

  @Test func flatsTakeDarksOfTheirOwnExposures() {
    let plan = CalibrationPlan([
      file("b", .bias), file("d5", .dark, exposure: 5), file("d60", .dark), file("f5", .flat, exposure: 5),
      file("f9", .flat, exposure: 9),
    ])
    let assignment = plan.assignment(for: [Self.light])
    let flat = plan.groups.firstIndex { $0.kind == .flat }
    let darks = flat.flatMap { assignment.preparations[$0]?.darks }?.mapValues { dark in
      "\(plan.groups[dark.group].fileName) x \(dark.scale)"
    }
    #expect(darks == [5: "dark_5s.fits x 1.0", 9: "dark_60s.fits x 0.15"])
    // In the order in which they can be made, each with its bias.
    #expect(
      assignment.needed.map { plan.groups[$0].fileName }
        == ["bias.fits", "dark_5s.fits", "dark_60s.fits", "flat_R.fits"])
    #expect(assignment.needed.dropFirst().allSatisfy { assignment.preparations[$0]?.bias == 0 })
  }

  @Test func aBorrowedFlatLosesTheBiasOfItsOwnNight() {
    let nights = [Self.night, "2020-01-20"]
    let plan = CalibrationPlan(Self.nights(.bias, nights) + Self.nights(.flat, ["2020-01-20"]))
    let assignment = plan.assignment(for: [Self.light])
    let used = assignment.needed.map { plan.groups[$0].fileName }
    #expect(used == ["bias_2020-01-18.fits", "bias_2020-01-20.fits", "flat_R.fits"])
    #expect(assignment.preparations[2]?.bias == 1)
  }

  @Test func aGroupWithoutAMasterIsPassedOver() {
    let nights = [Self.night, "2020-01-20", "2020-01-30"]
    let files = Self.nights(.bias, nights) + Self.nights(.flat, nights)
    let found = service(
      of: Self.light, from: files,
      without: ["flat_R_2020-01-18.fits", "flat_R_2020-01-20.fits", "bias_2020-01-18.fits"])
    #expect(found.flat == "flat_R_2020-01-30.fits" && found.bias == "bias_2020-01-20.fits")
    let all = Set(nights.flatMap { ["bias_\($0).fits"] })
    #expect(service(of: Self.light, from: files, without: all) == Service())
  }

  @Test func kindsThatTheSettingsLeaveAsideDoNotServe() {
    var settings = ReduceSettings()
    settings.flat = false
    let plan = CalibrationPlan([file("b", .bias), file("f", .flat)], settings: settings)
    #expect(plan.groups.map(\.kind) == [.bias])
  }
}

@Suite struct CalibrationRemarksTests {
  private static func remarks(_ files: [ScannedFile]) -> CalibrationRemarks {
    let lights = files.filter { $0.observation.kind == .light }
    let plan = CalibrationPlan(files)
    return CalibrationRemarks(plan, plan.assignment(for: lights), lights: lights)
  }

  private static let lights = (1...5).map { file("l\($0)", .light) }

  @Test func whatIsMissingIsSaidOnce() {
    #expect(
      Self.remarks(Self.lights).warnings == [
        "no bias frames: the bias pattern is not subtracted", "no dark frames: dark current is not subtracted",
        "no flat frames for filter R: the response of the pixels is not corrected",
      ])
    let mixed = Self.remarks(
      Self.lights + [file("v", .light, filter: "V"), file("b", .bias), file("d", .dark), file("f", .flat)])
    #expect(
      mixed.warnings == ["no flat frames for filter V (1 light): the response of the pixels is not corrected"])
  }

  @Test func whatIsBorrowedScaledOrUnlikeIsSaidOnceForAGroup() {
    let warm = (6...8).map { file("l\($0)", .light, temperature: -17.0 + Double($0) / 10) }
    let remarks = Self.remarks(
      Self.lights + warm + [
        file("b", .bias), file("d", .dark, exposure: 120, temperature: -20), file("f", .flat, night: "2020-01-16"),
      ])
    #expect(
      remarks.warnings == [
        "flat_R for the night of 2020-01-18: borrowed from the night of 2020-01-16 (8 lights)",
        "dark_120s at -20.0 C for 3 lights at -16.4 C to -16.2 C",
      ])
    #expect(
      remarks.notes == [
        "dark_120s scaled by 0.5 for 60 s (8 lights)",
        "bias, of the night of 2020-01-18, goes into flat_R, of the night of 2020-01-16",
        "dark_120s, of the night of 2020-01-18, goes into flat_R, of the night of 2020-01-16",
      ])
  }

  @Test func calibrationFramesThatServeNothingAreNamed() {
    let remarks = Self.remarks(
      Self.lights + [
        file("b", .bias), file("d", .dark), file("f", .flat), file("v1", .flat, filter: "V"),
        file("v2", .flat, filter: "V"), file("small", .bias) { $0.binning = "2x2" },
      ])
    #expect(remarks.warnings.isEmpty)
    #expect(
      remarks.notes == [
        "bias frames of the night of 2020-01-18 (1 bias frame, first small) serve no light frame: they have "
          + "100x80 px, binning 2x2, the lights 100x80 px",
        "flat frames of V of the night of 2020-01-18 (2 flat frames, first v1) serve no light frame",
      ])
  }
}
