/// Columns and rows of a detector that differ from their neighbours over a long way, be it only on a part of it: charge
/// that is trapped or that leaks shows in every pixel behind its origin, too faintly for a pixel alone.
struct BadLines {
  enum Deviation {
    /// From the neighbours by this fraction of their level.
    case ratio(Double)
    /// By so much.
    case difference(Double)
  }

  let deviation: Deviation

  /// Pixels that are judged together, and so many standard deviations of their median.
  private static let piece = 128
  private static let significance = 8.0
  /// The ends of a bad part are found to this many pixels, from half the deviation on.
  private static let fine = 16

  /// Marks the pixels of such lines as `bad`.
  func mark(in master: inout Master) {
    let (width, height) = (master.image.width, master.image.height)
    for alongRows in [false, true] {
      let (lines, length) = alongRows ? (height, width) : (width, height)
      guard lines >= 16, length >= 32 else { continue }
      let (across, along) = alongRows ? (width, 1) : (1, width)
      var found: [(line: Int, pixels: Range<Int>)] = []
      master.image.pixels.withUnsafeBufferPointer { image in
        master.variance.pixels.withUnsafeBufferPointer { variance in
          let view = LineView(image: image, variance: variance, lines: lines, across: across, along: along)
          let screen = LineScreen(
            image: image, variance: variance, width: width, height: height, step: Self.step,
            significance: Self.significance, least: leastDeviation)
          let pieces = Self.pieces(length)
          let suspects = alongRows ? screen.rows(pieces) : pieces.map { screen.columns($0) }
          for (piece, suspects) in zip(pieces, suspects) {
            for line in 0..<lines where suspects[line] && isBad(view, line, piece, step: Self.step, factor: 1) {
              found.append((line, ends(view, line, around: piece, length: length)))
            }
          }
        }
      }
      for (line, pixels) in found {
        for k in pixels { master.mask.pixels[line * across + k * along].insert(.bad) }
      }
    }
  }

  /// The last one is up to twice as long.
  private static func pieces(_ length: Int) -> [Range<Int>] {
    let count = max(1, length / piece)
    return (0..<count).map { ($0 * piece)..<($0 + 1 == count ? length : ($0 + 1) * piece) }
  }

  /// A quarter of the pixels tells; the deviation is that of all of them.
  private static let step = 4

  /// What is bad deviates by more whatever the level.
  private var leastDeviation: Double {
    switch deviation {
    case .ratio: 0
    case .difference(let value): value
    }
  }

  private func isBad(_ view: LineView, _ line: Int, _ pixels: Range<Int>, step: Int, factor: Double) -> Bool {
    guard let found = view.deviation(of: line, pixels, step: step) else { return false }
    let least =
      switch deviation {
      case .ratio(let fraction): factor * fraction * abs(found.level)
      case .difference(let value): factor * value
      }
    return abs(found.median) > least && abs(found.median) > factor * Self.significance * found.error
  }

  /// The bad pixels in and around a piece.
  private func ends(_ view: LineView, _ line: Int, around piece: Range<Int>, length: Int) -> Range<Int> {
    var first = piece.upperBound
    var last = piece.lowerBound
    let low = max(0, piece.lowerBound - Self.piece)
    for start in stride(from: low, to: min(length, piece.upperBound + Self.piece), by: Self.fine) {
      let part = start..<min(start + Self.fine, length)
      guard isBad(view, line, part, step: 1, factor: 0.5) else { continue }
      first = min(first, part.lowerBound)
      last = max(last, part.upperBound)
    }
    // Where less than half of a part is bad, the part is not.
    return first < last ? max(0, first - Self.fine / 2)..<min(length, last + Self.fine / 2) : piece
  }
}

/// A plane by its lines, which are columns or rows.
struct LineView {
  let image: UnsafeBufferPointer<Float>
  let variance: UnsafeBufferPointer<Float>
  let lines: Int
  /// Steps in memory from line to line and along a line.
  let across: Int
  let along: Int

  /// By how much a line differs from its neighbours, on the median of some of its pixels; the error of that; and the
  /// neighbours' level. The lines right beside it are left out, since they often share its fate. Nil for fewer than 8
  /// pixels.
  func deviation(
    of line: Int, _ pixels: Range<Int>, step: Int
  ) -> (median: Double, error: Double, level: Double)? {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * pixels.count) { memory in
      var count = 0
      var noise = 0.0
      for k in stride(from: pixels.lowerBound, to: pixels.upperBound, by: step) {
        let i = line * across + k * along
        guard image[i].isFinite, let beside = beside(line, k) else { continue }
        memory[count] = image[i] - beside
        memory[pixels.count + count] = beside
        noise += Double(variance[i])
        count += 1
      }
      guard count >= 8 else { return nil }
      let levels = UnsafeMutableBufferPointer(rebasing: memory[pixels.count...])
      return (
        Double(Median.of(memory, count: count)), Self.error(noise: noise, count: count),
        Double(Median.of(levels, count: count))
      )
    }
  }

  /// Of the median of `count` differences from the neighbours' median; `noise` is the sum of the variances of the
  /// pixels. The neighbours' median has a third of the noise again; a median scatters by sqrt(pi / 2n).
  static func error(noise: Double, count: Int) -> Double {
    (1.5 * noise / Double(count) * .pi / 2 / Double(count)).squareRoot()
  }

  /// Median of the pixels two to four lines to both sides; nil without three.
  private func beside(_ line: Int, _ k: Int) -> Float? {
    let i = line * across + k * along
    if line >= 4, line + 4 < lines {
      let middle = Self.median(
        image[i - 4 * across], image[i - 3 * across], image[i - 2 * across], image[i + 2 * across],
        image[i + 3 * across], image[i + 4 * across])
      if let middle { return middle }
    }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 6) { values in
      var count = 0
      for offset in [-4, -3, -2, 2, 3, 4] where line + offset >= 0 && line + offset < lines {
        let value = image[i + offset * across]
        guard value.isFinite else { continue }
        values[count] = value
        count += 1
      }
      return count >= 3 ? Median.of(values, count: count) : nil
    }
  }

  /// The mean of the two middle ones of six; nil where not all are finite.
  private static func median(_ a: Float, _ b: Float, _ c: Float, _ d: Float, _ e: Float, _ f: Float) -> Float? {
    (a + b + c + d + e + f).isFinite ? middle(a, b, c, d, e, f) : nil
  }

  /// The mean of the two middle ones of six, all of which are finite.
  @inline(__always)
  static func middle(_ a: Float, _ b: Float, _ c: Float, _ d: Float, _ e: Float, _ f: Float) -> Float {
    // Each three in order; the lowest and the highest of all six are not in the middle.
    let (low, middle, high) = ordered(a, b, c)
    let (lower, centre, higher) = ordered(d, e, f)
    let (p, q) = (max(low, lower), min(high, higher))
    let (r, s) = (min(middle, centre), max(middle, centre))
    // Of these four the middle two.
    return (max(min(p, q), r) + min(max(p, q), s)) / 2
  }

  @inline(__always)
  private static func ordered(_ a: Float, _ b: Float, _ c: Float) -> (Float, Float, Float) {
    let (low, high) = (min(a, b), max(a, b))
    return (min(low, c), max(low, min(high, c)), max(high, c))
  }
}
