#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A simulated series: raw frames as the camera would write them, and the truth behind them.
///
/// Every frame has random generators of its own, so frames may be made in any order, or only some of them, and always
/// have the same bytes.
public struct Simulation: Sendable {
  public let sky: Sky
  public let night: Night
  public let detector: Detector
  public let seed: UInt64
  /// Numbers of calibration frames.
  public var biases = 11
  public var darks = 5
  public var flats = 7
  /// Seconds.
  public var darkExposure = 120.0
  public var flatExposure = 5.0
  /// Electrons per pixel in the middle of an average flat.
  public var flatLevel = 38_000.0
  /// True where headers say which parts of a frame see the sky; false where only a camera profile knows.
  public var statesSections = true

  public init(sky: Sky, camera: Camera, night: Night, seed: UInt64) {
    self.sky = sky
    self.night = night
    self.detector = Detector(camera, seed: seed)
    self.seed = seed
  }

  public var camera: Camera { detector.camera }

  /// A star as it falls on one light frame.
  public struct StarImage: Sendable, Equatable {
    /// In `sky.stars`.
    public var star: Int
    /// On the trimmed frame; may lie outside.
    public var place: PixelPoint
    /// The injected change of brightness at mid-exposure.
    public var magnitudeChange: Double
    /// Electrons in this exposure above the atmosphere, injected change included.
    public var fluxAbove: Double
    /// Electrons expected on a perfect detector, over the whole plane, scintillation left out.
    public var flux: Double
    /// The factor by which scintillation changes the flux in this frame.
    public var scintillation: Double
  }

  /// The raw light frame of number `index`, from 0, overscan included.
  public func light(_ index: Int) -> PixelGrid<UInt16> {
    var random = generator(.light, index)
    return detector.read(
      light: expectedLight(index), exposure: night.exposure, cosmicRays: cosmicRays(.light, index), random: &random)
  }

  public func bias(_ index: Int) -> PixelGrid<UInt16> {
    var random = generator(.bias, index)
    return detector.read(light: nil, exposure: 0, cosmicRays: cosmicRays(.bias, index), random: &random)
  }

  public func dark(_ index: Int) -> PixelGrid<UInt16> {
    var random = generator(.dark, index)
    return detector.read(
      light: nil, exposure: darkExposure, cosmicRays: cosmicRays(.dark, index), random: &random)
  }

  /// Of the filters one after another, `flats` of each.
  public func flat(_ index: Int) -> PixelGrid<UInt16> {
    var random = generator(.flat, index)
    let level = Float(flatLevel * random.uniform(0.85..<1.15))
    let light = PixelGrid(width: camera.width, height: camera.height, repeating: level)
    return detector.read(
      light: light, exposure: flatExposure, cosmicRays: cosmicRays(.flat, index), random: &random)
  }

  /// The stars of the sky, in its order, as they fall on light frame `index`.
  public func stars(in index: Int) -> [StarImage] { stars(in: index, under: conditions(index)) }

  func stars(in index: Int, under conditions: Conditions) -> [StarImage] {
    var random = generator(.scintillation, index)
    return sky.stars.indices.map { number in
      let star = sky.stars[number]
      let place = conditions.transform(nominalPlace(of: star))
      let change = star.variability.magnitudeChange(at: conditions.hours)
      let above = fluxAbove(of: star, in: night.passband(of: index)) * pow(10, -0.4 * change)
      let cloud = conditions.cloud + conditions.cloudSlope * (place.x / Double(camera.width) - 0.5)
      return StarImage(
        star: number, place: place, magnitudeChange: change, fluxAbove: above,
        flux: above * pow(10, -0.4 * (conditions.extinction + cloud)),
        scintillation: max(0, 1 + conditions.scintillation * random.normal()))
    }
  }

  /// Electrons of a star in one exposure above the atmosphere, without its injected change, through a filter; nil for the
  /// first.
  public func fluxAbove(of star: Sky.Star, in passband: Passband? = nil) -> Double {
    let band = passband ?? night.passband
    return pow(10, 0.4 * (band.zeroPoint - magnitude(of: star, in: band))) * night.exposure
  }

  /// Magnitude of a star without its injected change: the magnitude of a star without the line is the same in all filters.
  public func magnitude(of star: Sky.Star, in band: Passband) -> Double {
    guard star.lineWidth != 0, band != night.passband else { return star.magnitude }
    let factor =
      band.lineFactor(equivalentWidth: star.lineWidth) / night.passband.lineFactor(equivalentWidth: star.lineWidth)
    return star.magnitude - 2.5 * log10(factor)
  }

  /// Where a star would fall without drift or rotation.
  public func nominalPlace(of star: Sky.Star) -> PixelPoint {
    let offset = sky.offset(rightAscension: star.rightAscension, declination: star.declination)
    return nominalPlace(east: offset.east, north: offset.north)
  }

  /// East is to the left, north is up.
  func nominalPlace(east: Double, north: Double) -> PixelPoint {
    PixelPoint(
      x: Double(camera.width - 1) / 2 - east / camera.pixelScale,
      y: Double(camera.height - 1) / 2 + north / camera.pixelScale)
  }

  /// Electrons that light frame `index` would collect on a perfect detector, scintillation included: the image without
  /// noise.
  public func expectedLight(_ index: Int) -> PixelGrid<Float> {
    let conditions = conditions(index)
    var image = skyPlane(conditions)
    let path = conditions.path
    let margin = 60.0
    for star in stars(in: index, under: conditions) {
      guard
        star.place.x > -margin, star.place.y > -margin, star.place.x < Double(camera.width) + margin,
        star.place.y < Double(camera.height) + margin
      else { continue }
      let source = sky.stars[star.star]
      let offset = sky.offset(rightAscension: source.rightAscension, declination: source.declination)
      let flux = star.flux * star.scintillation / Double(path.count)
      for blob in source.blobs {
        let place = conditions.transform(nominalPlace(east: offset.east + blob.east, north: offset.north + blob.north))
        for step in path {
          conditions.pointSpread.deposit(
            flux: flux * blob.share, at: PixelPoint(x: place.x + step.x, y: place.y + step.y), into: &image)
        }
      }
    }
    if case .satellite(let left, let right, let brightness) = conditions.mishap {
      drawTrail(
        from: left * Double(camera.height), to: right * Double(camera.height), brightness: brightness,
        width: conditions.pointSpread.fwhm / 2.3548, on: &image)
    }
    return image
  }

  private func skyPlane(_ conditions: Conditions) -> PixelGrid<Float> {
    let row = (0..<camera.width).map {
      Float(conditions.sky * (1 + night.skyGradient * (Double($0) / Double(camera.width) - 0.5)))
    }
    var pixels: [Float] = []
    pixels.reserveCapacity(camera.width * camera.height)
    for _ in 0..<camera.height { pixels.append(contentsOf: row) }
    return PixelGrid(width: camera.width, height: camera.height, pixels: pixels)
  }

  /// A straight line from the left to the right edge with a Gaussian profile.
  private func drawTrail(
    from left: Double, to right: Double, brightness: Double, width: Double, on image: inout PixelGrid<Float>
  ) {
    let slope = (right - left) / Double(image.width)
    let across = 1 / (1 + slope * slope).squareRoot()
    let reach = 5 * width / across
    for x in 0..<image.width {
      let centre = left + slope * Double(x)
      guard centre + reach >= 0, centre - reach < Double(image.height) else { continue }
      for y in max(0, Int(centre - reach))..<min(image.height, Int(centre + reach) + 1) {
        let distance = (Double(y) - centre) * across / width
        image.pixels[y * image.width + x] += Float(brightness * exp(-distance * distance / 2))
      }
    }
  }

  enum Purpose: UInt64 {
    case light = 1
    case bias, dark, flat, conditions, scintillation
    case lightRays, biasRays, darkRays, flatRays
  }

  /// The generator of one frame for one purpose. Parts below 2^32 serve the sky and the detector.
  func generator(_ purpose: Purpose, _ index: Int) -> SeededGenerator {
    SeededGenerator(seed: seed, part: purpose.rawValue << 32 | UInt64(index))
  }
}
