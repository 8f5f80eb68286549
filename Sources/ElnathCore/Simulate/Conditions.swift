#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// All that decides the expected image of one light frame, besides the stars: the truth about it.
public struct Conditions: Sendable, Equatable {
  /// Number of the light frame, from 0.
  public var index: Int
  public var start: Night.Instant
  /// Of mid-exposure.
  public var jdUTC: Double
  /// Hours from the first exposure of the series to the middle of this one.
  public var hours: Double
  public var airmass: Double
  /// From the nominal pixels of the field, its centre in the middle of the frame, to the pixels of this frame.
  public var transform: SimilarityTransform
  public var pointSpread: PointSpread
  /// Magnitudes lost to the clear air, and to cloud at the centre; infinite when nothing gets through.
  public var extinction: Double
  public var cloud: Double
  /// Magnitudes more cloud at the right edge than at the left.
  public var cloudSlope: Double
  /// e-/px in the middle of the frame.
  public var sky: Double
  /// Relative scintillation, 1 sigma.
  public var scintillation: Double
  public var mishap: Mishap?

  /// The share of a star's light in the middle of the field that comes through the atmosphere.
  public var transparency: Double { pow(10, -0.4 * (extinction + cloud)) }
  /// Of the field against the nominal one, degrees counter-clockwise.
  public var rotation: Double { atan2(transform.b, transform.a) * 180 / .pi }
  public var expected: Mishap.Expected { mishap?.expected ?? .used }

  /// Where a star's light goes during the exposure: one place, or the steps along a trail, relative to the star.
  var path: [PixelPoint] {
    guard case .trailed(let length, let angle) = mishap else { return [PixelPoint(x: 0, y: 0)] }
    let steps = max(5, Int((length / (0.4 * pointSpread.fwhm)).rounded(.up)))
    return (0..<steps).map {
      let along = length * (Double($0) / Double(steps - 1) - 0.5)
      return PixelPoint(x: along * cos(angle), y: along * sin(angle))
    }
  }
}

extension Simulation {
  /// The conditions of light frame `index`: slow changes are sums of sines of the time, quick ones are drawn from a
  /// generator of the frame's own, so that frames may be made in any order.
  public func conditions(_ index: Int) -> Conditions {
    let start = night.start(of: index)
    let jdUTC = start.adding(seconds: night.exposure / 2).jdUTC
    let hours = night.hours(of: index)
    let airmass = night.airmass(rightAscension: sky.rightAscension, declination: sky.declination, jdUTC: jdUTC)
    let mishap = night.mishaps[index]
    let phase = Double(index % night.lightsPerNight) / Double(max(1, night.lightsPerNight - 1)) - 0.5
    var slow = SeededGenerator(seed: seed, part: 3)
    var quick = generator(.conditions, index)
    func wave(_ period: Double) -> Double { sin(2 * .pi * (hours / period + slow.uniform())) }

    let seeing =
      night.seeing * pow(airmass, 0.6) * (1 + night.seeingSwing * (wave(2.3) + 0.4 * wave(0.8)))
      * (1 + 0.02 * quick.normal())
    var pointSpread = PointSpread(
      fwhm: seeing / camera.pixelScale, elongation: 1.03 + 0.02 * abs(quick.normal()), angle: 0.6 + 0.3 * wave(3.1))
    if case .blurred(let factor) = mishap { pointSpread.fwhm *= factor }

    let rotation = night.rotation * phase * .pi / 180
    let (centreX, centreY) = (Double(camera.width - 1) / 2, Double(camera.height - 1) / 2)
    let shiftX = night.driftX * (phase + 0.08 * wave(1.9)) + 0.3 * quick.normal()
    let shiftY = night.driftY * (phase + 0.12 * wave(1.4)) + 0.3 * quick.normal()
    let (c, s) = (cos(rotation), sin(rotation))
    let transform = SimilarityTransform(
      a: c, b: s, tx: centreX + shiftX - c * centreX + s * centreY, ty: centreY + shiftY - s * centreX - c * centreY)

    var (cloud, slope) = (0.0, 0.0)
    switch mishap {
    case .cloud(let magnitudes): cloud = magnitudes
    case .cloudEdge(let magnitudes, let across): (cloud, slope) = (magnitudes, across)
    case .noLight: cloud = .infinity
    default: break
    }
    // Cloud reflects the lights of the ground.
    let glow = 1 + 0.3 * (1 - pow(10, -0.4 * cloud))
    let band = night.passband(of: index)
    let darkSky =
      pow(10, 0.4 * (band.zeroPoint - band.skyBrightness)) * camera.pixelScale * camera.pixelScale * night.exposure
    return Conditions(
      index: index, start: start, jdUTC: jdUTC, hours: hours, airmass: airmass, transform: transform,
      pointSpread: pointSpread, extinction: band.extinction * airmass, cloud: cloud, cloudSlope: slope,
      sky: darkSky * (1 + 0.3 * (airmass - 1)) * (1 + 0.02 * wave(1.7)) * glow,
      scintillation: night.scintillation(airmass: airmass), mishap: mishap)
  }
}
