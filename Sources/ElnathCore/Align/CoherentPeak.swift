#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The shift between two images of one size by the peak of their cross-correlation, each spatial frequency weighted by how
/// well both images agree on it: the maximum likelihood for a common signal under noise (Knapp & Carter 1976, IEEE Trans.
/// Acoust. Speech Signal Process. 24, 320, weighting of Hannan & Thomson), which neither the noise of single pixels nor a
/// few bright places govern. Coherence is taken over rings of equal frequency.
struct CoherentPeak {
  /// From the first image to the second, in boxes, and its standard deviation along one axis by the coherence.
  private(set) var x: Double
  private(set) var y: Double
  private(set) var error: Double

  private static let rings = 96
  /// What the window leaves of the independent samples.
  private static let windowed = 0.7

  /// - Parameters:
  ///   - reach: how far the peak may lie from no shift, in boxes.
  ///   - smooth: scale below which the images are not compared while the shift is hardly known, in boxes.
  /// - Returns: nil where there is no peak, or no frequency on which the images agree.
  init?(_ here: Spectrum, _ there: Spectrum, reach: Int, smooth: Double) {
    let product = there.timesConjugate(of: here)
    let plan = FourierPlan(width: here.width, height: here.height)
    let table = RingTable(width: here.width, height: here.height, rings: Self.rings)
    let steepness = 2 * Double.pi * Double.pi * smooth * smooth
    let first = table.weighted(
      product, by: (0..<Self.rings).map { exp(-steepness * table.frequency($0) * table.frequency($0)) })
    guard let start = Self.highest(plan.image(of: first), plan, reach: reach) else { return nil }
    (x, y) = Self.refined(first, start.x, start.y)
    error = .infinity
    for _ in 0..<2 {
      guard let found = Self.weights(table, here, there, product, x, y) else { return nil }
      (x, y) = Self.refined(table.weighted(product, by: found.values), x, y)
      error = found.error
    }
    guard abs(x) <= Double(reach), abs(y) <= Double(reach), error.isFinite else { return nil }
  }

  private static func highest(_ image: [Float], _ plan: FourierPlan, reach: Int) -> (x: Double, y: Double)? {
    var best = (value: Float(0), x: 0, y: 0)
    for dy in -reach...reach {
      for dx in -reach...reach {
        let value = image[(dy + plan.height) % plan.height * plan.width + (dx + plan.width) % plan.width]
        if value > best.value { best = (value, dx, dy) }
      }
    }
    // On the edge of the search the peak itself lies elsewhere.
    guard best.value > 0, abs(best.x) < reach, abs(best.y) < reach else { return nil }
    return (Double(best.x), Double(best.y))
  }

  /// The highest place of an image near one that is known to a pixel, to some thousandths of a pixel.
  private static func refined(_ spectrum: Spectrum, _ x: Double, _ y: Double) -> (Double, Double) {
    var (x, y) = (x, y)
    let count = 13
    for factor in [4.0, 4, 40] {
      let values = spectrum.upsampled(aroundX: x, y: y, factor: factor, count: count)
      guard let top = values.indices.max(by: { values[$0] < values[$1] }) else { break }
      let (i, j) = (top % count, top / count)
      var step = (x: Double(i - count / 2), y: Double(j - count / 2))
      let isInside = i > 0 && j > 0 && i < count - 1 && j < count - 1
      if isInside {
        step.x += vertex(values[top - 1], values[top], values[top + 1])
        step.y += vertex(values[top - count], values[top], values[top + count])
      }
      x += step.x / factor
      y += step.y / factor
    }
    return (x, y)
  }

  /// Where the parabola through three values, of which the middle one is highest, has its top.
  private static func vertex(_ left: Double, _ middle: Double, _ right: Double) -> Double {
    let bend = left - 2 * middle + right
    return bend < 0 ? 0.5 * (left - right) / bend : 0
  }

  /// Weights of the rings, and the error of the shift that they give, once the second image is moved back by (x, y).
  private static func weights(
    _ table: RingTable, _ here: Spectrum, _ there: Spectrum, _ product: Spectrum, _ x: Double, _ y: Double
  ) -> (values: [Double], error: Double)? {
    let own = table.sums(of: here)
    let other = table.sums(of: there)
    let common = table.sums(of: product, movedBack: x, y)
    var values = [Double](repeating: 0, count: rings)
    var information = 0.0
    for ring in 0..<rings where table.count[ring] > 4 && own[ring] > 0 && other[ring] > 0 && common[ring] > 0 {
      let gamma = common[ring] / (own[ring] * other[ring]).squareRoot()
      // Chance alone gives so many places a third of this coherence; nothing is more certain than 0.9999.
      guard gamma > 3 / (table.count[ring] * windowed).squareRoot() else { continue }
      let square = min(gamma * gamma, 0.9999)
      values[ring] = table.count[ring] / common[ring] * square / (1 - square)
      information += 4 * Double.pi * Double.pi * table.spread[ring] * square / (1 - square)
    }
    guard information > 0 else { return nil }
    return (values, 1 / (windowed * information).squareRoot())
  }
}
