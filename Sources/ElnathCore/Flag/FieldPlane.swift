/// A plane through values at places of the field: how much more light was lost on one side than on the other.
struct FieldPlane: Sendable {
  /// mag/px of the reference frame.
  var slopeX: Double
  var slopeY: Double
  /// Covariance of the slopes.
  let xx: Double
  let xy: Double
  let yy: Double

  /// Least squares with Huber's weights; the errors grow with the scatter about the plane. Nil where the places lie on
  /// a line, unless a `ridge` (a small part of their spread) keeps the slope across it at 0.
  init?(positions: [PixelPoint], values: [Double], variances: [Double], ridge: Double = 0) {
    let count = Double(positions.count)
    guard count > 3 else { return nil }
    let centre = (x: positions.reduce(0) { $0 + $1.x } / count, y: positions.reduce(0) { $0 + $1.y } / count)
    let x = positions.map { $0.x - centre.x }
    let y = positions.map { $0.y - centre.y }
    var fit = Fit()
    for _ in 0..<6 {
      let before = fit
      let weights = positions.indices.map { place -> Double in
        let z = abs(values[place] - before.value(x[place], y[place])) / variances[place].squareRoot()
        return min(1, 2.5 / max(z, 1e-9)) / variances[place]
      }
      guard let next = Fit(x: x, y: y, values: values, weights: weights, ridge: ridge) else { return nil }
      fit = next
    }
    let scale = max(1, fit.chi2 / (count - 3))
    (slopeX, slopeY) = (fit.slopeX, fit.slopeY)
    (xx, xy, yy) = (scale * fit.xx, scale * fit.xy, scale * fit.yy)
  }

  /// Height of the plane from its lowest to its highest star, mag, and over its error; 0 for stars at one place.
  func height(over positions: [PixelPoint]) -> (magnitudes: Double, significance: Double) {
    let heights = positions.map { slopeX * $0.x + slopeY * $0.y }
    guard let top = heights.indices.max(by: { heights[$0] < heights[$1] }),
      let bottom = heights.indices.min(by: { heights[$0] < heights[$1] })
    else { return (0, 0) }
    let dx = positions[top].x - positions[bottom].x
    let dy = positions[top].y - positions[bottom].y
    let variance = xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy
    let height = heights[top] - heights[bottom]
    return (height, variance > 0 ? height / variance.squareRoot() : 0)
  }

  /// Takes out of the planes of a series what goes with the shift of the frames. Where no flat field was taken, stars that
  /// drift over the detector gain and lose light in proportion to the shift and to their place: that is no cloud.
  ///
  /// Nothing is taken out of series too short to tell.
  static func removeDrift(_ planes: inout [FieldPlane?], shifts: [PixelPoint]) {
    let known = planes.indices.filter { planes[$0] != nil && shifts[$0].x.isFinite && shifts[$0].y.isFinite }
    guard known.count >= 12 else { return }
    for isX in [true, false] {
      let slopes = known.map { planes[$0].map { isX ? $0.slopeX : $0.slopeY } ?? 0 }
      let variances = known.map { planes[$0].map { isX ? $0.xx : $0.yy } ?? 1 }
      guard
        let drift = FieldPlane(positions: known.map { shifts[$0] }, values: slopes, variances: variances, ridge: 1e-3)
      else {
        continue
      }
      let middle = Median.of(
        zip(known, slopes).map { $1 - drift.slopeX * shifts[$0].x - drift.slopeY * shifts[$0].y })
      for place in known {
        let part = middle + drift.slopeX * shifts[place].x + drift.slopeY * shifts[place].y
        if isX { planes[place]?.slopeX -= part } else { planes[place]?.slopeY -= part }
      }
    }
  }

  /// Weighted least squares of a plane.
  private struct Fit {
    var level = 0.0
    var slopeX = 0.0
    var slopeY = 0.0
    var chi2 = 0.0
    var xx = 0.0
    var xy = 0.0
    var yy = 0.0

    init() {}

    init?(x: [Double], y: [Double], values: [Double], weights: [Double], ridge: Double) {
      var (sum, mx, my, mv) = (0.0, 0.0, 0.0, 0.0)
      for place in x.indices {
        sum += weights[place]
        mx += weights[place] * x[place]
        my += weights[place] * y[place]
        mv += weights[place] * values[place]
      }
      (mx, my, mv) = (mx / sum, my / sum, mv / sum)
      var (sxx, sxy, syy, sxv, syv) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for place in x.indices {
        let (w, dx, dy, dv) = (weights[place], x[place] - mx, y[place] - my, values[place] - mv)
        sxx += w * dx * dx
        sxy += w * dx * dy
        syy += w * dy * dy
        sxv += w * dx * dv
        syv += w * dy * dv
      }
      let extra = ridge * (sxx + syy)
      sxx += extra
      syy += extra
      let determinant = sxx * syy - sxy * sxy
      guard determinant > 1e-6 * sxx * syy else { return nil }
      slopeX = (syy * sxv - sxy * syv) / determinant
      slopeY = (sxx * syv - sxy * sxv) / determinant
      level = mv - slopeX * mx - slopeY * my
      (xx, xy, yy) = (syy / determinant, -sxy / determinant, sxx / determinant)
      for place in x.indices {
        let d = values[place] - value(x[place], y[place])
        chi2 += weights[place] * d * d
      }
    }

    func value(_ x: Double, _ y: Double) -> Double { level + slopeX * x + slopeY * y }
  }
}
