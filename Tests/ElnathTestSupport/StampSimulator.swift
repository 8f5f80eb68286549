import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Small frames with one round Gaussian star on an even sky, seen by a camera with known gain, read noise, dark current,
/// flat and digitisation: the truth for tests of positions, fluxes and their errors.
public struct StampSimulator: Sendable {
  public var width: Int
  public var height: Int
  /// px.
  public var fwhm: Double
  /// e-/px.
  public var sky: Double
  public var gain: Double
  public var readNoise: Double
  /// e-/px, collected in the exposure; subtracted again by the reduction.
  public var dark = 0.0
  /// True for whole ADU.
  public var digitised = true
  /// ADU.
  public var pedestal = 1000.0
  public var pedestalKnown = true
  /// Peak-to-peak amplitude of a wave in the flat; 0 for no flat.
  public var flatWave = 0.0
  /// s.
  public var exposure = 60.0
  /// Relative standard deviation of the star's brightness from frame to frame.
  public var scintillation = 0.0

  public init(size: Int, fwhm: Double, sky: Double, gain: Double, readNoise: Double) {
    width = size
    height = size
    self.fwhm = fwhm
    self.sky = sky
    self.gain = gain
    self.readNoise = readNoise
  }

  public var noise: NoiseModel {
    NoiseModel(
      gain: gain, readNoise: readNoise, dark: dark, digitisation: digitised ? gain * gain / 12 : 0,
      pedestalKnown: pedestalKnown)
  }

  /// Electrons of a star of flux 1 in each pixel: the Gaussian integrated over pixels.
  public func star(at place: PixelPoint) -> [Double] {
    let scale = fwhm / 2.3548200450309493 * 2.0.squareRoot()
    func line(_ count: Int, _ centre: Double) -> [Double] {
      (0..<count).map {
        let d = Double($0) - centre
        return 0.5 * (erf((d + 0.5) / scale) - erf((d - 0.5) / scale))
      }
    }
    let columns = line(width, place.x)
    return line(height, place.y).flatMap { row in columns.map { row * $0 } }
  }

  /// 1/flat of each pixel; nil without a flat.
  private var inverseFlat: PixelGrid<Float>? {
    guard flatWave > 0 else { return nil }
    var pixels: [Float] = []
    for y in 0..<height {
      for x in 0..<width {
        pixels.append(Float(1 / (1 + flatWave / 2 * sin(Double(x) * 0.7) * cos(Double(y) * 0.9))))
      }
    }
    return PixelGrid(width: width, height: height, pixels: pixels)
  }

  /// The reduced frame without any noise or rounding.
  public func noiseless(flux: Double, at place: PixelPoint) -> Frame {
    frame(electrons: star(at: place).map { Float(flux * $0 + sky) }, adu: nil)
  }

  /// One noisy exposure, reduced.
  public func exposure(flux: Double, at place: PixelPoint, _ random: inout SeededGenerator) -> Frame {
    let light = star(at: place)
    let flat = inverseFlat
    let brightness = max(0, flux * (1 + (scintillation > 0 ? scintillation * random.normal() : 0)))
    var electrons = [Float](repeating: 0, count: light.count)
    var adu = electrons
    for i in light.indices {
      let q = flat.map { Double($0.pixels[i]) } ?? 1
      let collected = random.poisson((brightness * light[i] + sky) / q + dark) + readNoise * random.normal()
      var value = collected / gain + pedestal
      if digitised { value.round() }
      adu[i] = Float(value)
      electrons[i] = Float(((value - pedestal) * gain - dark) * q)
    }
    return frame(electrons: electrons, adu: adu)
  }

  /// A sky of normal noise alone, rounded to whole electrons: no photons, whose noise would hide the steps.
  public func integerSky(level: Double, sigma: Double, _ random: inout SeededGenerator) -> Frame {
    frame(electrons: (0..<(width * height)).map { _ in Float((level + sigma * random.normal()).rounded()) }, adu: nil)
  }

  /// A frame of the given reduced pixels; the flat is known to 0.5 per cent where there is one.
  public func frame(electrons: [Float], adu: [Float]?) -> Frame {
    let flat = inverseFlat
    let flatVariance = flat.map { PixelGrid<Float>(width: $0.width, height: $0.height, repeating: 2.5e-5) }
    let noise = noise
    let variance = electrons.indices.map {
      NoiseModel.variance(
        electrons: electrons[$0], inverseFlat: flat?.pixels[$0] ?? 1,
        relativeFlatVariance: flatVariance?.pixels[$0] ?? 0, constantVariance: Float(noise.constantVariance))
    }
    var observation = Observation(file: "stamp.fits", kind: .light, width: width, height: height)
    observation.exposure = exposure
    observation.filter = "R"
    let raw = adu ?? electrons.map { Float(Double($0) / gain + pedestal) }
    return Frame(
      observation: observation,
      image: MaskedImage(
        image: PixelGrid(width: width, height: height, pixels: electrons),
        variance: PixelGrid(width: width, height: height, pixels: variance),
        mask: PixelGrid(width: width, height: height, repeating: [])),
      adu: PixelGrid(width: width, height: height, pixels: raw), inverseFlat: flat, flatVariance: flatVariance,
      noise: noise)
  }

  /// Measures one star at `place` in the given apertures and annulus.
  public func plan(
    at place: PixelPoint, radii: [Double], annulus: AnnularAperture, centroid: CentroidMode,
    noise: MeasurementPlan.NoiseSource = .auto, site: Site? = nil
  ) -> MeasurementPlan {
    plan(
      at: place, apertures: radii.map { PlannedAperture(circle: $0) }, annulus: annulus, centroid: centroid,
      noise: noise, site: site)
  }

  /// The same with apertures of any kind.
  public func plan(
    at place: PixelPoint, apertures: [PlannedAperture], annulus: AnnularAperture, centroid: CentroidMode,
    noise: MeasurementPlan.NoiseSource = .auto, sky: SkyEstimator = .mean, phase: PixelPhase? = nil, site: Site? = nil
  ) -> MeasurementPlan {
    MeasurementPlan(
      stars: [Star(name: "star", role: .target, position: place)], centroids: [centroid],
      filters: [
        MeasurementPlan.FilterPlan(
          filter: "R", fwhm: fwhm, apertures: apertures, annulus: annulus, masked: [[]],
          contamination: apertures.map { _ in 0 }, neighbour: apertures.map { _ in false }, phase: phase)
      ], noise: noise, sky: sky, site: site)
  }
}
