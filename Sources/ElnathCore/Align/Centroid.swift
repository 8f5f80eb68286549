/// Where a windowed centroid came to rest.
public struct CentroidResult: Sendable, Equatable {
  /// The centroid; the starting point where it was refused.
  public var position: PixelPoint
  /// Variance of the position along one axis (mean of x and y), px^2, from those of the pixels; NaN where refused.
  public var variance: Double
  /// True where there is no light to weigh, where it wandered beyond the bound or did not settle.
  public var refused: Bool

  public init(position: PixelPoint, variance: Double, refused: Bool) {
    self.position = position
    self.variance = variance
    self.refused = refused
  }
}

/// Positions of stars by the centroid of the light under a Gaussian window that follows the star (the XWIN and YWIN of
/// SExtractor): as good as a fit of the profile, without needing to know the profile.
public enum Centroid {
  /// Iterates x += 2 sum(w d (x_i - x)) / sum(w d), w = exp(-r^2 / (2 sigma^2)), d = pixel - `sky`, until the step is
  /// below 0.0002 px.
  ///
  /// A pixel that is masked (bad, cosmic ray, satellite, no data) or lies outside the frame takes the value of the pixel
  /// on the other side of the centre, which keeps the centroid of a symmetric star; where both are missing it counts as
  /// sky. `sigma` should be that of the star, and not below 1 px. Refused when the centre moves further than
  /// `maximumStep` from `around` (px), when no light is left, or when less than half of the window has pixels.
  public static func windowed(
    in image: MaskedImage, around start: PixelPoint, sigma: Double, sky: Double, maximumStep: Double
  ) -> CentroidResult {
    image.withPlanes { windowed(in: $0, around: start, sigma: sigma, sky: sky, maximumStep: maximumStep) }
  }

  /// The same on planes that reach `reach(sigma:)` + `maximumStep` + 1 px from `start`, as far as the frame does.
  static func windowed(
    in planes: ImagePlanes, variances: CentroidVariance = .ofPlanes, around start: PixelPoint, sigma: Double,
    sky: Double, maximumStep: Double
  ) -> CentroidResult {
    precondition(sigma > 0 && maximumStep >= 0, "a window has a width and a bound")
    let refusal = CentroidResult(position: start, variance: .nan, refused: true)
    guard start.lies(inWidth: planes.width, height: planes.height), sky.isFinite else { return refusal }
    let reach = reach(sigma: sigma)
    let size = 2 * reach + 1
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: size * (size + 4)) { memory in
      var window = CentroidWindow(
        planes: planes, variances: variances, memory: memory, reach: reach, sigma: sigma, sky: sky)
      return window.settle(from: start, maximumStep: maximumStep) ?? refusal
    }
  }

  /// Pixels to either side that a window takes in: at 3.5 sigma it has fallen to 0.002, and what is cut off no longer
  /// depends on where in its pixel the star lies.
  static func reach(sigma: Double) -> Int { Int((3.5 * sigma).rounded(.up)) }
}

/// Where a centroid takes the variances of the pixels under its window from.
enum CentroidVariance {
  case ofPlanes
  /// Pixels of electrons: what they have without the star, e-^2, and one for each electron of it.
  case ofLight(background: Double)
  /// The position goes without one: it is given as 0.
  case unwanted
}

/// The pixels under one window and their weights.
private struct CentroidWindow {
  let planes: ImagePlanes
  let variances: CentroidVariance
  /// Light above the sky, then the weights along x and along y.
  let memory: UnsafeMutableBufferPointer<Double>
  let reach: Int
  let sigma: Double
  let sky: Double
  var x0 = Int.min
  var y0 = Int.min
  var light = 0.0
  /// True where every pixel under the window stands for itself.
  var isWhole = false

  private static let missing: PixelMask = [.bad, .cosmicRay, .noData, .satellite]

  private var size: Int { 2 * reach + 1 }

  init(
    planes: ImagePlanes, variances: CentroidVariance, memory: UnsafeMutableBufferPointer<Double>, reach: Int,
    sigma: Double, sky: Double
  ) {
    self.planes = planes
    self.variances = variances
    self.memory = memory
    self.reach = reach
    self.sigma = sigma
    self.sky = sky
  }

  mutating func settle(from start: PixelPoint, maximumStep: Double) -> CentroidResult? {
    var centre = start
    for round in 0..<30 {
      guard let step = step(at: centre) else { return nil }
      // Twice the offset is the full way for a star as wide as the window; for a much narrower one it would swing.
      let gain = round < 8 ? 1 : 0.5
      centre.x += gain * step.x
      centre.y += gain * step.y
      guard centre.distance(to: start) <= maximumStep, centre.lies(inWidth: planes.width, height: planes.height) else {
        return nil
      }
      if abs(step.x) < 2e-4 && abs(step.y) < 2e-4 {
        let variance = positionVariance(at: centre)
        return variance.isFinite ? CentroidResult(position: centre, variance: variance, refused: false) : nil
      }
    }
    return nil
  }

  /// The pixel that stands for the one at (x, y): itself, or its mirror image; nil where both are missing.
  private func source(_ x: Int, _ y: Int) -> (x: Int, y: Int)? {
    func usable(_ x: Int, _ y: Int) -> Bool {
      guard x >= 0 && x < planes.width && y >= 0 && y < planes.height else { return false }
      let index = planes.index(x, y)
      return planes.mask[index].isDisjoint(with: Self.missing) && planes.image[index].isFinite
    }
    if usable(x, y) { return (x, y) }
    let mirrorX = 2 * (x0 + reach) - x
    let mirrorY = 2 * (y0 + reach) - y
    return usable(mirrorX, mirrorY) ? (mirrorX, mirrorY) : nil
  }

  /// Copies the light around the pixel of `centre`; false when more than half of the window has no pixels.
  private mutating func load(around centre: PixelPoint) -> Bool {
    let x = Int(centre.x.rounded()) - reach
    let y = Int(centre.y.rounded()) - reach
    if x == x0 && y == y0 { return true }
    x0 = x
    y0 = y
    let size = size
    var missing = 0
    isWhole = true
    for j in 0..<size {
      for i in 0..<size {
        if let place = source(x + i, y + j) {
          isWhole = isWhole && place == (x + i, y + j)
          memory[j * size + i] = Double(planes.image[planes.index(place.x, place.y)]) - sky
        } else {
          memory[j * size + i] = 0
          isWhole = false
          missing += 1
        }
      }
    }
    return 2 * missing <= size * size
  }

  private mutating func step(at centre: PixelPoint) -> PixelPoint? {
    guard load(around: centre) else { return nil }
    let size = size
    let (wx, wy) = weights
    let mx = UnsafeMutableBufferPointer(rebasing: memory[(size * (size + 2))..<(size * (size + 3))])
    GaussianWindow.fill(wx, first: x0, centre: centre.x, sigma: sigma)
    GaussianWindow.fill(wy, first: y0, centre: centre.y, sigma: sigma)
    for i in 0..<size { mx[i] = wx[i] * (Double(x0 + i) - centre.x) }
    var sum = 0.0
    var momentX = 0.0
    var momentY = 0.0
    for j in 0..<size {
      var row = 0.0
      var rowX = 0.0
      for i in 0..<size {
        let d = memory[j * size + i]
        row += wx[i] * d
        rowX += mx[i] * d
      }
      sum += wy[j] * row
      momentX += wy[j] * rowX
      momentY += wy[j] * (Double(y0 + j) - centre.y) * row
    }
    light = sum
    guard sum > 0 else { return nil }
    return PixelPoint(x: 2 * momentX / sum, y: 2 * momentY / sum)
  }

  /// The centroid solves G(x) = sum(w d (x_i - x)) = 0, so var(x) = sum(w^2 v (x_i - x)^2) / G'^2 with
  /// G' = -sum(w d (1 - (x_i - x)^2 / sigma^2)), which is half the light for a star as wide as the window.
  private func positionVariance(at centre: PixelPoint) -> Double {
    guard let slope = slope(at: centre) else { return .nan }
    let size = size
    let noise: Double
    switch variances {
    case .unwanted: return 0
    case .ofPlanes:
      noise = weighedNoise(at: centre) { i, j in
        guard let place = isWhole ? (x0 + i, y0 + j) : source(x0 + i, y0 + j) else { return 0 }
        let v = planes.variance[planes.index(place.x, place.y)]
        return v.isFinite ? Double(v) : 0
      }
    case .ofLight(let background):
      // A pixel without light of its own has that of the pixel which stands for it.
      noise = weighedNoise(at: centre) { i, j in background + max(0, memory[j * size + i]) }
    }
    return noise / (slope * slope)
  }

  /// Sum of w^2 v r^2 / 2 over the window, v by column and row.
  private func weighedNoise(at centre: PixelPoint, _ variance: (Int, Int) -> Double) -> Double {
    let size = size
    let (wx, wy) = weights
    var noise = 0.0
    for j in 0..<size {
      let dy = Double(y0 + j) - centre.y
      for i in 0..<size {
        let dx = Double(x0 + i) - centre.x
        let w = wx[i] * wy[j]
        noise += w * w * variance(i, j) * (dx * dx + dy * dy) / 2
      }
    }
    return noise
  }

  /// -G'; nil where it is so small that the place is not determined.
  private func slope(at centre: PixelPoint) -> Double? {
    let size = size
    let (wx, wy) = weights
    var slope = 0.0
    for j in 0..<size {
      let dy = Double(y0 + j) - centre.y
      for i in 0..<size {
        let dx = Double(x0 + i) - centre.x
        let r2 = (dx * dx + dy * dy) / 2
        slope += wx[i] * wy[j] * memory[j * size + i] * (1 - r2 / (sigma * sigma))
      }
    }
    return slope > 0.1 * light ? slope : nil
  }

  /// Along x and along y.
  private var weights: (x: UnsafeMutableBufferPointer<Double>, y: UnsafeMutableBufferPointer<Double>) {
    let size = size
    return (
      UnsafeMutableBufferPointer(rebasing: memory[(size * size)..<(size * (size + 1))]),
      UnsafeMutableBufferPointer(rebasing: memory[(size * (size + 1))..<(size * (size + 2))])
    )
  }
}
