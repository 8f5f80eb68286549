import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A series of frames without pixels: what `align` and `measure` would have written of a sky that is known.
public struct SyntheticSeries: Sendable {
  /// What happened while one frame was taken.
  public struct Frame: Sendable {
    public var filter = "R"
    public var exposure = 60.0
    public var night = "2025-01-01"
    public var jdUTC = 0.0
    public var airmass = 1.2
    /// Light lost to clouds at the centre of the field, mag, and its change across the field along x, mag.
    public var cloud = 0.0
    public var cloudSlope = 0.0
    /// Clouds that differ from place to place: sigma in mag.
    public var patchiness = 0.0
    /// px, at the zenith.
    public var fwhm = 3.5
    public var elongation = 1.08
    /// e-/px/s.
    public var sky = 2.0
    public var shiftX = 0.0
    public var shiftY = 0.0
    public var residual = 0.05
    public var sunAltitude = -40.0
    public var rejected = false
    /// The tube lies on the other side of the pier.
    public var flipped = false
    /// A frame that should not be used, for whichever reason, and one that deserves a remark at least.
    public var isBad = false
    public var deservesFlag = false

    public init() {}
  }

  public struct FieldStar: Sendable {
    /// e-/s above the atmosphere.
    public var rate: Double
    public var position: PixelPoint
    public var role: Star.Role
    /// Sinusoidal variability: amplitude in mag, period in days.
    public var amplitude = 0.0
    public var period = 0.15

    public init(rate: Double, position: PixelPoint, role: Star.Role) {
      self.rate = rate
      self.position = position
      self.role = role
    }
  }

  public var frames: [Frame] = []
  public var stars: [FieldStar] = []
  public var extinction = 0.10
  public var readNoise = 8.0
  /// Light lost in the corners of the detector, mag, growing with the square of the distance from its centre: no flat
  /// field was taken.
  public var vignetting = 0.0
  public var size: Double
  /// Relative scatter of the measured FWHM and of its true values from frame to frame.
  public var fwhmNoise = 0.02
  public var seeingScatter = 0.05
  public var seed: UInt64

  /// A target, a check star and `count` field stars, with three times as many stars for each magnitude fainter; one in ten
  /// of the field stars varies.
  public init(seed: UInt64, stars count: Int = 60, brightest: Double = 20000, size: Double = 2048) {
    self.seed = seed
    self.size = size
    var random = SeededGenerator(seed: seed, part: 1)
    for index in 0..<(count + 2) {
      let position = PixelPoint(x: random.uniform(60..<size - 60), y: random.uniform(60..<size - 60))
      let magnitude = min(-log10(max(random.uniform(), 1e-3)) / -log10(3.0) + 5.5, 5.5)
      var star = FieldStar(
        rate: brightest * pow(10, -0.4 * max(magnitude, 0)), position: position,
        role: index == 0 ? .target : index == 1 ? .check : .measure)
      if index < 2 { star.rate = brightest / 5 }
      if index > 1 && index % 10 == 0 { star.amplitude = 0.15 }
      stars.append(star)
    }
    stars[0].amplitude = 0.7
  }

  /// Adds frames at a steady cadence.
  public mutating func addNight(
    _ night: String, start: Double, count: Int, cadence: Double = 0.002,
    change: (Int, inout Frame) -> Void = { _, _ in }
  ) {
    for index in 0..<count {
      var frame = Frame()
      frame.night = night
      frame.jdUTC = start + cadence * Double(index)
      change(index, &frame)
      frames.append(frame)
    }
  }

  /// The table, with noise drawn from the seed.
  public func table() -> PhotometryTable {
    let order = frames.indices.sorted { (frames[$0].jdUTC, $0) < (frames[$1].jdUTC, $1) }
    let middle = order.map { frames[$0].fwhm }.sorted()[order.count / 2]
    let radii = [0.9, 1.5, 2.2, 3.3].map { max(1.5, ($0 * middle * 10).rounded() / 10) }
    var summaries: [FrameSummary] = []
    var measurements: [FrameMeasurements] = []
    for (place, index) in order.enumerated() {
      var random = SeededGenerator(seed: seed, part: UInt64(100 + index))
      let (summary, measured) = observe(frames[index], number: place + 1, radii: radii, random: &random)
      summaries.append(summary)
      if !frames[index].rejected { measurements.append(measured) }
    }
    return PhotometryTable(
      stars: stars.enumerated().map {
        Star(name: "S\($0 + 1)", role: $1.role, position: $1.position, detected: true)
      }, frames: summaries, measurements: measurements)
  }

  /// The frames in the order of the table.
  public var truth: [Frame] {
    frames.indices.sorted { (frames[$0].jdUTC, $0) < (frames[$1].jdUTC, $1) }.map { frames[$0] }
  }

  private func observe(
    _ frame: Frame, number: Int, radii: [Double], random: inout SeededGenerator
  ) -> (FrameSummary, FrameMeasurements) {
    let fwhm = frame.fwhm * pow(frame.airmass, 0.6) * exp(seeingScatter * random.normal())
    let skyLevel = frame.sky * frame.exposure
    let scintillation = 0.0012 * 0.0012
    var detections = 0
    var measured: [StarMeasurement] = []
    var apertures: [ApertureMeasurement] = []
    for star in stars {
      let patch = frame.patchiness > 0 ? frame.patchiness * abs(random.normal()) : 0
      let slope = frame.cloudSlope * (star.position.x / size - 0.5)
      let phase = 2 * Double.pi * (frame.jdUTC / star.period + star.position.x)
      let fromCentre = (
        x: 2 * (star.position.x + frame.shiftX) / size - 1, y: 2 * (star.position.y + frame.shiftY) / size - 1
      )
      let corner = vignetting * (fromCentre.x * fromCentre.x + fromCentre.y * fromCentre.y) / 2
      let loss = frame.cloud + slope + patch + corner + extinction * frame.airmass + star.amplitude * sin(phase)
      let light = star.rate * frame.exposure * pow(10, -0.4 * loss) * exp(scintillation.squareRoot() * random.normal())
      let position = PixelPoint(x: star.position.x + frame.shiftX, y: star.position.y + frame.shiftY)
      var one = StarMeasurement(position: position, forced: position, centroid: .forced)
      one.sky = skyLevel
      one.skySigma = (skyLevel + readNoise * readNoise).squareRoot()
      one.skyCount = 500
      one.fwhm = fwhm
      measured.append(one)
      // Photons of the star are common to all radii to good approximation; the sky is drawn for each.
      let shot = light + light.squareRoot() * random.normal()
      for radius in radii {
        var aperture = ApertureMeasurement(radius: radius)
        aperture.area = Double.pi * radius * radius
        aperture.contamination = 0
        let pixel = skyLevel + readNoise * readNoise
        let background = aperture.area * pixel * (1 + aperture.area / 500)
        let inside = 1 - pow(1 + 1.7 * radius * radius / (fwhm * fwhm), -1.5)
        aperture.flux = shot * inside + background.squareRoot() * random.normal()
        aperture.budget.source = max(aperture.flux, 0)
        aperture.budget.sky = aperture.area * skyLevel
        aperture.budget.readNoise = aperture.area * readNoise * readNoise
        aperture.budget.skyEstimate = aperture.area * aperture.area * pixel / 500
        aperture.budget.scintillation = scintillation * aperture.flux * aperture.flux
        if position.x < radius || position.y < radius || position.x > size - radius || position.y > size - radius {
          aperture.flags = .pastEdge
        }
        apertures.append(aperture)
      }
      let noise = (light + Double.pi * fwhm * fwhm * (skyLevel + readNoise * readNoise)).squareRoot()
      if light / noise + random.normal() > 6 { detections += 1 }
    }
    var summary = FrameSummary(
      frame: number, file: "lights/f\(number).fits", filter: frame.filter, night: frame.night, jdUTC: frame.jdUTC,
      exposure: frame.exposure)
    summary.airmass = frame.airmass
    summary.shiftX = frame.shiftX
    summary.shiftY = frame.shiftY
    summary.fwhm = detections >= 2 ? fwhm * exp(fwhmNoise * random.normal()) : .nan
    summary.elongation = detections >= 2 ? frame.elongation * exp(0.02 * random.normal()) : .nan
    summary.sky = skyLevel
    summary.detections = detections
    summary.sunAltitude = frame.sunAltitude
    if frame.rejected {
      summary.status = .rejected
      summary.flags = .notRegistered
      summary.reason = "no transform"
    } else {
      summary.registration = Registration(
        transform: SimilarityTransform(a: frame.flipped ? -1 : 1, b: 0, tx: frame.shiftX, ty: frame.shiftY),
        method: detections >= 5 ? .stars : .predicted, matched: detections,
        residual: detections >= 5 ? frame.residual * exp(0.2 * random.normal()) : .nan)
      if detections < 5 { summary.flags = .predictedTransform }
    }
    return (summary, FrameMeasurements(frame: number, stars: measured, apertures: apertures))
  }
}
