/// The apertures of a filter as they lie on one frame: circles are summed in one pass, other shapes each in its own.
struct FrameApertures {
  /// In the order of the tables.
  let shapes: [any Aperture]
  private let circles: ConcentricApertures
  /// Place among the circles of each shape; nil for one that is none.
  private let places: [Int?]
  private var rings: [ApertureSums]
  private var memory = ConcentricApertures.Memory()
  private(set) var sums: [ApertureSums]

  /// `core`: the smallest circle that reaches this radius (px), else the largest, gives the peak.
  init(_ shapes: [any Aperture], core: Double) {
    self.shapes = shapes
    let radii = shapes.map { ($0 as? CircularAperture)?.radius }
    // Without any circle there is still a peak.
    let distinct = Set(radii.compactMap { $0 }).sorted()
    let all = distinct.isEmpty ? [core] : distinct
    circles = ConcentricApertures(radii: all, core: core)
    places = radii.map { radius in radius.flatMap { all.firstIndex(of: $0) } }
    rings = Array(repeating: ApertureSums(), count: all.count)
    sums = Array(repeating: ApertureSums(), count: shapes.count)
  }

  /// Fills `sums` for apertures about `centre`; returns the highest raw ADU of the core, NaN where no pixel has one.
  mutating func measure(_ planes: FramePlanes, around centre: PixelPoint) -> Float {
    let peak = circles(planes, around: centre, sums: &rings, memory: &memory)
    for k in shapes.indices {
      if let place = places[k] {
        sums[k] = rings[place]
      } else {
        sums[k] = ApertureSums(of: shapes[k].weights(centeredAt: centre), over: planes)
      }
    }
    return peak
  }
}

extension ApertureSums {
  /// Over the pixels that lie on the frame.
  init(of weights: PixelWeights, over planes: FramePlanes) {
    self.init()
    for row in max(0, -weights.y)..<max(max(0, -weights.y), min(weights.height, planes.height - weights.y)) {
      let first = max(0, -weights.x)
      for column in first..<max(first, min(weights.width, planes.width - weights.x)) {
        let w = weights.fractions[row * weights.width + column]
        guard w > 0 else { continue }
        let i = planes.index(weights.x + column, weights.y + row)
        mask.formUnion(planes.mask[i])
        add(
          w, Double(planes.image[i]), planes.inverseFlat.map { Double($0[i]) } ?? 1,
          planes.flatVariance.map { Double($0[i]) } ?? 0)
      }
    }
  }
}
