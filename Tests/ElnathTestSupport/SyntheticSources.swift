import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension SyntheticField {
  /// What detection would find on an exposure of this field, without making pixels: places with errors, some stars
  /// missing, some false ones.
  public func sources(
    seed: UInt64, transform: SimilarityTransform = .identity, error: Double = 0.05, missing: Double = 0,
    spurious: Int = 0
  ) -> FrameSources {
    var random = SeededGenerator(seed: seed)
    var found: [Source] = []
    func add(_ place: PixelPoint, _ flux: Double) {
      guard place.lies(inWidth: width, height: height) else { return }
      found.append(
        Source(
          position: place, positionVariance: error * error, flux: flux, fluxError: flux / 50, fwhm: fwhm,
          elongation: 1.05, peak: flux / 20, mask: []))
    }
    for star in stars {
      let place = transform(star.position)
      let x = place.x + error * random.normal()
      let y = place.y + error * random.normal()
      let flux = star.flux * transparency * (1 + 0.05 * random.normal())
      if random.uniform() >= missing { add(PixelPoint(x: x, y: y), flux) }
    }
    for hot in hotPixels {
      add(
        PixelPoint(x: Double(hot.x) + 0.03 * random.normal(), y: Double(hot.y) + 0.03 * random.normal()), hot.electrons)
    }
    for _ in 0..<spurious {
      let x = random.uniform(0..<Double(width - 1))
      let y = random.uniform(0..<Double(height - 1))
      add(PixelPoint(x: x, y: y), stars.isEmpty ? 1000 : stars[Int(random.uniform() * Double(stars.count))].flux)
    }
    found.sort { $0.flux > $1.flux }
    var observation = Observation(file: file, kind: .light, width: width, height: height)
    observation.filter = filter
    observation.exposure = exposure
    return FrameSources(
      observation: observation, width: width, height: height, sources: found, fwhm: found.isEmpty ? .nan : fwhm,
      elongation: found.isEmpty ? .nan : 1.05, sky: sky, skySigma: (sky + readNoise * readNoise).squareRoot())
  }
}

extension SeriesFrame {
  /// A frame of a test series: one a minute.
  public init(number: Int, sources: FrameSources?, filter: String = "R", exposure: Double = 60) {
    self.init(
      summary: FrameSummary(
        frame: number, file: "f\(number).fits", filter: filter, night: "2020-01-20",
        jdUTC: 2_458_868 + Double(number) / 1440, exposure: exposure), sources: sources)
  }
}

extension SimilarityTransform {
  /// A turn about `centre` (degrees), a scale, a flip of x, then a shift.
  public static func turning(
    _ degrees: Double, about centre: PixelPoint, scale: Double = 1, mirrored: Bool = false,
    shift: (Double, Double) = (0, 0)
  ) -> SimilarityTransform {
    let angle = degrees * .pi / 180
    var turn = SimilarityTransform(
      a: scale * cos(angle), b: scale * sin(angle), tx: 0, ty: 0, mirrored: mirrored)
    let moved = turn(centre)
    turn.tx = centre.x - moved.x + shift.0
    turn.ty = centre.y - moved.y + shift.1
    return turn
  }
}
