import ElnathCore

/// A field found in a catalogue, a wrong one not found, and stars brought to the sky.
func solveBenchmarks() -> [Benchmark] {
  var random = SeededGenerator(seed: 11)
  let centre = SkyPoint(rightAscension: 67.9, declination: 18.2)
  let unit = 0.425 / 3600
  let projection = SkyProjection([
    SkyKeyword("CTYPE1", "RA---TAN"), SkyKeyword("CTYPE2", "DEC--TAN"), SkyKeyword("CRVAL1", centre.rightAscension),
    SkyKeyword("CRVAL2", centre.declination), SkyKeyword("CRPIX1", 2048.5), SkyKeyword("CRPIX2", 2056.5),
    SkyKeyword("CD1_1", -unit), SkyKeyword("CD1_2", 0), SkyKeyword("CD2_1", 0), SkyKeyword("CD2_2", unit),
  ])
  guard let projection else { return [] }
  var seen: [(place: PixelPoint, flux: Double)] = []
  var catalog: [SkyStar] = []
  var elsewhere: [SkyStar] = []
  for rank in 0..<6000 {
    let places = (0..<2).map { _ in
      PixelPoint(x: 4096 * (3 * random.uniform() - 1), y: 4112 * (3 * random.uniform() - 1))
    }
    let magnitude = 9 + 9 * Double(rank) / 6000
    if let sky = projection.sky(at: places[0]) { catalog.append(SkyStar(sky: sky, magnitude: magnitude)) }
    if let sky = projection.sky(at: places[1]) { elsewhere.append(SkyStar(sky: sky, magnitude: magnitude)) }
    if places[0].lies(inWidth: 4096, height: 4112) { seen.append((places[0], 6000 - Double(rank))) }
  }
  let image = FieldImage(stars: seen, width: 4096, height: 4112)
  let hint = FieldHint(centre: centre, radius: 0.5, scale: 0.35...0.5)
  let (sky, other) = (catalog, elsewhere)
  return [
    Benchmark(name: "solve: a field of \(seen.count) stars in a catalogue of 6000", unit: "stars", count: seen.count) {
      _ = FieldSolver()(image, sky, hint: hint)
    },
    Benchmark(name: "solve: the same in a wrong catalogue", unit: "stars", count: seen.count) {
      _ = FieldSolver()(image, other, hint: hint)
    },
    Benchmark(name: "solve: 6000 stars from the sky to pixels", unit: "stars", count: 6000) {
      _ = projection.places(of: sky.map(\.sky))
    },
  ]
}
