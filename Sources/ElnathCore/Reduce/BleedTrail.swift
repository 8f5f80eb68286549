/// Charge that ran over from saturated pixels along the lines of the detector.
///
/// From both ends of a saturated core, along columns and along rows, pixels are followed as long as they stand out above
/// what the star gives at the same distance in other directions: the wings of a star are round, and the spikes of a
/// spider come in pairs. Only frames with saturated pixels cost more than a look.
public struct BleedTrail: Sendable {
  /// Raw ADU, bias included, from which a pixel is saturated.
  public var saturation: Double
  /// e-/ADU.
  public var gain: Double
  /// Electrons.
  public var readNoise: Double

  public init(saturation: Double, gain: Double, readNoise: Double) {
    self.saturation = saturation
    self.gain = gain
    self.readNoise = readNoise
  }

  /// A trail stands out by so many times its noise, which counts the bias as light and so is rather too large, and by so
  /// much of the star's own light.
  private static let limit = 10.0
  private static let contrast = 1.0

  /// The marks `bleed` of a raw frame, in the pixels of its trimmed part.
  /// `peaks`, of the raw frame, only save time.
  public func callAsFunction(
    _ adu: PixelGrid<Float>, trim: PixelRectangle, peaks: PixelPeaks? = nil
  ) -> [SparseMask.Run] {
    adu.pixels.withUnsafeBufferPointer {
      marks(StoredPixels(width: adu.width, height: adu.height, stored: .reals($0)), trim: trim, peaks: peaks)
    }
  }

  func marks(_ pixels: StoredPixels, trim: PixelRectangle, peaks: PixelPeaks?) -> [SparseMask.Run] {
    precondition(trim.fits(width: pixels.width, height: pixels.height), "the trimmed frame lies on the raw one")
    var marks: [SparseMask.Run] = []
    for core in SaturatedCore.joined(saturatedRuns(pixels, trim: trim, peaks)) {
      marks += narrowRuns(of: core)
      for alongRows in [false, true] {
        marks += trails(of: core, BleedAxis(pixels, trim: trim, alongRows: alongRows))
      }
    }
    return marks
  }

  /// Runs of saturated pixels, row by row. A raw pixel above every float is not saturated but missing.
  private func saturatedRuns(
    _ pixels: StoredPixels, trim: PixelRectangle, _ peaks: PixelPeaks?
  ) -> [SaturatedCore.Run] {
    let limit = Float(saturation)
    var runs: [SaturatedCore.Run] = []
    var memory = [Float](repeating: 0, count: trim.width)
    for y in 0..<trim.height {
      let first = (trim.y + y) * pixels.width + trim.x
      if let peaks, !peaks.mayReach(limit, in: first..<(first + trim.width)) { continue }
      memory.withUnsafeMutableBufferPointer { pixels.copy(row: trim.y + y, from: trim.x, to: $0) }
      let row = memory
      for start in stride(from: 0, to: row.count, by: 64) {
        let end = min(start + 64, row.count)
        guard RowScan.reaches(limit, row.span.extracting(start..<end)) else { continue }
        for x in start..<end where row[x] >= limit {
          if let last = runs.last, last.y == y, last.x1 == x - 1 {
            runs[runs.count - 1].x1 = x
          } else {
            runs.append((y, x, x))
          }
        }
      }
    }
    return runs
  }

  /// Saturated pixels beyond a core that is longer than broad: they belong to the trail, not to the star.
  private func narrowRuns(of core: SaturatedCore) -> [SparseMask.Run] {
    let (broadest, centre) = (core.broadest, core.centre)
    guard core.y1 - core.y0 + 1 > 2 * broadest + 4 else { return [] }
    return core.runs.filter { run in
      2 * (run.x1 - run.x0 + 1) <= broadest + 1 && abs(Double(run.y) - centre.y) > Double(broadest)
    }.map { SparseMask.Run(row: $0.y, columns: $0.x0..<($0.x1 + 1), mask: .bleed) }
  }

  /// Pixels beyond both ends of the core along one axis.
  private func trails(of core: SaturatedCore, _ axis: BleedAxis) -> [SparseMask.Run] {
    let centre = axis.alongRows ? (core.centre.x, core.centre.y) : (core.centre.y, core.centre.x)
    // First and last saturated place along the axis for each line across it.
    var ends: [Int: (first: Int, last: Int)] = [:]
    for run in core.runs {
      for x in run.x0...run.x1 {
        let (along, across) = axis.alongRows ? (x, run.y) : (run.y, x)
        let old = ends[across] ?? (along, along)
        ends[across] = (min(old.first, along), max(old.last, along))
      }
    }
    let broad = ends.count
    let narrow = min(core.x1 - core.x0, core.y1 - core.y0) + 1
    let base = axis.level(about: centre, radius: Double(3 * narrow + 30))
    guard base.isFinite else { return [] }
    var marks: [SparseMask.Run] = []
    for (across, end) in ends.sorted(by: { $0.key < $1.key }) {
      for (start, step) in [(end.first, -1), (end.last, 1)] {
        var missed = 0
        var along = start + step
        while missed < 2, along >= 0, along < axis.length {
          if isTrail(axis, along, across, centre: centre, base: base, broad: broad) {
            missed = 0
            let (x, y) = axis.alongRows ? (along, across) : (across, along)
            marks.append(SparseMask.Run(row: y, columns: x..<(x + 1), mask: .bleed))
          } else {
            missed += 1
          }
          along += step
        }
      }
    }
    return marks
  }

  private func isTrail(
    _ axis: BleedAxis, _ along: Int, _ across: Int, centre: (along: Double, across: Double), base: Double, broad: Int
  ) -> Bool {
    let value = axis.value(along, across)
    guard value.isFinite else { return false }
    let star = axis.star(about: centre, at: Double(along) - centre.along, base: base)
    let noise = (readNoise * readNoise / (gain * gain) + max(value, 0) / gain).squareRoot()
    let excess = value - star
    guard excess > Self.limit * noise, excess > Self.contrast * (star - base) else { return false }
    // As narrow as the core: a neighbouring star is broader.
    var width = 1
    for step in [-1, 1] {
      var k = across + step
      while width <= broad + 2, axis.value(along, k) - star > 0.5 * excess {
        width += 1
        k += step
      }
    }
    return width <= broad + 1
  }
}

/// Raw pixels of the trimmed frame by their place along a line of the detector and across the lines.
struct BleedAxis {
  private let pixels: StoredPixels
  private let trim: PixelRectangle
  let alongRows: Bool
  var length: Int { alongRows ? trim.width : trim.height }
  private var breadth: Int { alongRows ? trim.height : trim.width }

  init(_ pixels: StoredPixels, trim: PixelRectangle, alongRows: Bool) {
    self.pixels = pixels
    self.trim = trim
    self.alongRows = alongRows
  }

  /// NaN beyond the frame.
  func value(_ along: Int, _ across: Int) -> Double {
    guard along >= 0, across >= 0, along < length, across < breadth else { return .nan }
    let (x, y) = alongRows ? (along, across) : (across, along)
    return Double(pixels[trim.x + x, trim.y + y])
  }

  /// Median of the pixels on a circle; NaN where less than half of it lies on the frame.
  func level(about centre: (along: Double, across: Double), radius: Double) -> Double {
    let directions = (0..<32).map { k in
      let (c, s) = Self.direction(k)
      return value(Int((centre.along + radius * c).rounded()), Int((centre.across + radius * s).rounded()))
    }
    let found = directions.filter(\.isFinite)
    return 2 * found.count >= directions.count ? Median.of(found) : .nan
  }

  /// What the star gives at this distance: the larger of the median on the diagonals and the lower of the two sides, so
  /// that a spike on both sides counts and a neighbour on one does not.
  func star(about centre: (along: Double, across: Double), at distance: Double, base: Double) -> Double {
    func at(_ along: Double, _ across: Double) -> Double {
      let value = value(Int((centre.along + along).rounded()), Int((centre.across + across).rounded()))
      return value.isFinite ? value : base
    }
    // One pixel nearer: the wing of a sharp star falls by more than half from one pixel to the next.
    let d = max(abs(distance) - 1, 0)
    let diagonal = d * 0.5.squareRoot()
    let corners = [(diagonal, diagonal), (diagonal, -diagonal), (-diagonal, diagonal), (-diagonal, -diagonal)]
    return max(Median.of(corners.map(at)), min(at(0, d), at(0, -d)), base)
  }

  /// Cosine and sine of k/32 of a turn, without a library: by turning 1/32 k times.
  private static func direction(_ k: Int) -> (Double, Double) {
    let (c, s) = (0.980_785_280_403_230_4, 0.195_090_322_016_128_27)
    var (x, y) = (1.0, 0.0)
    for _ in 0..<k { (x, y) = (x * c - y * s, x * s + y * c) }
    return (x, y)
  }
}
