/// What one aperture covers: sums over its pixels, w the covered fraction, d the electrons, q = 1/flat.
struct ApertureSums: Equatable {
  /// sum w d
  var flux = 0.0
  /// sum w
  var area = 0.0
  /// sum w^2
  var area2 = 0.0
  /// sum w^2 q d, sum w^2 q, sum w^2 q^2: what photons, their sky and constant noise scale with.
  var photons = 0.0
  var inverseFlat = 0.0
  var inverseFlat2 = 0.0
  /// sum w^2 d^2 (sigma_f/f)^2
  var flat = 0.0
  /// Everything that is wrong with any pixel touched.
  var mask: PixelMask = []

  @inline(__always)
  mutating func add(_ w: Double, _ d: Double, _ q: Double, _ flatVariance: Double) {
    let w2 = w * w
    let w2q = w2 * q
    flux += w * d
    area += w
    area2 += w2
    photons += w2q * d
    inverseFlat += w2q
    inverseFlat2 += w2q * q
    flat += w2 * d * d * flatVariance
  }

  mutating func add(_ other: ApertureSums) {
    flux += other.flux
    area += other.area
    area2 += other.area2
    photons += other.photons
    inverseFlat += other.inverseFlat
    inverseFlat2 += other.inverseFlat2
    flat += other.flat
    mask.formUnion(other.mask)
  }
}

/// Many circular apertures about one place, summed in one pass over the pixels.
///
/// A pixel that lies wholly inside some circle lies inside all larger ones: it is added once, to the shell of the
/// smallest, and running sums over the shells give the rest. Only the few pixels that a circle cuts need the exact
/// overlap.
struct ConcentricApertures {
  /// px, ascending.
  let radii: [Double]
  private let squares: [Double]
  /// At `i`: index of the first radius with a square of at least i / `scale`.
  private let firstReaching: [Int]
  private let scale: Double
  private static let steps = 65_536.0
  /// Index of the aperture whose brightest pixel is wanted.
  private let peakIndex: Int

  /// `core`: the smallest aperture that reaches this radius gives the peak.
  init(radii: [Double], core: Double) {
    precondition(!radii.isEmpty && zip(radii, radii.dropFirst()).allSatisfy(<), "radii must ascend")
    self.radii = radii
    let squares = radii.map { $0 * $0 }
    self.squares = squares
    let scale = min(1, Self.steps / squares.last!)
    self.scale = scale
    firstReaching = (0...Int(scale * squares.last! + 1)).map { i in
      squares.firstIndex { $0 * scale >= Double(i) } ?? squares.count
    }
    peakIndex = radii.firstIndex { $0 >= core } ?? radii.count - 1
  }

  /// Index of the first circle with radius^2 at least `square`, or their count.
  @inline(__always)
  private func first(reaching square: Double) -> Int {
    if square > squares[squares.count - 1] { return squares.count }
    var k = firstReaching[Int(scale * square)]
    while squares[k] < square { k += 1 }
    return k
  }

  /// Sums for every radius about `centre`, over the pixels that lie on the frame, written to `sums`.
  /// Returns the highest raw ADU of the core; NaN where no pixel of it has one.
  func callAsFunction(
    _ planes: FramePlanes, around centre: PixelPoint, shells: inout [ApertureSums], sums: inout [ApertureSums]
  ) -> Float {
    let count = radii.count
    precondition(shells.count == count && sums.count == count, "one sum for each radius")
    for k in 0..<count {
      shells[k] = ApertureSums()
      sums[k] = ApertureSums()
    }
    let reach = min(radii[count - 1], PixelWeights.farthest) + 0.5
    let columns = max(0, Int((centre.x - reach).rounded(.up)))...max(0, Int((centre.x + reach).rounded(.down)))
    let rows = max(0, Int((centre.y - reach).rounded(.up)))...max(0, Int((centre.y + reach).rounded(.down)))
    var peak = -Float.infinity
    for y in rows where y < planes.height {
      let dy = Double(y) - centre.y
      let nearY = max(abs(dy) - 0.5, 0)
      let farY = abs(dy) + 0.5
      for x in columns where x < planes.width {
        let dx = Double(x) - centre.x
        let nearX = max(abs(dx) - 0.5, 0)
        let farX = abs(dx) + 0.5
        let touching = first(reaching: nearX * nearX + nearY * nearY)
        if touching == count { continue }
        let covering = first(reaching: farX * farX + farY * farY)
        let i = planes.index(x, y)
        let d = Double(planes.image[i])
        let q = planes.inverseFlat.map { Double($0[i]) } ?? 1
        let flatVariance = planes.flatVariance.map { Double($0[i]) } ?? 0
        if touching <= peakIndex && planes.adu[i] > peak { peak = planes.adu[i] }
        shells[touching].mask.formUnion(planes.mask[i])
        for k in touching..<covering {
          let w = CircleOverlap.fraction(dx: dx, dy: dy, radius: radii[k])
          if w > 0 { sums[k].add(w, d, q, flatVariance) }
        }
        if covering < count { shells[covering].add(1, d, q, flatVariance) }
      }
    }
    var inside = ApertureSums()
    for k in 0..<count {
      inside.add(shells[k])
      sums[k].add(inside)
    }
    return peak.isFinite ? peak : .nan
  }
}
