#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A frame in some four thousand boxes, its smooth sky taken off and nothing brighter than a few times the noise: little
/// enough to keep for every frame, and enough for a second opinion on how two frames lie on each other, which does not
/// know what the star patterns say.
public struct SkyThumbnail: Sendable, Equatable {
  /// Pixels of the frame along a side of a box.
  public let bin: Int
  public let columns: Int
  public let rows: Int
  /// Row-major, in sixteenths of the noise of a box.
  private let values: [Int8]

  /// Boxes along the longer side, at most.
  private static let side = 64

  init(_ sky: SkyBoxes) {
    let times = max(1, (max(sky.columns, sky.rows) + Self.side - 1) / Self.side)
    let (columns, rows) = (max(1, sky.columns / times), max(1, sky.rows / times))
    var sums = [Float](repeating: 0, count: columns * rows)
    for j in 0..<min(sky.rows, rows * times) {
      let line = j / times * columns
      for i in 0..<min(sky.columns, columns * times) { sums[line + i / times] += sky.deviations[j * sky.columns + i] }
    }
    bin = sky.bin * times
    self.columns = columns
    self.rows = rows
    values = sums.map { Int8(max(-127, min(127, ($0 / Float(times) * 16).rounded()))) }
  }

  /// Coefficient of correlation from which on the images agree: of 4096 independent boxes chance makes 0.016.
  private static let agreement = 0.1

  /// How far away from where `transform` puts it, in px of the frame, the correlation of the images finds the other
  /// frame. Nil where both agree or where the images tell nothing.
  func disagreement(with other: SkyThumbnail, under transform: FrameTransform) -> Double? {
    var here = CorrelationBoxes(bin: bin, columns: columns, rows: rows)
    var there = here
    var (n, a, b, aa, bb, ab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for j in 0..<rows {
      let places = transform.along(row: (Double(j) + 0.5) * Double(bin) - 0.5)
      for i in 0..<columns {
        let index = j * columns + i
        here.values[index] = Float(values[index])
        here.seen[index] = 1
        let place = places((Double(i) + 0.5) * Double(bin) - 0.5)
        guard let value = other.value(at: place) else { continue }
        there.values[index] = Float(value)
        there.seen[index] = 1
        let own = Double(values[index])
        (n, a, b) = (n + 1, a + own, b + value)
        (aa, bb, ab) = (aa + own * own, bb + value * value, ab + own * value)
      }
    }
    let (varianceHere, varianceThere) = (aa - a * a / n, bb - b * b / n)
    // Too little in common for a second opinion.
    guard n >= 0.1 * Double(values.count), varianceHere > 0, varianceThere > 0 else { return nil }
    if (ab - a * b / n) / (varianceHere * varianceThere).squareRoot() > Self.agreement { return nil }
    // Not here: somewhere else?
    let map = CorrelationSearch(reference: here).map(of: there)
    guard let peak = CorrelationPeak([map]), peak.significance >= 1.5 * FrameCorrelation.leastSignificance,
      peak.ratio >= FrameCorrelation.leastRatio
    else { return nil }
    let boxes = (Double(peak.x * peak.x + peak.y * peak.y)).squareRoot()
    return boxes > 1.5 ? boxes * Double(bin) * transform.scale : nil
  }

  /// Between the middles of the boxes; nil outside.
  private func value(at place: PixelPoint) -> Double? {
    let x = (place.x + 0.5) / Double(bin) - 0.5
    let y = (place.y + 0.5) / Double(bin) - 0.5
    guard x >= 0, y >= 0, x < Double(columns - 1), y < Double(rows - 1) else { return nil }
    let (i, j) = (Int(x), Int(y))
    let (u, v) = (x - Double(i), y - Double(j))
    func at(_ i: Int, _ j: Int) -> Double { Double(values[j * columns + i]) }
    return (1 - v) * ((1 - u) * at(i, j) + u * at(i + 1, j)) + v * ((1 - u) * at(i, j + 1) + u * at(i + 1, j + 1))
  }
}
