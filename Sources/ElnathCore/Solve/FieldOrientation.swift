#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension SkyOrientation {
  /// Unit vector on the pixels towards north.
  public var north: PixelPoint { PixelPoint(x: mirrored ? -sin(angle) : sin(angle), y: cos(angle)) }

  /// Unit vector on the pixels towards east.
  public var east: PixelPoint { PixelPoint(x: mirrored ? cos(angle) : -cos(angle), y: sin(angle)) }

  /// Places must agree with their coordinates to this part of the extent, or to 3 px: what a user typed in may belong to
  /// another star.
  private static let agreement = 0.02

  /// What stars of known coordinates tell of a frame that nobody solved: a linear fit of their places to the tangential
  /// plane. Nil for fewer than three stars with coordinates, for stars on a line, and where places and coordinates do not
  /// agree.
  public init?(of stars: [Star]) {
    let known = stars.filter {
      $0.rightAscension.isFinite && $0.declination.isFinite && $0.position.x.isFinite && $0.position.y.isFinite
    }
    guard known.count >= 3 else { return nil }
    let plane = TangentPlane(
      at: SkyPoint(rightAscension: known[0].rightAscension, declination: known[0].declination))
    var (column, row) = (NormalEquations(unknowns: 3), NormalEquations(unknowns: 3))
    var pairs: [(sky: (x: Double, y: Double), place: PixelPoint)] = []
    for star in known {
      // Degrees, east and north.
      let point = SkyPoint(checking: star.rightAscension, star.declination)
      guard let sky = point.flatMap({ plane.place(of: $0) }) else { return nil }
      column.add(row: [1, sky.x, sky.y], value: star.position.x, weight: 1)
      row.add(row: [1, sky.x, sky.y], value: star.position.y, weight: 1)
      pairs.append(((sky.x, sky.y), star.position))
    }
    guard let x = column.solve(), let y = row.solve() else { return nil }
    let determinant = x[1] * y[2] - x[2] * y[1]
    let (eastward, northward) = (
      (x[1] * x[1] + y[1] * y[1]).squareRoot(), (x[2] * x[2] + y[2] * y[2]).squareRoot()
    )
    // Pixels are nearly square, and so is the plane: else the coordinates are not those of these stars.
    guard abs(determinant) > 0.9 * eastward * northward, abs(eastward / northward - 1) < 0.1 else { return nil }
    let places = known.map(\.position)
    let extent = places.map { $0.distance(to: places[0]) }.max() ?? 0
    for (sky, place) in pairs {
      let fitted = PixelPoint(
        x: x[0] + x[1] * sky.x + x[2] * sky.y, y: y[0] + y[1] * sky.x + y[2] * sky.y)
      guard fitted.distance(to: place) < max(3, Self.agreement * extent) else { return nil }
    }
    self.init(
      scale: 3600 / abs(determinant).squareRoot(), angle: atan2(-x[2] / determinant, x[1] / determinant),
      mirrored: determinant > 0)
  }
}
