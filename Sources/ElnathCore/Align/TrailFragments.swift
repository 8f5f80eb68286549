/// Pieces of a satellite's or meteor's trail: detection breaks the line into dozens of long "stars".
enum TrailFragments {
  struct Piece {
    var position: PixelPoint
    var elongation: Double
    /// Direction of the long axis.
    var cosine: Double
    var sine: Double
  }

  /// True for every piece that belongs to a line: at least six long pieces, each pointing at the next one, that reach
  /// over 20 FWHM and stay within half a FWHM of one straight line. Trailed stars of a badly guided frame point the same
  /// way too, but do not stand in line.
  static func find(_ pieces: [Piece], fwhm: Double) -> [Bool] {
    var belongs = [Bool](repeating: false, count: pieces.count)
    let long = pieces.indices.filter { pieces[$0].elongation > 1.5 }
    guard long.count >= 6 else { return belongs }
    let reach = max(6 * fwhm, 12)
    let index = PointIndex(long.map { pieces[$0].position }, reach: reach)
    var chain = Array(long.indices)
    func root(_ i: Int) -> Int {
      var i = i
      while chain[i] != i { i = chain[i] }
      return i
    }
    for (i, k) in long.enumerated() {
      let piece = pieces[k]
      index.forEach(near: piece.position, radius: reach) { j, _ in
        guard j > i else { return }
        let other = pieces[long[j]]
        let dx = other.position.x - piece.position.x
        let dy = other.position.y - piece.position.y
        // Each lies on the other's long axis.
        guard abs(dx * piece.sine - dy * piece.cosine) < 0.7 * fwhm,
          abs(dx * other.sine - dy * other.cosine) < 0.7 * fwhm
        else { return }
        let (a, b) = (root(i), root(j))
        chain[max(a, b)] = min(a, b)
      }
    }
    var members: [Int: [Int]] = [:]
    for i in long.indices { members[root(i), default: []].append(long[i]) }
    for key in members.keys.sorted() {
      guard let found = members[key], found.count >= 6 else { continue }
      guard let line = Line(through: found.map { pieces[$0].position }), line.length > 20 * fwhm,
        line.scatter < 0.5 * fwhm
      else { continue }
      for k in pieces.indices where pieces[k].elongation > 1.3 && line.distance(to: pieces[k].position) < 0.75 * fwhm {
        belongs[k] = true
      }
    }
    return belongs
  }

  /// The straight line nearest to some points (principal axis).
  private struct Line {
    var centre: PixelPoint
    var cosine: Double
    var sine: Double
    /// Extent of the points along the line and their rms distance from it.
    var length = 0.0
    var scatter = 0.0

    init?(through points: [PixelPoint]) {
      let n = Double(points.count)
      guard n > 1 else { return nil }
      centre = PixelPoint(x: points.reduce(0) { $0 + $1.x } / n, y: points.reduce(0) { $0 + $1.y } / n)
      var (xx, yy, xy) = (0.0, 0.0, 0.0)
      for p in points {
        xx += (p.x - centre.x) * (p.x - centre.x)
        yy += (p.y - centre.y) * (p.y - centre.y)
        xy += (p.x - centre.x) * (p.y - centre.y)
      }
      let half = (((xx - yy) / 2) * ((xx - yy) / 2) + xy * xy).squareRoot()
      guard half > 0 else { return nil }
      cosine = ((1 + (xx - yy) / 2 / half) / 2).squareRoot()
      sine = ((1 - (xx - yy) / 2 / half) / 2).squareRoot() * (xy < 0 ? -1 : 1)
      var (low, high, squares) = (Double.infinity, -Double.infinity, 0.0)
      for p in points {
        let along = (p.x - centre.x) * cosine + (p.y - centre.y) * sine
        low = min(low, along)
        high = max(high, along)
        squares += distance(to: p) * distance(to: p)
      }
      length = high - low
      scatter = (squares / n).squareRoot()
    }

    func distance(to p: PixelPoint) -> Double { abs((p.x - centre.x) * sine - (p.y - centre.y) * cosine) }
  }
}
