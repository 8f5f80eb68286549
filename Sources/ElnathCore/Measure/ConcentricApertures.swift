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

}

/// The same in pairs of numbers, as the processor adds them.
private struct PairedSums {
  /// Flux and area; area2 and photons; inverseFlat and inverseFlat2; flat and nothing.
  var light = SIMD2<Double>.zero
  var squares = SIMD2<Double>.zero
  var flats = SIMD2<Double>.zero
  var errors = SIMD2<Double>.zero
  var mask: PixelMask = []

  /// One pixel, each wholly covered.
  @inline(__always)
  init(_ d: Double, _ q: Double, _ flatVariance: Double) {
    light = SIMD2(d, 1)
    squares = SIMD2(1, q * d)
    flats = SIMD2(q, q * q)
    errors = SIMD2(d * d * flatVariance, 0)
  }

  init() {}

  @inline(__always)
  mutating func add(_ other: PairedSums) {
    light += other.light
    squares += other.squares
    flats += other.flats
    errors += other.errors
  }

  /// As much of a pixel as is covered.
  @inline(__always)
  mutating func add(_ w: Double, of pixel: PairedSums) {
    let (once, twice) = (SIMD2(repeating: w), SIMD2(repeating: w * w))
    light += once * pixel.light
    squares += twice * pixel.squares
    flats += twice * pixel.flats
    errors += twice * pixel.errors
  }

  var sums: ApertureSums {
    ApertureSums(
      flux: light[0], area: light[1], area2: squares[0], photons: squares[1], inverseFlat: flats[0],
      inverseFlat2: flats[1], flat: errors[0], mask: mask)
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
  /// 1/(4 r^2).
  private let shares: [Double]
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
    shares = squares.map { 0.25 / $0 }
    // So fine that a look-up seldom has to step on.
    let scale = min(8, Self.steps / squares.last!)
    self.scale = scale
    var k = 0
    firstReaching = (0...Int(scale * squares.last! + 1)).map { i in
      while k < squares.count && squares[k] * scale < Double(i) { k += 1 }
      return k
    }
    peakIndex = radii.firstIndex { $0 >= core } ?? radii.count - 1
  }

  /// The tables without the arrays around them: they are looked up twice for every pixel.
  private struct Tables {
    let squares: UnsafeBufferPointer<Double>
    let shares: UnsafeBufferPointer<Double>
    let firstReaching: UnsafeBufferPointer<Int>
    let scale: Double

    /// Index of the first circle with radius^2 at least `square`, which is not negative, or their count.
    @inline(__always)
    func first(reaching square: Double) -> Int {
      if square > squares[squares.count - 1] { return squares.count }
      var k = firstReaching[Int(scale * square)]
      while squares[k] < square { k += 1 }
      return k
    }
  }

  private func withTables<Result>(_ body: (Tables) -> Result) -> Result {
    squares.withUnsafeBufferPointer { squares in
      shares.withUnsafeBufferPointer { shares in
        firstReaching.withUnsafeBufferPointer { firstReaching in
          body(Tables(squares: squares, shares: shares, firstReaching: firstReaching, scale: scale))
        }
      }
    }
  }

  /// What is worked with about one place, used again for the next.
  struct Memory {
    /// Half chords of all circles at the sides of the pixels, first those of the columns, then those of the rows.
    fileprivate var chords: [Double] = []
    /// What lies in each circle but in no smaller one, then what each circle cuts.
    fileprivate var paired: [PairedSums] = []
  }

  /// Sums for every radius about `centre`, over the pixels that lie on the frame, written to `sums`.
  /// Returns the highest raw ADU of the core; NaN where no pixel of it has one.
  func callAsFunction(
    _ planes: FramePlanes, around centre: PixelPoint, sums: inout [ApertureSums], memory: inout Memory
  ) -> Float {
    let count = radii.count
    precondition(sums.count == count, "one sum for each radius")
    for k in 0..<count { sums[k] = ApertureSums() }
    let reach = min(radii[count - 1], PixelWeights.farthest) + 0.5
    let columns = Self.pixels(around: centre.x, reach: reach, of: planes.width)
    let rows = Self.pixels(around: centre.y, reach: reach, of: planes.height)
    guard !columns.isEmpty && !rows.isEmpty else { return .nan }
    var peak = -Float.infinity
    let sides = (columns.count + rows.count + 2) * count
    if memory.chords.count < sides { memory.chords = Array(repeating: 0, count: sides) }
    memory.paired.removeAll(keepingCapacity: true)
    memory.paired.append(contentsOf: repeatElement(PairedSums(), count: 2 * count))
    memory.chords.withUnsafeMutableBufferPointer { chords in
      let across = UnsafeMutableBufferPointer(rebasing: chords[..<((columns.count + 1) * count)])
      let along = UnsafeMutableBufferPointer(rebasing: chords[((columns.count + 1) * count)..<sides])
      fill(across, columns, about: centre.x)
      fill(along, rows, about: centre.y)
      memory.paired.withUnsafeMutableBufferPointer { paired in
        let shells = UnsafeMutableBufferPointer(rebasing: paired[..<count])
        let cut = UnsafeMutableBufferPointer(rebasing: paired[count...])
        withTables { tables in
          for y in rows {
            let j = y - rows.lowerBound
            add(
              planes, y: y, columns, around: centre, across,
              along: UnsafeMutableBufferPointer(rebasing: along[(j * count)..<((j + 2) * count)]), tables, shells, cut,
              &peak)
          }
        }
        var inside = PairedSums()
        for k in 0..<count {
          inside.add(shells[k])
          inside.mask.formUnion(shells[k].mask)
          cut[k].add(inside)
          cut[k].mask = inside.mask
          sums[k] = cut[k].sums
        }
      }
    }
    return peak.isFinite ? peak : .nan
  }

  /// Pixels of a line of the frame that lie so near to a place on it.
  private static func pixels(around place: Double, reach: Double, of count: Int) -> Range<Int> {
    let first = max(0, Int((place - reach).rounded(.up)))
    return first..<max(first, min(count, Int((place + reach).rounded(.down)) + 1))
  }

  /// Half chords at the lower side of each pixel and at the upper one of the last, of all circles next to each other.
  private func fill(_ chords: UnsafeMutableBufferPointer<Double>, _ pixels: Range<Int>, about place: Double) {
    let count = squares.count
    squares.withUnsafeBufferPointer { squares in
      for i in 0...pixels.count {
        let side = Double(pixels.lowerBound + i) - place - 0.5
        let out = UnsafeMutableBufferPointer(rebasing: chords[(i * count)..<((i + 1) * count)])
        for k in 0..<count { out[k] = max(squares[k] - side * side, 0).squareRoot() }
      }
    }
  }

  /// Adds the pixels of one row. `along`: the chords at its lower and its upper side.
  @inline(__always)
  private func add(
    _ planes: FramePlanes, y: Int, _ columns: Range<Int>, around centre: PixelPoint,
    _ across: UnsafeMutableBufferPointer<Double>, along: UnsafeMutableBufferPointer<Double>,
    _ tables: Tables, _ shells: UnsafeMutableBufferPointer<PairedSums>, _ cut: UnsafeMutableBufferPointer<PairedSums>,
    _ peak: inout Float
  ) {
    let count = tables.squares.count
    let dy = Double(y) - centre.y
    let nearY = max(abs(dy) - 0.5, 0)
    let farY = abs(dy) + 0.5
    // The row that holds the centre meets each circle at both sides.
    let crossesY = abs(dy) < 0.5
    let (nearRow, farRow) = dy < 0 ? (count, 0) : (0, count)
    let half = min(crossesY ? radii[count - 1] : along[nearRow + count - 1], PixelWeights.farthest) + 0.5
    let first = max(columns.lowerBound, Int((centre.x - half).rounded(.up)))
    let last = min(columns.upperBound - 1, Int((centre.x + half).rounded(.down)))
    guard first <= last else { return }
    for x in first...last {
      let dx = Double(x) - centre.x
      let nearX = max(abs(dx) - 0.5, 0)
      let farX = abs(dx) + 0.5
      let touching = tables.first(reaching: nearX * nearX + nearY * nearY)
      if touching == count { continue }
      let covering = tables.first(reaching: farX * farX + farY * farY)
      let i = planes.index(x, y)
      let pixel = PairedSums(
        Double(planes.image[i]), planes.inverseFlat.map { Double($0[i]) } ?? 1,
        planes.flatVariance.map { Double($0[i]) } ?? 0)
      if touching <= peakIndex && planes.adu[i] > peak { peak = planes.adu[i] }
      shells[touching].mask.formUnion(planes.mask[i])
      if touching < covering {
        let column = (x - columns.lowerBound) * count
        let (near, far) = dx < 0 ? (column + count, column) : (column, column + count)
        let crosses = crossesY || abs(dx) < 0.5
        for k in touching..<covering {
          let w =
            crosses
            ? CircleOverlap.fraction(dx: dx, dy: dy, radius: radii[k])
            : CircleOverlap.cut(
              nearX, nearY, heights: (across[near + k], across[far + k]),
              widths: (along[nearRow + k], along[farRow + k]), square: tables.squares[k], share: tables.shares[k])
          if w > 0 { cut[k].add(w, of: pixel) }
        }
      }
      if covering < count { shells[covering].add(pixel) }
    }
  }
}
