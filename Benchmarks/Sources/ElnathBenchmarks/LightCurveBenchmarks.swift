import ElnathCore
import ElnathPipeline

/// The series steps on a table of 120 frames x 200 stars x 10 apertures, and the writing of that table.
func lightCurveBenchmarks() -> [Benchmark] {
  let table = photometryTable(frames: 120, stars: 200, radii: 10)
  let problem = ensembleProblem(frames: 120, stars: 200)
  let bytes = CSVFormat.photometry(table.measurements, stars: table.stars)
  let curve = LightCurveBuilder()(table).curves.first
  return [
    Benchmark(name: "lightcurve: joint solution", unit: "measurements", count: 120 * 200) {
      _ = Ensemble(floor: 0.003).solve(problem)
    },
    Benchmark(name: "lightcurve: selection and curves", unit: "measurements", count: 120 * 200) {
      _ = LightCurveBuilder()(table)
    },
    Benchmark(name: "lightcurve: verdicts on the frames", unit: "frames", count: 120) { _ = FrameVerdicts()(table) },
    Benchmark(name: "lightcurve: photometry.csv", unit: "rows", count: 120 * 200 * 10) {
      _ = CSVFormat.photometry(table.measurements, stars: table.stars)
    },
    Benchmark(name: "lightcurve: photometry.csv read back", unit: "rows", count: 120 * 200 * 10) {
      _ = try? TableReader.photometry(CSVReader(bytes, file: "photometry.csv"), stars: table.stars)
    },
    Benchmark(name: "lightcurve: slopes of a curve", unit: "points", count: 120) {
      if let curve { _ = CurveSlope.slopes(of: curve.target, curve.points) }
    },
  ]
}

private func ensembleProblem(frames: Int, stars: Int) -> EnsembleProblem {
  var random = SeededGenerator(seed: 2)
  var magnitudes: [Double] = []
  for star in 0..<stars {
    for frame in 0..<frames {
      magnitudes.append(Double(star) * 0.02 + 0.1 * Double(frame % 7) + 0.01 * random.normal())
    }
  }
  return EnsembleProblem(
    stars: stars, frames: frames, magnitudes: magnitudes,
    variances: Array(repeating: 1e-4, count: magnitudes.count))
}

/// Stars from 3,000 to 300,000 electrons with noise of photons and sky.
private func photometryTable(frames: Int, stars: Int, radii: Int) -> PhotometryTable {
  var random = SeededGenerator(seed: 3)
  let list = (0..<stars).map { index -> Star in
    let place = PixelPoint(x: Double(10 + index % 20 * 50), y: Double(10 + index / 20 * 100))
    guard index > 0 else { return Star(name: "Target", role: .target, position: place) }
    return Star(name: "S\(index)", role: .measure, position: place, detected: true)
  }
  var rows: [FrameSummary] = []
  var measured: [FrameMeasurements] = []
  for number in 1...frames {
    var row = FrameSummary(
      frame: number, file: "\(number).fits", filter: "R", night: "2020-01-18",
      jdUTC: 2_458_867.6 + 0.0017 * Double(number), exposure: 60)
    row.registration = Registration(transform: .identity, method: .stars, matched: 100, residual: 0.02)
    (row.shiftX, row.shiftY, row.fwhm, row.elongation, row.sky, row.detections) = (0, 0, 3, 1.05, 200, 200)
    rows.append(row)
    var places: [StarMeasurement] = []
    var fluxes: [ApertureMeasurement] = []
    for (index, star) in list.enumerated() {
      var place = StarMeasurement(position: star.position, forced: star.position, centroid: .windowed)
      (place.sky, place.skySigma, place.skyCount, place.peakADU, place.fwhm) = (200, 15, 900, 9000, 3)
      places.append(place)
      for radius in 0..<radii {
        var aperture = ApertureMeasurement(radius: 2 + 0.5 * Double(radius))
        let area = 3.14159 * aperture.radius * aperture.radius
        let flux = 3000.0 * Double(1 + index % 100)
        let error = (flux + area * 250).squareRoot()
        aperture.area = area
        aperture.flux = DecimalRounding.decimals(flux + error * random.normal(), 3)
        aperture.contamination = 0
        aperture.budget.source = flux
        aperture.budget.sky = DecimalRounding.significant(area * 200, 7)
        aperture.budget.readNoise = DecimalRounding.significant(area * 50, 7)
        fluxes.append(aperture)
      }
    }
    measured.append(FrameMeasurements(frame: number, stars: places, apertures: fluxes))
  }
  return PhotometryTable(stars: list, frames: rows, measurements: measured)
}
