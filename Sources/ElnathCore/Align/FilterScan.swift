/// The rows of a frame under a matched filter, which looks at every other row in full: a peak between two of them shows in
/// both, and only there is the row between looked at too.
struct FilterScan {
  let filter: MatchedFilter
  let mesh: BackgroundMesh
  let width: Int
  let height: Int
  /// In units of the noise that the filter leaves.
  let threshold: Float
  /// In the same units: what a peak of the threshold's height leaves in the next row, less three standard deviations of
  /// what chance adds to it. Filters so narrow that nothing need be left see all rows.
  private let trace: Float
  private(set) var peaks: [FilteredPeak] = []
  private var samples: [Float] = []
  private let pieces: [Piece]

  /// Columns that are looked at together: most of the sky is below the threshold.
  private struct Piece {
    var columns: Range<Int>
    var meshColumn: Int
  }

  init(filter: MatchedFilter, mesh: BackgroundMesh, width: Int, height: Int, threshold: Float) {
    self.filter = filter
    self.mesh = mesh
    self.width = width
    self.height = height
    self.threshold = threshold
    let rho = filter.correlation
    trace = rho * threshold - 3 * max(0, 1 - rho * rho).squareRoot()
    var pieces: [Piece] = []
    for column in 0..<mesh.columns {
      let first = max(1, column * width / mesh.columns)
      let end = min(width - 1, (column + 1) * width / mesh.columns)
      for start in stride(from: first, to: end, by: 64) {
        pieces.append(Piece(columns: start..<min(start + 64, end), meshColumn: column))
      }
    }
    self.pieces = pieces
  }

  /// How much noisier the filtered frame is than the filter makes white noise: from differences between places that the
  /// filter does not connect, of which stars touch only a few. Never below 1.
  mutating func noiseExcess() -> Float {
    let count = samples.count
    guard count >= 100 else { return 1 }
    return samples.withUnsafeMutableBufferPointer { samples in
      Float(RobustScale.sigmaPerMAD) * Median.of(samples, count: count) / Float(2).squareRoot()
    }
  }

  mutating func run(pixels: UnsafeBufferPointer<Float>, mask: UnsafeBufferPointer<PixelMask>) {
    // Not by way of the scan, which a closure would copy each time.
    let (taps, width, height, mesh, pieces) = (filter.taps, width, height, mesh, pieces)
    let reach = taps.count - 1
    let padded = width + 2 * reach
    let ring = 2 * reach + 2
    var memory = [Float](repeating: 0, count: (ring + 1) * padded + 5 * width)
    memory.withUnsafeMutableBufferPointer { memory in
      let across = UnsafeMutableBufferPointer(rebasing: memory[(ring * padded)..<((ring + 1) * padded)])
      func line(_ k: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: memory[((ring + 1) * padded + k * width)...].prefix(width))
      }
      /// Light above the background, with a border of nothing; of the rows above and below the frame too.
      func light(_ y: Int) -> UnsafeMutableBufferPointer<Float> {
        let slot = (y + ring) % ring
        return UnsafeMutableBufferPointer(rebasing: memory[(slot * padded)..<((slot + 1) * padded)])
      }
      func smooth(_ y: Int, _ columns: Range<Int>, into out: UnsafeMutableBufferPointer<Float>) {
        let under = columns.lowerBound..<(columns.upperBound + 2 * reach)
        Self.weigh(by: taps, into: UnsafeMutableBufferPointer(rebasing: across[under])) {
          UnsafeMutableBufferPointer(rebasing: light(y + $0)[under])
        }
        Self.weigh(by: taps, into: UnsafeMutableBufferPointer(rebasing: out[columns])) {
          let first = columns.lowerBound + reach + $0
          return UnsafeMutableBufferPointer(rebasing: across[first..<(first + columns.count)])
        }
      }
      let background = line(4)
      var loaded = 0
      var tracesBelow = [Bool](repeating: false, count: pieces.count)
      var traces = tracesBelow
      // Where the row between was looked at.
      var between = tracesBelow
      for y in stride(from: 0, through: height, by: 2) {
        while loaded <= y + reach {
          let row = light(loaded)
          Prefetch.row(loaded + 2, of: pixels, width: width)
          Prefetch.row(loaded + 2, of: mask, width: width)
          if loaded < height {
            mesh.fill(row: loaded, into: background)
            let some = (loaded * width)..<((loaded + 1) * width)
            Self.subtract(
              UnsafeBufferPointer(rebasing: pixels[some]), UnsafeBufferPointer(rebasing: mask[some]), background,
              into: UnsafeMutableBufferPointer(rebasing: row[reach..<(reach + width)]))
          } else {
            row.update(repeating: 0)
          }
          loaded += 1
        }
        let (here, below) = (line(y / 2 % 2), line((y / 2 + 1) % 2))
        swap(&traces, &tracesBelow)
        if y < height {
          smooth(y, 0..<width, into: here)
          sample(row: y, here)
          setTraces(&traces, row: y, UnsafeBufferPointer(here))
        } else {
          for i in traces.indices { traces[i] = false }
        }
        guard y >= 2 else { continue }
        let (odd, oddBelow) = (line(2 + y / 2 % 2), line(2 + (y / 2 + 1) % 2))
        for i in pieces.indices {
          between[i] = traces[i] || tracesBelow[i]
          guard between[i] else { continue }
          let columns = pieces[i].columns
          smooth(y - 1, (columns.lowerBound - 1)..<(columns.upperBound + 1), into: odd)
        }
        if y > 2 { collect(row: y - 2, where: tracesBelow, below: oddBelow, here: below, above: odd) }
        if y < height { collect(row: y - 1, where: between, below: below, here: odd, above: here) }
      }
    }
  }

  private static func subtract(
    _ pixels: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<PixelMask>,
    _ background: UnsafeMutableBufferPointer<Float>, into light: UnsafeMutableBufferPointer<Float>
  ) {
    let hidden = BackgroundMesh.unusable.subtracting([.saturated, .bleed])
    for start in stride(from: 0, to: light.count, by: 64) {
      let piece = start..<min(start + 64, light.count)
      let isClean = PixelMask.union(of: UnsafeBufferPointer(rebasing: mask[piece])).isDisjoint(with: hidden)
      // Most pixels have nothing against them. A mask of bits instead of a branch, so that the loop runs on vectors.
      for x in piece {
        let value = pixels[x] - background[x]
        let seen: UInt32 = value == value ? ~0 : 0
        light[x] = Float(bitPattern: value.bitPattern & seen)
      }
      if isClean { continue }
      for x in piece where !mask[x].isDisjoint(with: hidden) { light[x] = 0 }
    }
  }

  /// Remembers some differences of filtered values, in units of the expected noise.
  private mutating func sample(row y: Int, _ values: UnsafeMutableBufferPointer<Float>) {
    guard y % 16 == 8 else { return }
    let every = max(1, width * height / 4000 / 16)
    let lag = 2 * filter.taps.count
    let meshRow = min(y * mesh.rows / height, mesh.rows - 1) * mesh.columns
    var x = y % every
    while x + lag < width {
      let sigma = mesh.sigma[meshRow + min(x * mesh.columns / width, mesh.columns - 1)] * filter.noise
      // Equal to the last digit: masked, or without noise.
      if sigma > 0 && values[x] != values[x + lag] { samples.append(abs(values[x + lag] - values[x]) / sigma) }
      x += every
    }
  }

  private func noise(of piece: Piece, row y: Int) -> Float {
    mesh.sigma[min(y * mesh.rows / height, mesh.rows - 1) * mesh.columns + piece.meshColumn] * filter.noise
  }

  private func setTraces(_ traces: inout [Bool], row y: Int, _ values: UnsafeBufferPointer<Float>) {
    for (i, piece) in pieces.enumerated() {
      let sigma = noise(of: piece, row: y)
      traces[i] = RowScan.exceeds(trace * sigma, UnsafeBufferPointer(rebasing: values[piece.columns]).span)
    }
  }

  private mutating func collect(
    row y: Int, where traces: [Bool], below: UnsafeMutableBufferPointer<Float>,
    here: UnsafeMutableBufferPointer<Float>, above: UnsafeMutableBufferPointer<Float>
  ) {
    for (i, piece) in pieces.enumerated() where traces[i] {
      let sigma = noise(of: piece, row: y)
      guard sigma > 0 else { continue }
      let level = threshold * sigma
      for x in piece.columns {
        let value = here[x]
        if value > level, value >= here[x - 1], value > here[x + 1], value >= below[x - 1], value >= below[x],
          value >= below[x + 1], value > above[x - 1], value > above[x], value > above[x + 1]
        {
          peaks.append(FilteredPeak(x: x, y: y, significance: value / sigma))
        }
      }
    }
  }
}

extension FilterScan {
  /// The weighted sum of rows about one, which is `row(0)`.
  private static func weigh(
    by taps: [Float], into out: UnsafeMutableBufferPointer<Float>, _ row: (Int) -> UnsafeMutableBufferPointer<Float>
  ) {
    var k = 2
    if taps.count > 2 {
      Self.weigh(row(0), by: taps[0], row(-1), row(1), by: taps[1], row(-2), row(2), by: taps[2], into: out)
      k = 3
    } else {
      Self.weigh(row(0), by: taps[0], row(-1), row(1), by: taps[1], into: out)
    }
    while k + 1 < taps.count {
      Self.add(row(-k), row(k), times: taps[k], row(-k - 1), row(k + 1), times: taps[k + 1], to: out)
      k += 2
    }
    if k < taps.count { Self.add(row(-k), row(k), times: taps[k], to: out) }
  }

  // Whole rows at a time and nothing computed from the index: so the compiler uses vectors. Two taps at a time, since to
  // read and to write the sum takes as long as to add to it.

  private static func weigh(
    _ middle: UnsafeMutableBufferPointer<Float>, by first: Float, _ low: UnsafeMutableBufferPointer<Float>,
    _ high: UnsafeMutableBufferPointer<Float>, by second: Float, _ lower: UnsafeMutableBufferPointer<Float>,
    _ higher: UnsafeMutableBufferPointer<Float>, by third: Float, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count {
      let near = first * middle[x] + second * (low[x] + high[x])
      out[x] = near + third * (lower[x] + higher[x])
    }
  }

  private static func add(
    _ low: UnsafeMutableBufferPointer<Float>, _ high: UnsafeMutableBufferPointer<Float>, times tap: Float,
    _ lower: UnsafeMutableBufferPointer<Float>, _ higher: UnsafeMutableBufferPointer<Float>, times next: Float,
    to out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count {
      let near = out[x] + tap * (low[x] + high[x])
      out[x] = near + next * (lower[x] + higher[x])
    }
  }

  private static func weigh(
    _ middle: UnsafeMutableBufferPointer<Float>, by first: Float, _ low: UnsafeMutableBufferPointer<Float>,
    _ high: UnsafeMutableBufferPointer<Float>, by second: Float, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count { out[x] = first * middle[x] + second * (low[x] + high[x]) }
  }

  private static func add(
    _ low: UnsafeMutableBufferPointer<Float>, _ high: UnsafeMutableBufferPointer<Float>, times tap: Float,
    to out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count { out[x] += tap * (low[x] + high[x]) }
  }
}
