/// Where a frame should lie, as its neighbours in time tell: the linear drift of the nearest frames of its own night and
/// orientation, with the error of that.
struct DriftPrediction {
  /// From the reference frame to the frame.
  var transform: SimilarityTransform
  /// Standard deviation along one axis of where it puts the middle of the frame, px; infinite where a single neighbour
  /// tells nothing of it.
  var error: Double

  /// A neighbour that is registered.
  struct Neighbour {
    /// Days.
    var time: Double
    var transform: SimilarityTransform
  }

  /// On each side so many neighbours tell the drift.
  static let reach = 4
  /// px; guiding is never smoother.
  private static let leastScatter = 0.1

  /// - Parameters:
  ///   - neighbours: of one orientation; one at least.
  ///   - time: that of the frame.
  ///   - centre: of the reference frame.
  init?(_ neighbours: [Neighbour], time: Double, centre: PixelPoint) {
    guard let nearest = neighbours.min(by: { abs($0.time - time) < abs($1.time - time) }) else { return nil }
    let n = Double(neighbours.count)
    let mean = neighbours.reduce(0) { $0 + $1.time } / n
    let spread = neighbours.reduce(0) { $0 + ($1.time - mean) * ($1.time - mean) }
    guard spread > 0 else {
      transform = nearest.transform
      error = .infinity
      return
    }
    /// Value at the time of the frame, and the sum of the squared residuals.
    func line(_ value: (SimilarityTransform) -> Double) -> (value: Double, squares: Double) {
      let level = neighbours.reduce(0) { $0 + value($1.transform) } / n
      let slope =
        neighbours.reduce(0) { $0 + ($1.time - mean) * (value($1.transform) - level) } / spread
      let squares = neighbours.reduce(0) { sum, one in
        let d = value(one.transform) - level - slope * (one.time - mean)
        return sum + d * d
      }
      return (level + slope * (time - mean), squares)
    }
    let (x, y) = (line { $0(centre).x }, line { $0(centre).y })
    var moved = SimilarityTransform(
      a: line(\.a).value, b: line(\.b).value, tx: 0, ty: 0, mirrored: nearest.transform.mirrored)
    let origin = moved(centre)
    moved.tx = x.value - origin.x
    moved.ty = y.value - origin.y
    transform = moved
    guard neighbours.count >= 3 else {
      // Two points lie on every line; how well they tell another is anyone's guess.
      error = .infinity
      return
    }
    let scatter = max(Self.leastScatter * Self.leastScatter, (x.squares + y.squares) / 2 / (n - 2))
    error = (scatter * (1 + 1 / n + (time - mean) * (time - mean) / spread)).squareRoot()
  }
}
