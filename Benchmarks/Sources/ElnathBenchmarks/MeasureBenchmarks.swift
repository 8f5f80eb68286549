import ElnathCore

/// Apertures, annulus and centroid of 500 stars of a frame of 2048 x 2048.
func measureBenchmarks() -> [Benchmark] {
  let frames = SimulatedFrames(width: 2048, height: 2048, stars: 900)
  guard let alignment = SeriesAlignment()(frames.series(3)), let registration = alignment.frames[0].registration else {
    preconditionFailure("a clear night can be registered")
  }
  let reduction = frames.reduction(0)
  let frame = reduction.frame()
  let stars = StarSelection(candidates: 500, leastSignalToNoise: 0)(
    userStars: [], alignment: alignment, readNoise: frame.noise.readNoise)
  var searched = reduction
  searched.add(trails: [], hotPixels: [], cosmicRays: CosmicRays(fwhm: 3))
  let marked = searched
  func photometry(_ radii: [Double]) -> AperturePhotometry {
    var choices = MeasurementPlan.Choices()
    choices.radii = radii
    return AperturePhotometry(
      plan: .make(stars: stars, alignment: alignment, readNoise: frame.noise.readNoise, choices: choices))
  }
  func photometry(_ change: (inout MeasurementPlan.Choices) -> Void) -> AperturePhotometry {
    var choices = MeasurementPlan.Choices()
    choices.radii = [5]
    change(&choices)
    return AperturePhotometry(
      plan: .make(stars: stars, alignment: alignment, readNoise: frame.noise.readNoise, choices: choices))
  }
  let ellipses = photometry { choices in
    choices.apertures = [2, 2.5, 3, 3.5, 4, 5, 6, 7, 9, 11].compactMap {
      PlannedAperture(.ellipse, [1.2 * $0, $0 / 1.2, 30])
    }
  }
  let gaussian = photometry { $0.centroid = .gaussian }
  let median = photometry { $0.sky = .median }
  let quadratic = photometry { $0.sky = .quadratic }
  let measured = photometry([2, 3, 4, 5, 7, 9, 11])(frame, registration: registration, number: 1, airmass: 1.2)
  let circle = CircularAperture(radius: 8)
  let ellipse = EllipticalAperture(a: 10, b: 6.4, angle: 0.5)
  let one = photometry([5])
  let ten = photometry([2, 2.5, 3, 3.5, 4, 5, 6, 7, 9, 11])
  return [
    Benchmark(name: "measure: one radius", unit: "stars", count: stars.count) {
      _ = one(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: ten radii", unit: "stars", count: stars.count) {
      _ = ten(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: ten radii, reduced around the stars", unit: "stars", count: stars.count) {
      _ = ten(reduction, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: ten ellipses", unit: "stars", count: stars.count) {
      _ = ellipses(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: one radius, Gaussian centroids", unit: "stars", count: stars.count) {
      _ = gaussian(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: one radius, median sky", unit: "stars", count: stars.count) {
      _ = median(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: one radius, quadratic sky", unit: "stars", count: stars.count) {
      _ = quadratic(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: exact overlap of a circle", unit: "apertures", count: 1000) {
      for k in 0..<1000 { _ = circle.weights(centeredAt: PixelPoint(x: 0.001 * Double(k), y: 0.3)) }
    },
    Benchmark(name: "measure: exact overlap of an ellipse", unit: "apertures", count: 1000) {
      for k in 0..<1000 { _ = ellipse.weights(centeredAt: PixelPoint(x: 0.001 * Double(k), y: 0.3)) }
    },
    Benchmark(name: "measure: plan of a series", unit: "stars", count: stars.count) {
      _ = MeasurementPlan.make(stars: stars, alignment: alignment, readNoise: frame.noise.readNoise)
    },
    Benchmark(name: "measure: curve of growth", unit: "stars", count: stars.count) {
      _ = GrowthCurve(measured, stars: stars)
    },
    Benchmark(name: "measure: ten radii, with cosmic rays looked for", unit: "stars", count: stars.count) {
      _ = ten(marked, registration: registration, number: 1, airmass: 1.2)
    },
  ] + crowdBenchmarks()
}

/// 5000 stars of one frame of 4096 x 4112, in one aperture and in ten, as a reduced frame and around the stars alone.
private func crowdBenchmarks() -> [Benchmark] {
  let frames = SimulatedFrames(width: 4096, height: 4112, stars: 9000)
  guard let alignment = SeriesAlignment()(frames.series(2)), let registration = alignment.frames[0].registration else {
    preconditionFailure("a clear night can be registered")
  }
  let reduction = frames.reduction(0)
  let frame = reduction.frame()
  let stars = StarSelection(candidates: 5000, leastSignalToNoise: 0)(
    userStars: [], alignment: alignment, readNoise: frame.noise.readNoise)
  func photometry(_ radii: [Double]) -> AperturePhotometry {
    var choices = MeasurementPlan.Choices()
    choices.radii = radii
    return AperturePhotometry(
      plan: .make(stars: stars, alignment: alignment, readNoise: frame.noise.readNoise, choices: choices))
  }
  let one = photometry([5])
  let ten = photometry([2, 2.5, 3, 3.5, 4, 5, 6, 7, 9, 11])
  return [
    Benchmark(name: "measure: 5000 stars, one radius", unit: "stars", count: stars.count) {
      _ = one(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: 5000 stars, ten radii", unit: "stars", count: stars.count) {
      _ = ten(frame, registration: registration, number: 1, airmass: 1.2)
    },
    Benchmark(name: "measure: 5000 stars, ten radii, reduced around the stars", unit: "stars", count: stars.count) {
      _ = ten(reduction, registration: registration, number: 1, airmass: 1.2)
    },
  ]
}
