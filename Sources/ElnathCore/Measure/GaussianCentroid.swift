#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Centroid {
  /// The middle of the Gaussian, integrated over pixels, that fits the star best: its height, its place and its widths
  /// along x and y by weighted least squares (Levenberg 1944, Marquardt 1963), weights from the variance plane, over the
  /// pixels within 2.5 `sigma` of the place given.
  ///
  /// Masked pixels and those beyond the frame do not count. Refused when the centre moves further than `maximumStep` from
  /// `start` (px), when the widths leave a quarter to four times `sigma`, when the fit does not settle, or when fewer than
  /// half of the pixels are there.
  public static func gaussian(
    in image: MaskedImage, around start: PixelPoint, sigma: Double, sky: Double, maximumStep: Double
  ) -> CentroidResult {
    image.withPlanes { gaussian(in: $0, around: start, sigma: sigma, sky: sky, maximumStep: maximumStep) }
  }

  /// The same on planes that reach `reach(sigma:)` px from `start`, as far as the frame does.
  static func gaussian(
    in planes: ImagePlanes, around start: PixelPoint, sigma: Double, sky: Double, maximumStep: Double
  ) -> CentroidResult {
    precondition(sigma > 0 && maximumStep >= 0, "a star has a width and its place a bound")
    let refusal = CentroidResult(position: start, variance: .nan, refused: true)
    guard start.lies(inWidth: planes.width, height: planes.height), sky.isFinite, sigma < 1000 else { return refusal }
    let reach = Int((2.5 * sigma).rounded(.up))
    let size = 2 * reach + 1
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: size * (2 * size + 6)) { memory in
      let fit = GaussianFit(planes: planes, memory: memory, reach: reach, around: start, sky: sky)
      return fit?.settle(sigma: sigma, from: start, maximumStep: maximumStep) ?? refusal
    }
  }
}

/// The pixels of one star, and the Gaussian that is fitted to them.
private struct GaussianFit {
  /// Height (total light, e-), x, y, and standard deviations along x and y.
  private typealias Model = (light: Double, x: Double, y: Double, sx: Double, sy: Double)

  private let size: Int
  private let x0: Int
  private let y0: Int
  /// Light above the sky and weight of each pixel; then along x and along y the integral over each pixel and its
  /// derivatives by place and by width.
  private let memory: UnsafeMutableBufferPointer<Double>

  private static let missing: PixelMask = [.bad, .cosmicRay, .noData, .satellite]

  init?(
    planes: ImagePlanes, memory: UnsafeMutableBufferPointer<Double>, reach: Int, around start: PixelPoint, sky: Double
  ) {
    size = 2 * reach + 1
    x0 = Int(start.x.rounded()) - reach
    y0 = Int(start.y.rounded()) - reach
    self.memory = memory
    var used = 0
    var inside = 0
    let square = (Double(reach) + 0.5) * (Double(reach) + 0.5)
    for j in 0..<size {
      for i in 0..<size {
        let (x, y) = (x0 + i, y0 + j)
        let (dx, dy) = (Double(i - reach), Double(j - reach))
        memory[j * size + i] = 0
        memory[(size + j) * size + i] = 0
        guard dx * dx + dy * dy <= square else { continue }
        inside += 1
        guard x >= 0 && x < planes.width && y >= 0 && y < planes.height else { continue }
        let k = planes.index(x, y)
        let variance = Double(planes.variance[k])
        guard planes.mask[k].isDisjoint(with: Self.missing), planes.image[k].isFinite, variance > 0,
          variance.isFinite
        else { continue }
        memory[j * size + i] = Double(planes.image[k]) - sky
        memory[(size + j) * size + i] = 1 / variance
        used += 1
      }
    }
    if 2 * used < inside { return nil }
  }

  func settle(sigma: Double, from start: PixelPoint, maximumStep: Double) -> CentroidResult? {
    var model: Model = (0, start.x, start.y, sigma, sigma)
    model.light = light(of: model)
    guard model.light > 0 else { return nil }
    var damping = 1e-3
    var (normal, chi2) = equations(model)
    for _ in 0..<50 {
      guard let step = normal.damped(by: damping).solve() else { return nil }
      var next = model
      next.light += step[0]
      next.x += step[1]
      next.y += step[2]
      next.sx += step[3]
      next.sy += step[4]
      let widths = sigma / 4...4 * sigma
      guard widths.contains(next.sx), widths.contains(next.sy), next.light > 0,
        PixelPoint(x: next.x, y: next.y).distance(to: start) <= 2 * maximumStep + 0.5
      else {
        damping *= 10
        if damping > 1e8 { return nil }
        continue
      }
      let (trial, trialChi2) = equations(next)
      if trialChi2 <= chi2 {
        let isSettled = abs(step[1]) < 1e-4 && abs(step[2]) < 1e-4
        (model, normal, chi2) = (next, trial, trialChi2)
        damping = max(damping / 10, 1e-9)
        if isSettled { break }
      } else {
        damping *= 10
        // At the minimum no step is downhill any more.
        if damping > 1e8 { break }
      }
    }
    let place = PixelPoint(x: model.x, y: model.y)
    guard let covariance = normal.covariance(), place.distance(to: start) <= maximumStep else { return nil }
    let variance = (covariance[1][1] + covariance[2][2]) / 2
    return variance > 0 && variance.isFinite
      ? CentroidResult(position: place, variance: variance, refused: false) : nil
  }

  /// The height that fits a star of this place and width best.
  private func light(of model: Model) -> Double {
    fill(model)
    var (product, square) = (0.0, 0.0)
    for j in 0..<size {
      for i in 0..<size {
        let g = table(0)[i] * table(3)[j]
        let w = memory[(size + j) * size + i]
        product += w * g * memory[j * size + i]
        square += w * g * g
      }
    }
    return square > 0 ? product / square : 0
  }

  /// Least squares of what the model leaves, and their sum.
  private func equations(_ model: Model) -> (normal: NormalEquations, chi2: Double) {
    fill(model)
    let (gx, px, wx) = (table(0), table(1), table(2))
    let (gy, py, wy) = (table(3), table(4), table(5))
    var matrix = [Double](repeating: 0, count: 25)
    var right = [Double](repeating: 0, count: 5)
    var chi2 = 0.0
    matrix.withUnsafeMutableBufferPointer { matrix in
      right.withUnsafeMutableBufferPointer { right in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 5) { row in
          for j in 0..<size {
            for i in 0..<size {
              let w = memory[(size + j) * size + i]
              guard w > 0 else { continue }
              row[0] = gx[i] * gy[j]
              row[1] = model.light * px[i] * gy[j]
              row[2] = model.light * gx[i] * py[j]
              row[3] = model.light * wx[i] * gy[j]
              row[4] = model.light * gx[i] * wy[j]
              let left = memory[j * size + i] - model.light * row[0]
              chi2 += w * left * left
              for a in 0..<5 {
                let weighted = w * row[a]
                right[a] += weighted * left
                for b in 0..<5 { matrix[5 * a + b] += weighted * row[b] }
              }
            }
          }
        }
      }
    }
    return (NormalEquations(matrix: matrix, right: right), chi2)
  }

  private func table(_ k: Int) -> UnsafeMutableBufferPointer<Double> {
    UnsafeMutableBufferPointer(rebasing: memory[((2 * size + k) * size)..<((2 * size + k + 1) * size)])
  }

  /// The integrals of the Gaussian over each column and row, and their derivatives.
  private func fill(_ model: Model) {
    for (first, start, centre, sigma) in [(0, x0, model.x, model.sx), (3, y0, model.y, model.sy)] {
      let (g, place, width) = (table(first), table(first + 1), table(first + 2))
      let root = sigma * 2.0.squareRoot()
      let height = 1 / (sigma * (2 * Double.pi).squareRoot())
      var low = Double(start) - 0.5 - centre
      var lowErf = erf(low / root)
      var lowDensity = height * exp(-low * low / (2 * sigma * sigma))
      for i in 0..<size {
        let high = low + 1
        let highErf = erf(high / root)
        let highDensity = height * exp(-high * high / (2 * sigma * sigma))
        g[i] = 0.5 * (highErf - lowErf)
        place[i] = lowDensity - highDensity
        width[i] = (low * lowDensity - high * highDensity) / sigma
        (low, lowErf, lowDensity) = (high, highErf, highDensity)
      }
    }
  }
}
