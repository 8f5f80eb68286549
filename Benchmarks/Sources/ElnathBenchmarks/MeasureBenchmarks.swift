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
    Benchmark(name: "measure: ten radii, with cosmic rays looked for", unit: "stars", count: stars.count) {
      _ = ten(marked, registration: registration, number: 1, airmass: 1.2)
    },
  ]
}
