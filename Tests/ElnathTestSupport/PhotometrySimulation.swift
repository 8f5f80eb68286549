import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A simulated series of measurements, made without pixels: Gaussian stars in several apertures, with photon, sky and
/// scintillation noise that neighbouring apertures share as real ones do.
public struct PhotometrySimulation: Sendable {
  public struct Member: Sendable {
    public var star: Star
    /// Electrons a second through a clear sky.
    public var rate: Double
    /// Own change on each frame, mag (larger is fainter); empty for a constant star.
    public var change: [Double] = []
    /// Frames, from 0, on which it lies outside.
    public var missing: Set<Int> = []

    public init(_ name: String, _ role: Star.Role = .measure, rate: Double, x: Double, y: Double) {
      star = Star(name: name, role: role, position: PixelPoint(x: x, y: y), detected: role == .measure)
      self.rate = rate
    }
  }

  public var members: [Member]
  public var frames = 120
  public var filter = "R"
  public var nights = ["2020-01-01"]
  public var exposure = 60.0
  /// Light lost on each frame, mag; 0 where the array is too short.
  public var losses: [Double] = []
  public var fwhm = 4.0
  public var radii = [2.4, 3.0, 3.6, 4.2, 5.0, 6.0, 7.2, 8.8, 10.8, 13.2]
  /// Variance of one sky pixel, e-^2.
  public var sky = 200.0
  /// Relative scintillation of each star; NaN leaves the budget's column empty and adds none.
  public var scintillation = 0.002
  /// Drift of the field, px a frame.
  public var drift = 0.0
  /// FWHM of each frame, px; `fwhm` where the array is too short.
  public var seeing: [Double] = []
  /// By frame, from 0: clouds that differ from star to star, sigma in mag.
  public var patchiness: [Int: Double] = [:]
  /// Electrons in the brightest pixel from which a star is saturated.
  public var saturation = Double.infinity
  public var airmasses: [Double] = []
  /// By frame, from 0: the segment; 1 where none is given.
  public var segments: [Int: Int] = [:]

  public init(_ members: [Member]) { self.members = members }

  /// A target amid `count` constant stars from bright to faint, S1, S2, ...
  public init(target rate: Double = 3000, comparisons count: Int, rates: ClosedRange<Double> = 500...20000) {
    members = [Member("T", .target, rate: rate, x: 500, y: 500)]
    for i in 0..<count {
      let place = count > 1 ? Double(i) / Double(count - 1) : 0
      let rate = rates.upperBound * pow(rates.lowerBound / rates.upperBound, place)
      let angle = 2.4 * Double(i)
      members.append(
        Member("S\(i + 1)", rate: rate, x: 500 + 300 * cos(angle), y: 500 + 300 * sin(angle)))
    }
  }

  public func callAsFunction(seed: UInt64) -> PhotometryTable {
    var summaries: [FrameSummary] = []
    var measurements: [FrameMeasurements] = []
    for frame in 0..<frames {
      let night = nights[frame * nights.count / frames]
      var summary = FrameSummary(
        frame: frame + 1, file: "f\(frame + 1).fits", filter: filter, night: night,
        jdUTC: 2_459_000.5 + Double(frame) * exposure / 86400, exposure: exposure)
      summary.fwhm = width(frame)
      summary.airmass = airmasses.indices.contains(frame) ? airmasses[frame] : 1.2
      summary.sky = sky
      summary.segment = segments[frame] ?? 1
      summary.elongation = 1.05
      summary.detections = members.count
      summary.registration = Registration(
        transform: SimilarityTransform(a: 1, b: 0, tx: drift * Double(frame), ty: 0), method: .stars,
        matched: members.count, residual: 0.05)
      summary.shiftX = drift * Double(frame)
      summary.shiftY = 0
      summaries.append(summary)
      var random = SeededGenerator(seed: seed, part: UInt64(frame))
      measurements.append(measure(frame, &random))
    }
    return PhotometryTable(stars: members.map(\.star), frames: summaries, measurements: measurements)
  }

  private func width(_ frame: Int) -> Double { seeing.indices.contains(frame) ? seeing[frame] : fwhm }

  /// Light lost on a frame in an aperture, mag, clouds and seeing together.
  public func loss(_ frame: Int, radius: Double) -> Double {
    let sigma = width(frame) / 2.354820045
    return (losses.indices.contains(frame) ? losses[frame] : 0)
      - 2.5 * log10(1 - exp(-radius * radius / (2 * sigma * sigma)))
  }

  private func measure(_ frame: Int, _ random: inout SeededGenerator) -> FrameMeasurements {
    let loss = losses.indices.contains(frame) ? losses[frame] : 0
    let sigma = width(frame) / 2.354820045
    let patchiness = patchiness[frame] ?? 0
    var stars: [StarMeasurement] = []
    var apertures: [ApertureMeasurement] = []
    for member in members {
      let change = member.change.indices.contains(frame) ? member.change[frame] : 0
      let twinkle = scintillation.isNaN ? 1 : 1 + scintillation * random.normal()
      let patch = patchiness > 0 ? patchiness * abs(random.normal()) : 0
      let total = member.rate * exposure * pow(10, -0.4 * (loss + change + patch)) * twinkle
      let place = PixelPoint(x: member.star.position.x + drift * Double(frame), y: member.star.position.y)
      var star = StarMeasurement(position: place, forced: place, centroid: .windowed)
      star.sky = sky
      star.fwhm = width(frame)
      star.peakADU = total / (2 * .pi * sigma * sigma)
      stars.append(star)
      var flux = 0.0
      var inner = 0.0
      var light = 0.0
      for radius in radii {
        let within = total * (1 - exp(-radius * radius / (2 * sigma * sigma)))
        let area = Double.pi * radius * radius
        flux += within - light + (within - light + sky * (area - inner)).squareRoot() * random.normal()
        light = within
        inner = area
        var aperture = ApertureMeasurement(radius: radius)
        aperture.flux = flux
        aperture.area = area
        aperture.budget.source = max(flux, 0)
        aperture.budget.sky = sky * area
        aperture.contamination = 0
        if star.peakADU > saturation { aperture.flags.insert(.saturated) }
        if member.missing.contains(frame) {
          aperture.flags.insert(.outside)
          aperture.flux = .nan
        }
        if !scintillation.isNaN { aperture.budget.scintillation = scintillation * scintillation * flux * flux }
        apertures.append(aperture)
      }
    }
    return FrameMeasurements(frame: frame + 1, stars: stars, apertures: apertures)
  }
}
