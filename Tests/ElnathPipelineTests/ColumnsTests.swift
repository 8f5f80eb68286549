import ElnathCore
import Testing

@testable import ElnathPipeline

/// Random rows of every table: with missing values, flags, quotes, separators and letters beyond ASCII.
private struct RowMaker {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func chance(_ p: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < p }
  mutating func count(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  mutating func real(_ scale: Double = 1000) -> Double {
    if chance(0.15) { return .nan }
    let value = Double.random(in: -scale...scale, using: &generator)
    // Tables keep no sign of zero.
    return chance(0.3) ? value.rounded() + 0 : value
  }

  mutating func time() -> Double { chance(0.1) ? .nan : Double.random(in: 2_450_000...2_460_000, using: &generator) }

  mutating func text() -> String {
    let parts = ["HH 30", "\"", ",", "H\u{3B1}", "=x", "; ", "\u{2605}", "#", " ", "a|b", "\u{7}", "\n", "-5", ""]
    return (0..<count(0...3)).map { _ in parts[count(0...(parts.count - 1))] }.joined()
  }

  mutating func flags(_ allowed: QualityFlags) -> QualityFlags {
    QualityFlags.definitions.reduce(into: QualityFlags()) { flags, definition in
      if allowed.contains(definition.flag) && chance(0.1) { flags.insert(definition.flag) }
    }
  }

  mutating func decoded() -> Decoded<Double>? {
    let origins: [Decoded<Double>.Origin] = [.header("GAIN"), .header("HIERARCH X"), .profile, .estimated, .project]
    return chance(0.2) ? nil : Decoded(Double(count(1...99)) / 7, from: origins[count(0...4)])
  }

  mutating func observation() -> Observation {
    let kinds = Observation.Kind.allCases
    var row = Observation(
      file: text() + "x.fits", kind: kinds[count(0...(kinds.count - 1))], width: count(1...4096),
      height: count(1...4096))
    row.object = text()
    row.filter = text()
    row.exposure = real()
    row.jdUTC = time()
    row.gain = decoded()
    row.readNoise = decoded()
    row.saturation = decoded()
    row.pedestal = decoded()
    row.pixelScale = decoded()
    if chance(0.5) { row.site = Site(longitude: -111.6, latitude: 32, altitude: real(), aperture: real()) }
    row.trim = PixelRectangle(x: count(0...9), y: count(0...9), width: count(1...99), height: count(1...99))
    row.overscan = chance(0.5) ? nil : PixelRectangle(x: count(0...9), y: 0, width: 32, height: count(1...99))
    row.binning = "2x2"
    row.night = "2017-12-19"
    row.rightAscension = real(180)
    row.declination = real(90)
    row.problems = (0..<count(0...3)).map { "problem \($0), of many" }
    return row
  }

  mutating func frame(_ number: Int) -> FrameSummary {
    var row = FrameSummary(
      frame: number, file: text() + "x.fits", filter: text(), night: "2017-12-19", jdUTC: time(), exposure: real())
    row.airmass = real(3)
    row.segment = count(1...3)
    row.status = FrameSummary.Status.allCases[count(0...3)]
    if chance(0.8) {
      row.registration = Registration(
        transform: SimilarityTransform(
          a: Double.random(in: -1...1, using: &generator),
          b: chance(0.2) ? -0.0 : Double.random(in: -1...1, using: &generator),
          tx: Double.random(in: -99...99, using: &generator), ty: Double(count(-9...9)), mirrored: chance(0.2)),
        method: Registration.Method.allCases[count(0...5)], matched: count(0...500), residual: real(1))
      if chance(0.5) {
        let terms = [3, 6, 10][count(0...2)]
        let numbers = (0..<(2 + 2 * terms)).map { _ in Double.random(in: -9...9, using: &generator) }
        row.registration?.transform = FrameTransform(numbers: numbers, mirrored: false) ?? .identity
      }
      row.registration?.centreError = real(0.1)
      row.registration?.cornerError = real(0.1)
      row.registration?.disagreement = chance(0.5) ? nil : Double.random(in: 0...9, using: &generator)
    }
    row.shiftX = real()
    row.shiftY = real()
    row.fwhm = real(9)
    row.elongation = real(2)
    row.sky = real()
    row.detections = count(0...900)
    row.transparency = real(1)
    row.detectedTransparency = real(1)
    row.zeroPoint = real(25)
    row.zeroPointError = real(0.1)
    row.comparisons = chance(0.3) ? nil : count(0...20)
    row.comparisonRMS = real(0.1)
    row.sunAltitude = real(90)
    row.moonAltitude = real(90)
    row.moonSeparation = real(180)
    row.flags = flags(.frame)
    row.reason = text()
    return row
  }

  mutating func star(_ number: Int) -> Star {
    Star(
      name: "S\(number) H\u{3B1}, \"x\"", role: Star.Role.allCases[count(0...4)], rightAscension: real(180),
      declination: real(90), position: point(), magnitude: real(20), band: text(), colour: real(2),
      extended: chance(0.2),
      detected: chance(0.5))
  }

  mutating func point() -> PixelPoint { PixelPoint(x: real(2000), y: real(2)) }

  mutating func measurements(_ frame: Int, stars: Int, radii: Int) -> FrameMeasurements {
    var rows: [StarMeasurement] = []
    var apertures: [ApertureMeasurement] = []
    for _ in 0..<stars {
      var star = StarMeasurement(position: point(), forced: point(), centroid: CentroidMode.allCases[count(0...2)])
      star.positionError = abs(real())
      star.sky = real()
      star.skySigma = real()
      star.skyCount = count(0...2000)
      star.peakADU = real(65535)
      star.fwhm = real(9)
      star.flags = flags(.star)
      rows.append(star)
      for radius in 0..<radii {
        var row = ApertureMeasurement(radius: 1.5 + 0.3 * Double(radius))
        row.flux = real(1e6)
        row.area = real(99)
        row.contamination = real(1)
        row.budget.source = abs(real(1e6))
        row.budget.sky = abs(real(1e3))
        row.budget.readNoise = abs(real(1e3))
        row.budget.dark = abs(real(10))
        row.budget.digitisation = abs(real(10))
        row.budget.flat = abs(real(10))
        row.budget.skyEstimate = abs(real(10))
        row.budget.scintillation = abs(real(10))
        row.budget.position = abs(real(10))
        row.flags = star.flags.union(flags(.star))
        apertures.append(row)
      }
    }
    return FrameMeasurements(frame: frame, stars: rows, apertures: apertures)
  }

  mutating func verdict() -> ComparisonVerdict {
    var row = ComparisonVerdict(star: "S1", filter: text())
    row.used = chance(0.5)
    row.weight = real(1)
    row.magnitude = real(20)
    row.colour = real(2)
    row.distanceArcmin = real(20)
    row.scatter = real(1)
    row.expected = real(1)
    row.chi2PerDof = real(9)
    row.influence = real(9)
    row.reason = text()
    return row
  }

  mutating func variability() -> StarVariability {
    var row = StarVariability(star: "S1", filter: text())
    row.count = count(0...99)
    row.magnitude = real(20)
    row.rms = real(1)
    row.expected = real(1)
    row.chi2PerDof = real(9)
    row.stetsonJ = real(9)
    row.vonNeumann = real(2)
    row.excess = real(1)
    row.medianError = real(1)
    row.aperture = count(0...9)
    row.radius = real(9)
    return row
  }

  mutating func lightCurvePoint(_ number: Int) -> LightCurvePoint {
    var row = LightCurvePoint(frame: frame(number))
    row.hjdUTC = time()
    row.bjdTDB = time()
    row.airmass = real(3)
    row.position = point()
    row.fwhm = real(9)
    row.sky = real()
    row.aperture = chance(0.2) ? "" : "a\(count(1...10))"
    row.radius = real(9)
    row.peakADU = real(65535)
    row.flux = real(1e6)
    row.fluxError = real(1e3)
    row.relativeFlux = real(1)
    row.relativeFluxError = real(1)
    row.relativeFluxErrorScaled = real(1)
    row.deltaMagnitude = real(1)
    row.deltaMagnitudeError = real(1)
    row.deltaMagnitudeErrorScaled = real(1)
    row.magnitude = real(20)
    row.magnitudeError = real(1)
    row.limitMagnitude = real(20)
    row.checkMagnitude = real(1)
    row.checkMagnitudeError = real(1)
    row.ensembleVariance = real(1)
    row.flags = flags([.star, .frame])
    row.used = chance(0.5)
    row.reason = text()
    return row
  }
}

@Suite struct ColumnsTests {
  /// The promised columns stand first, in this order; more may follow.
  @Test(arguments: [
    (
      "observations", ObservationColumns.all.map(\.name),
      "file kind object filter exposure_s jd_utc gain read_noise width height trim_x trim_y binning night problems"
    ),
    (
      "frames", FrameColumns.all.map(\.name),
      """
      frame file filter night jd_utc exposure_s airmass segment status method dx_px dy_px rotation_deg scale mirrored \
      transform matched residual_px fwhm_px elongation sky_e_px detections transparency zero_point zero_point_err \
      comparisons comparison_rms_mag sun_alt_deg moon_alt_deg moon_sep_deg flags flag_names reason
      """
    ),
    ("stars", StarColumns.all.map(\.name), "star role ra_deg dec_deg x_px y_px mag band"),
    (
      "comparisons", ComparisonColumns.all.map(\.name),
      """
      star filter used weight mag colour distance_arcmin scatter_mag expected_mag chi2_dof influence_mmag reason
      """
    ),
    (
      "variability", VariabilityColumns.all.map(\.name),
      "star filter n mag rms_mag expected_mag chi2_dof stetson_j von_neumann excess_mag"
    ),
    (
      "binned", BinnedColumns.all.map(\.name).filter { $0 != "filter" && $0 != "night" },
      "n_frames span jd_utc bjd_tdb rel_flux rel_flux_err delta_mag delta_mag_err"
    ),
    (
      "photometry", PhotometryColumns.all.map(\.name),
      """
      frame star aperture radius_px x_px y_px x_forced_px y_forced_px centroid flux_e flux_err_e sky_e_px sky_sigma \
      sky_n area_px peak_adu fwhm_px contamination var_source var_sky var_read_noise var_dark var_digitisation var_flat \
      var_sky_estimate var_scintillation flags flag_names
      """
    ),
    (
      "lightcurve", LightCurveColumns.all.map(\.name),
      """
      frame file jd_utc hjd_utc bjd_tdb filter night segment exposure_s airmass x_px y_px fwhm_px elongation sky_e_px \
      transparency aperture radius_px peak_adu flux_e flux_err_e rel_flux rel_flux_err rel_flux_err_scaled delta_mag \
      delta_mag_err delta_mag_err_scaled mag mag_err limit_mag zero_point zero_point_err comparisons check_mag \
      check_mag_err var_ensemble flags flag_names used reason
      """
    ),
  ])
  func promisedColumnsStandFirst(table: String, names: [String], promised: String) {
    let wanted = promised.split(separator: " ").map(String.init)
    #expect(Array(names.prefix(wanted.count)) == wanted)
    #expect(Set(names).count == names.count)
  }

  /// Writing, reading and writing again gives the same bytes, and what was read is `asWritten`.
  private func check<Row: Equatable>(
    _ rows: [Row], _ asWritten: [Row], _ write: ([Row]) -> [UInt8], _ read: (CSVReader) throws(PipelineError) -> [Row]
  ) throws {
    let bytes = write(rows)
    let back = try read(CSVReader(bytes, file: "t.csv"))
    let again = write(back) == bytes
    #expect(again)
    let direct = write(asWritten) == bytes
    #expect(direct)
    #expect(back.count == asWritten.count)
    // NaN equals nothing, not even itself; the description of a row tells all.
    let differing = zip(back, asWritten).first { "\($0)" != "\($1)" }
    #expect(differing == nil)
    #expect(!bytes.contains(UInt8(ascii: "\r")))
    #expect(String(validating: bytes, as: UTF8.self) != nil)
  }

  @Test func observationsReadBack() throws {
    var maker = RowMaker(seed: 1)
    let rows = (0..<300).map { _ in maker.observation() }
    try check(
      rows, rows.map(\.asWritten), { CSVFormat.bytes(of: $0, columns: ObservationColumns.all) },
      TableReader.observations)
  }

  @Test func framesReadBack() throws {
    var maker = RowMaker(seed: 2)
    let rows = (1...300).map { maker.frame($0) }
    try check(
      rows, rows.map(\.asWritten), { CSVFormat.bytes(of: $0, columns: FrameColumns.all) }, TableReader.frames)
  }

  @Test func starsReadBack() throws {
    var maker = RowMaker(seed: 3)
    let rows = (1...300).map { maker.star($0) }
    try check(rows, rows.map(\.asWritten), { CSVFormat.bytes(of: $0, columns: StarColumns.all) }, TableReader.stars)
  }

  @Test func comparisonsReadBack() throws {
    var maker = RowMaker(seed: 4)
    let rows = (1...300).map { _ in maker.verdict() }
    try check(
      rows, rows.map(\.asWritten), { CSVFormat.bytes(of: $0, columns: ComparisonColumns.all) }, TableReader.comparisons)
  }

  @Test func variabilityReadsBack() throws {
    var maker = RowMaker(seed: 9)
    let rows = (1...60).map { _ in maker.variability() }
    let asWritten = rows.map { row in
      var written = row
      written.filter = CSVText.cleaned(row.filter)
      return written
    }
    try check(
      rows, asWritten, { CSVFormat.bytes(of: $0, columns: VariabilityColumns.all) }, TableReader.variability)
  }

  @Test func lightCurvesReadBack() throws {
    var maker = RowMaker(seed: 5)
    let rows = (1...300).map { maker.lightCurvePoint($0) }
    let frames = rows.map(\.frame.asWritten)
    try check(
      rows, rows.map(\.asWritten), { CSVFormat.bytes(of: $0, columns: LightCurveColumns.all) },
      { reader throws(PipelineError) in try TableReader.lightCurve(reader, frames: frames) })
  }

  @Test func lightCurvesReadBackWithoutFrames() throws {
    var maker = RowMaker(seed: 10)
    let bytes = CSVFormat.bytes(of: (1...50).map { maker.lightCurvePoint($0) }, columns: LightCurveColumns.all)
    let back = try TableReader.lightCurve(CSVReader(bytes, file: "t.csv"))
    let again = CSVFormat.bytes(of: back, columns: LightCurveColumns.all) == bytes
    #expect(again)
    do {
      _ = try TableReader.lightCurve(CSVReader(bytes, file: "t.csv"), frames: [])
      Issue.record("read")
    } catch { #expect(error.description == "t.csv:2:1: frame: expected a frame of frames.csv, found '1'") }
  }

  @Test(arguments: [(5, 3), (1, 1), (4, 1), (1, 12)])
  func photometryReadsBack(stars: Int, radii: Int) throws {
    var maker = RowMaker(seed: 6)
    let names = (1...stars).map { maker.star($0).asWritten }
    let rows = [1, 2, 4, 9].map { maker.measurements($0, stars: stars, radii: radii) }
    try check(
      rows, rows.map(\.asWritten), { CSVFormat.photometry($0, stars: names) },
      { reader throws(PipelineError) in try TableReader.photometry(reader, stars: names) })
  }

  @Test func bothWaysOfWritingPhotometryGiveTheSameBytes() {
    var maker = RowMaker(seed: 7)
    let stars = (1...20).map { maker.star($0) }
    let rows = (1...10).map { maker.measurements($0, stars: 20, radii: 11) }
    let plain = CSVFormat.bytes(
      of: rows.flatMap { PhotometryRow.rows(of: $0, stars: stars) }, columns: PhotometryColumns.all)
    #expect(CSVFormat.photometry(rows, stars: stars) == plain)
    #expect(CSVFormat.photometry([], stars: stars) == CSVFormat.bytes(of: [], columns: PhotometryColumns.all))
  }

  @Test func photometryWithHolesIsRefused() throws {
    var maker = RowMaker(seed: 8)
    let stars = ["A", "B", "C"].map { Star(name: $0, role: .measure, position: PixelPoint(x: 0, y: 0)) }
    let rows = (1...3).map { maker.measurements($0, stars: 3, radii: 2) }
    let lines = String(decoding: CSVFormat.photometry(rows, stars: stars), as: UTF8.self).split(separator: "\n")
    func failure(without line: Int) -> String {
      var kept = lines
      kept.remove(at: line - 1)
      do {
        let reader = try CSVReader(Array(kept.joined(separator: "\n").utf8), file: "t.csv")
        _ = try TableReader.photometry(reader, stars: stars)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(failure(without: 2) == "t.csv:2:5: aperture: expected a1, found 'a2'")
    #expect(failure(without: 4) == "t.csv:4:5: aperture: expected a1, found 'a2'")
    #expect(failure(without: 5) == "t.csv:5:5: aperture: expected a2, found 'a1'")
    #expect(failure(without: 7) == "t.csv:7:1: rows of frame 1 are missing: 3 of 3 stars are there")
    #expect(failure(without: 19) == "t.csv: rows of frame 3 are missing: 3 of 3 stars are there")
    #expect(failure(without: 1).hasPrefix("t.csv:1:"))
    #expect(lines.count == 19)
  }

  @Test func framesMustBeNumberedFromOne() throws {
    var maker = RowMaker(seed: 9)
    let bytes = CSVFormat.bytes(of: [maker.frame(1), maker.frame(3)], columns: FrameColumns.all)
    do {
      _ = try TableReader.frames(CSVReader(bytes, file: "t.csv"))
      Issue.record("read")
    } catch { #expect(error.description == "t.csv:3:1: frame: expected 2, found '3'") }
  }

  @Test func geometryIsInDegreesAndFITSPixels() throws {
    var frame = FrameSummary(frame: 1, file: "a.fits", filter: "R", night: "", jdUTC: .nan, exposure: 60)
    // x to the right becomes y upwards: a quarter turn counter-clockwise, twice as large.
    frame.registration = Registration(
      transform: SimilarityTransform(a: 0, b: 2, tx: 1.5, ty: -3), method: .stars, matched: 40, residual: 0.05)
    func cell(_ name: String) -> Cell? { FrameColumns.all.first { $0.name == name }?.value(frame) }
    #expect(cell("rotation_deg") == .real(90))
    #expect(cell("scale") == .real(2))
    #expect(cell("transform") == .text("0 2 1.5 -3"))
    #expect(cell("mirrored") == .boolean(false))
    frame.registration?.transform = FrameTransform(SimilarityTransform(a: -1, b: -0.0, tx: 0, ty: 0))
    #expect(cell("rotation_deg") == .real(180))
    frame.registration = nil
    #expect(cell("method") == .text("none"))
    #expect(cell("rotation_deg") == .empty)
    let star = Star(name: "a", role: .target, position: PixelPoint(x: 0, y: 9.5))
    #expect(StarColumns.all.first { $0.name == "x_px" }?.value(star) == .real(1))
    #expect(StarColumns.all.first { $0.name == "y_px" }?.value(star) == .real(10.5))
  }

  /// Exports and readers show the sentence of a column without the column before it.
  @Test("the sentence of every column stands alone")
  func sentencesStandAlone() {
    func sentences<Row>(_ columns: [Column<Row>]) -> [(String, String)] { columns.map { ($0.name, $0.sentence) } }
    let all: [[(String, String)]] = [
      sentences(ObservationColumns.all), sentences(FrameColumns.all), sentences(StarColumns.all),
      sentences(ComparisonColumns.all), sentences(VariabilityColumns.all), sentences(BinnedColumns.all),
      sentences(PhotometryColumns.all), sentences(LightCurveColumns.all), sentences(GrowthColumns.all),
      sentences(DistrustColumns.all), sentences(DistrustColumns.points), sentences(SlopeColumns.all),
      sentences(SegmentColumns.all), sentences(ExcessColumns.all), sentences(ApertureScanColumns.all),
      sentences(ExtendedRadiusColumns.all), sentences(ExtendedRadiusColumns.points), sentences(TrailColumns.all),
      sentences(HotPixelColumns.all), sentences(CameraColumns.all), sentences(PhotonTransferColumns.all),
      sentences(CompareColumns.tests), sentences(CompareColumns.stars), sentences(CompareColumns.values),
    ]
    for (name, sentence) in all.joined() {
      let leaning = ["Its ", "Their ", "The same", "That ", "Where it ", "Where that ", "Why it ", "Name."]
      #expect(!leaning.contains { sentence.hasPrefix($0) }, "\(name): \(sentence)")
      #expect(sentence.count > 5 && (sentence.hasSuffix(".") || sentence.hasSuffix("...")), "\(name): \(sentence)")
    }
  }
}
