import ElnathCore
import ElnathTestSupport

@testable import ElnathPipeline

/// A small series with its tables in a folder: a target in R and Ha, three comparison stars and a check star. Frame 3 is
/// not used, on frame 6 the target is too faint, frame 8 has no airmass. Numbers are plain so that files can be compared
/// byte by byte.
struct ExportedSeries {
  let folder: TemporaryFolder
  let stars: [Star]
  let points: [LightCurvePoint]
  let table: String

  static let frames = 12

  /// - Parameters:
  ///   - calibrated: comparison stars have magnitudes in R.
  ///   - comparisons: how many of the three are used.
  init(
    target name: String = "HH 30", filters: [String] = ["R", "Ha"], file: String = "lights/a b.fits",
    calibrated: Bool = true, comparisons: Int = 3
  ) throws {
    folder = try TemporaryFolder()
    // As it reads back from stars.csv.
    let name = CSVText.cleaned(name)
    stars = Self.stars(name, calibrated: calibrated)
    points = (1...Self.frames).map { Self.point($0, filters: filters, file: file) }
    table = folder.path + "/lightcurve_" + TableFile.name(for: name) + ".csv"
    func write<Row>(_ rows: [Row], _ columns: [Column<Row>], _ name: String) throws {
      try AtomicFile.write(CSVFormat.bytes(of: rows, columns: columns), to: folder.path + "/" + name)
    }
    try write(points, LightCurveColumns.all, ProjectFolder.split(table).name)
    try write(stars, StarColumns.all, "stars.csv")
    try write(
      filters.flatMap { filter in stars[1...4].map { Self.verdict($0, filter: filter, used: comparisons) } },
      ComparisonColumns.all, "comparisons.csv")
    try write(points.map(Self.observation), ObservationColumns.all, "observations.csv")
    let measured = points.map { Self.measurements($0, stars: stars) }
    try AtomicFile.write(CSVFormat.photometry(measured, stars: stars), to: folder.path + "/photometry.csv")
  }

  private static func stars(_ target: String, calibrated: Bool) -> [Star] {
    let names = [target, "C one", "S0002", "C3", "S0004"]
    return names.enumerated().map { index, name in
      Star(
        name: name, role: index == 0 ? .target : index == 1 ? .comparison : .measure,
        rightAscension: 67.90625 + 0.015625 * Double(index), declination: 18.25 - 0.03125 * Double(index),
        position: PixelPoint(x: 100 + 10 * Double(index), y: 200), magnitude: calibrated && index > 0 ? 12.5 : .nan,
        band: calibrated && index > 0 ? "R" : "", detected: index == 2 || index == 4)
    }
  }

  private static func point(_ number: Int, filters: [String], file: String) -> LightCurvePoint {
    let step = Double(number)
    var frame = FrameSummary(
      frame: number, file: "\(number)\(file)", filter: filters[number % 3 == 2 ? filters.count - 1 : 0],
      night: "2020-01-18", jdUTC: 2_458_867.5 + step / 128, exposure: 60)
    frame.fwhm = 2.75
    frame.elongation = 1.0625
    frame.transparency = 0.96875
    frame.zeroPoint = 22.5
    frame.zeroPointError = 0.0078125
    frame.comparisons = 3
    var point = LightCurvePoint(frame: frame)
    point.hjdUTC = frame.jdUTC + 0.00390625
    point.bjdTDB = frame.jdUTC + 0.0048828125
    point.airmass = number == 8 ? .nan : 1.5 - step / 64
    point.position = PixelPoint(x: 100.25 + step, y: 200.75)
    point.fwhm = 2.5 + step / 32
    point.sky = 226.5
    point.aperture = "a2"
    point.radius = 4
    point.peakADU = 3630
    point.flux = 4096 + 64 * step
    point.fluxError = 64
    point.relativeFlux = 1 + step / 256
    point.relativeFluxError = 0.015625
    point.relativeFluxErrorScaled = 0.01953125
    point.deltaMagnitude = -step / 256
    point.deltaMagnitudeError = 0.0166015625
    point.deltaMagnitudeErrorScaled = 0.021484375
    point.magnitude = 14.25 - step / 256
    point.magnitudeError = 0.01806640625
    point.checkMagnitude = 0.00390625
    point.checkMagnitudeError = 0.0078125
    point.ensembleVariance = 1.0 / 65536
    point.used = true
    if number == 3 {
      point.used = false
      point.flags = .seeing
      point.reason = "seeing: \"wide\", 9 px"
    }
    if number == 6 {
      (point.deltaMagnitude, point.deltaMagnitudeError, point.deltaMagnitudeErrorScaled) = (.nan, .nan, .nan)
      (point.magnitude, point.magnitudeError, point.limitMagnitude) = (.nan, .nan, 17.5078125)
    }
    return point
  }

  private static func verdict(_ star: Star, filter: String, used: Int) -> ComparisonVerdict {
    var verdict = ComparisonVerdict(star: star.name, filter: filter)
    let isCheck = star.name == "S0004"
    verdict.used = !isCheck && ["C one", "S0002", "C3"].prefix(used).contains(star.name)
    verdict.reason = isCheck ? "check star" : verdict.used ? "used" : "S/N 12"
    return verdict
  }

  private static func observation(_ point: LightCurvePoint) -> Observation {
    var observation = Observation(file: point.frame.file, kind: .light, width: 560, height: 520)
    observation.filter = point.frame.filter
    observation.exposure = point.frame.exposure
    observation.jdUTC = point.frame.jdUTC
    observation.trim = PixelRectangle(x: 8, y: 4, width: 512, height: 512)
    observation.binning = "2x2"
    return observation
  }

  private static func measurements(_ point: LightCurvePoint, stars: [Star]) -> FrameMeasurements {
    var rows: [StarMeasurement] = []
    var apertures: [ApertureMeasurement] = []
    for index in stars.indices {
      let place = PixelPoint(x: point.position.x + 10 * Double(index), y: 200.5)
      var star = StarMeasurement(position: place, forced: place, centroid: .windowed)
      star.sky = 226.5
      star.skyCount = 512
      star.peakADU = 3630
      star.fwhm = 2.625
      rows.append(star)
      for radius in [3.0, 4.0] {
        var aperture = ApertureMeasurement(radius: radius)
        aperture.flux = index == 0 ? point.flux : 8192 * Double(index) + 32 * radius
        aperture.area = 28.25
        aperture.budget.source = 2048
        aperture.budget.sky = 2048
        apertures.append(aperture)
      }
    }
    return FrameMeasurements(frame: point.frame.frame, stars: rows, apertures: apertures)
  }
}
