/// Reduces the pixels about the stars of one raw frame, star after star, and no more of them than is read: values where
/// there is sky, variances about the core. The same bits as those of the whole frame. Valid only within
/// `FrameReduction.withStarBoxes`.
///
/// A class, for it has many parts: to copy them for each star takes longer than some of the work.
final class StarBoxes: PixelSource {
  let observation: Observation
  let noise: NoiseModel
  let amplifierNoise: [AmplifierNoise]
  let row: RowReduction
  let events: FrameEvents?
  let raw: StoredPixels
  let planes: Planes
  /// Of all that is read of every pixel.
  private let lines: CacheLines
  /// Of what is read for variances alone.
  private let varianceLines: CacheLines
  private var expected: StarRegion?
  /// The planes of the box at hand: one star after another uses them.
  private var memory: [Float] = []
  private var mask: [PixelMask] = []

  var width: Int { row.trim.width }
  var height: Int { row.trim.height }

  /// What the rows of masters are read from, opened once for all stars.
  struct Planes {
    let bias: MasterRows.Plane
    let dark: MasterRows.Plane
    let inverse: MasterRows.Plane
    let darkVariance: MasterRows.Plane
    let relativeVariance: UnsafeBufferPointer<Float>?
    /// What is known of bad pixels; nil for nothing.
    let marks: UnsafeBufferPointer<PixelMask>?
  }

  init(
    observation: Observation, noise: NoiseModel, amplifierNoise: [AmplifierNoise], row: RowReduction,
    events: FrameEvents?, raw: StoredPixels, planes: Planes
  ) {
    self.observation = observation
    self.noise = noise
    self.amplifierNoise = amplifierNoise
    self.row = row
    self.events = events
    self.raw = raw
    self.planes = planes
    var lines = CacheLines()
    switch raw.stored {
    case .reals(let pixels): lines.add(pixels, width: raw.width, from: row.trim.x, row.trim.y)
    case .integers(let pixels, _): lines.add(pixels, width: raw.width, from: row.trim.x, row.trim.y)
    }
    // A constant has no rows.
    for plane in [planes.bias, planes.dark, planes.inverse] where plane.stride > 0 {
      lines.add(plane.pixels, width: plane.stride)
    }
    if let marks = planes.marks { lines.add(marks, width: row.trim.width) }
    self.lines = lines
    var varianceLines = CacheLines()
    if planes.darkVariance.stride > 0 { varianceLines.add(planes.darkVariance.pixels, width: row.trim.width) }
    if let relative = planes.relativeVariance { varianceLines.add(relative, width: row.trim.width) }
    self.varianceLines = varianceLines
  }

  func withPlanes<Result>(in box: PixelRectangle, _ body: (FramePlanes) -> Result) -> Result {
    withMemory(box) { memory in
      memory.writeWhole(by: self)
      return body(memory.planes(of: self))
    }
  }

  func withPlanes<Result>(of region: StarRegion, _ body: (FramePlanes) -> Result) -> Result {
    withMemory(region.box) { memory in
      if !memory.write(region, by: self) { memory.writeWhole(by: self) }
      return body(memory.planes(of: self))
    }
  }

  func expect(_ region: StarRegion?) { expected = region }

  /// Asks for the `k`th row of the region that is expected, if it has so many.
  func prefetch(row k: Int) {
    guard let expected, k < expected.box.height else { return }
    let y = expected.box.y + k
    lines.prefetch(row: y, columns: expected.columns(ofRow: y))
    if expected.rows.contains(y) { varianceLines.prefetch(row: y, columns: expected.columns(width: width)) }
  }

  private func withMemory<Result>(_ box: PixelRectangle, _ body: (StarMemory) -> Result) -> Result {
    precondition(box.fits(width: width, height: height), "box outside the frame")
    let count = box.width * box.height
    if mask.count < count {
      memory = Array(repeating: 0, count: 5 * count)
      mask = Array(repeating: [], count: count)
    }
    return memory.withUnsafeMutableBufferPointer { memory in
      mask.withUnsafeMutableBufferPointer { mask in
        body(
          StarMemory(
            box: box, memory: UnsafeMutableBufferPointer(rebasing: memory[..<(5 * count)]),
            mask: UnsafeMutableBufferPointer(rebasing: mask[..<count])))
      }
    }
  }
}

/// The planes of one box.
private struct StarMemory {
  let box: PixelRectangle
  let memory: UnsafeMutableBufferPointer<Float>
  let mask: UnsafeMutableBufferPointer<PixelMask>

  private func plane(_ k: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: memory[(k * mask.count)..<((k + 1) * mask.count)])
  }

  private var electrons: UnsafeMutableBufferPointer<Float> { plane(0) }
  private var variance: UnsafeMutableBufferPointer<Float> { plane(1) }
  private var adu: UnsafeMutableBufferPointer<Float> { plane(2) }
  private var inverseFlat: UnsafeMutableBufferPointer<Float> { plane(3) }
  private var flatVariance: UnsafeMutableBufferPointer<Float> { plane(4) }

  func planes(of boxes: StarBoxes) -> FramePlanes {
    boxes.events?.marks.mark(mask, in: box)
    boxes.events?.hotPixels.subtract(from: electrons, variance: variance, in: box)
    let hasFlat = boxes.row.flat != nil
    return FramePlanes(
      planes: ImagePlanes(
        width: boxes.width, height: boxes.height, box: box, image: UnsafeBufferPointer(electrons),
        variance: UnsafeBufferPointer(variance), mask: UnsafeBufferPointer(mask)),
      adu: UnsafeBufferPointer(adu), inverseFlat: hasFlat ? UnsafeBufferPointer(inverseFlat) : nil,
      flatVariance: hasFlat ? UnsafeBufferPointer(flatVariance) : nil)
  }

  /// Every pixel, with all that it has.
  func writeWhole(by boxes: StarBoxes) {
    let trim = boxes.row.trim
    let grid = boxes.raw.grid()
    ReducedBox(box: box, electrons: electrons, variance: variance, mask: mask).write(grid, by: boxes.row)
    grid.copy(
      PixelRectangle(x: trim.x + box.x, y: trim.y + box.y, width: box.width, height: box.height), to: adu)
    if let flat = boxes.row.flat {
      flat.inverse.copy(box, to: inverseFlat)
      flat.relativeVariance.copy(box, to: flatVariance)
    }
  }

  /// What is read of a region; false, and nothing that could be used, where a pixel is too bright for that or its
  /// neighbours are not at hand.
  func write(_ region: StarRegion, by boxes: StarBoxes) -> Bool {
    let trim = boxes.row.trim
    let columns = region.columns(width: trim.width)
    guard columns.lowerBound >= box.x, columns.upperBound <= box.x + box.width else { return false }
    let rows = region.rows
    for y in box.y..<(box.y + box.height) {
      boxes.prefetch(row: y - box.y)
      var wanted = region.columns(ofRow: y)
      if rows.contains(y) {
        wanted = min(wanted.lowerBound, columns.lowerBound)..<max(wanted.upperBound, columns.upperBound)
      }
      if wanted.isEmpty { continue }
      let first = (y - box.y) * box.width - box.x
      let place = (first + wanted.lowerBound)..<(first + wanted.upperBound)
      let line = UnsafeMutableBufferPointer(rebasing: adu[place])
      boxes.raw.copy(row: trim.y + y, from: trim.x + wanted.lowerBound, to: line)
      let kernel = RowKernel(
        adu: UnsafeBufferPointer(line), electrons: UnsafeMutableBufferPointer(rebasing: electrons[place]),
        inverseFlat: UnsafeMutableBufferPointer(rebasing: inverseFlat[place]),
        mask: UnsafeMutableBufferPointer(rebasing: mask[place]))
      guard kernel.reduce(y, columns: wanted, by: boxes.row, boxes.planes) else { return false }
      if rows.contains(y) {
        addVariances(y, columns, (first + columns.lowerBound)..<(first + columns.upperBound), by: boxes.row)
      }
    }
    return true
  }

  /// The variances of a row, and the flat's own; `place`: of its columns in memory.
  private func addVariances(_ y: Int, _ columns: Range<Int>, _ place: Range<Int>, by row: RowReduction) {
    let v = UnsafeMutableBufferPointer(rebasing: variance[place])
    let e = UnsafeBufferPointer(rebasing: electrons[place]).span
    row.writeVariances(y, columns: columns, electrons: e, into: v)
    guard let flat = row.flat else { return }
    let pixels = (y * row.trim.width + columns.lowerBound)..<(y * row.trim.width + columns.upperBound)
    let relative = flat.relativeVariance.pixels.span.extracting(pixels)
    let out = UnsafeMutableBufferPointer(rebasing: flatVariance[place])
    for x in 0..<out.count { out[x] = relative[x] }
  }
}

extension FrameReduction {
  /// Hands out what reduces the boxes about stars; nil where variances must be known to tell what a pixel's mask says,
  /// and for a frame that was reduced before.
  func withStarBoxes<Result>(_ body: (StarBoxes) -> Result) -> Result? {
    withStoredPixels { raw, row in
      row.withPlanes { planes in
        body(
          StarBoxes(
            observation: observation, noise: noise, amplifierNoise: amplifierNoise, row: row, events: events, raw: raw,
            planes: planes))
      }
    } ?? nil
  }
}

extension RowReduction {
  /// Opens the masters; nil where only variances tell what the mask of a pixel says.
  func withPlanes<Result>(_ body: (StarBoxes.Planes) -> Result) -> Result? {
    guard hasFiniteVariances else { return nil }
    func open(_ body: (UnsafeBufferPointer<Float>?) -> Result) -> Result {
      guard let flat else { return body(nil) }
      return flat.relativeVariance.pixels.withUnsafeBufferPointer { body($0) }
    }
    func opened(_ body: (UnsafeBufferPointer<PixelMask>?) -> Result) -> Result {
      guard let marks else { return body(nil) }
      return marks.pixels.withUnsafeBufferPointer { body($0) }
    }
    return bias.withPixels { bias in
      dark.withPixels { dark in
        darkVariance.withPixels { darkVariance in
          inverseFlat.withPixels { inverse in
            open { relative in
              opened { marks in
                body(
                  StarBoxes.Planes(
                    bias: bias, dark: dark, inverse: inverse, darkVariance: darkVariance, relativeVariance: relative,
                    marks: marks))
              }
            }
          }
        }
      }
    }
  }
}
