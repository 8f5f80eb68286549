/// What the errors of the stars leave of doubt in a transform, anywhere in the field: from the normal matrix of its fit.
struct TransformErrors: Sendable, Equatable {
  /// About which, and in units of which (px), the terms of the covariance count.
  var centre: PixelPoint
  var unit: Double
  /// Of the terms of a polynomial along one axis, row by row.
  var covariance: [[Double]]

  /// Standard deviation along one axis of where the transform puts a place of the reference frame, px.
  func callAsFunction(_ place: PixelPoint) -> Double {
    let count = covariance.count
    var terms = [Double](repeating: 0, count: max(3, count))
    PlanePolynomial.fill(
      &terms, (place.x - centre.x) / unit, (place.y - centre.y) / unit, count: count)
    var sum = 0.0
    for i in 0..<count {
      for j in 0..<count { sum += terms[i] * covariance[i][j] * terms[j] }
    }
    return max(sum, 0).squareRoot()
  }

  /// Of a similarity: the shift is as good as all stars together, rotation and scale as their spread about the centre.
  init(similarityWeight weight: Double, spread: Double, centre: PixelPoint) {
    self.centre = centre
    unit = 1
    covariance = [[1 / weight, 0, 0], [0, 1 / spread, 0], [0, 0, 1 / spread]]
  }

  init(shiftWeight weight: Double) {
    centre = PixelPoint(x: 0, y: 0)
    unit = 1
    covariance = [[1 / weight]]
  }

  init(centre: PixelPoint, unit: Double, covariance: [[Double]]) {
    self.centre = centre
    self.unit = unit
    self.covariance = covariance
  }

  /// The same for variances `factor` times as large.
  func scaled(by factor: Double) -> TransformErrors {
    TransformErrors(centre: centre, unit: unit, covariance: covariance.map { $0.map { $0 * factor } })
  }

  /// The largest at the corners of a frame, px.
  func atCorners(width: Int, height: Int) -> Double {
    [0, Double(width - 1)].flatMap { x in [0, Double(height - 1)].map { self(PixelPoint(x: x, y: $0)) } }.max() ?? .nan
  }
}
