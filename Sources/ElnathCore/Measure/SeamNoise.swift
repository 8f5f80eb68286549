/// The noise of apertures and annuli that may lie across the seam of two outputs.
struct SeamNoise {
  let frame: NoiseModel
  let outputs: [AmplifierNoise]

  /// The noise of all pixels of a box; nil where they were read through several outputs.
  func model(in box: PixelRectangle) -> NoiseModel? {
    guard !outputs.isEmpty else { return frame }
    let touched = outputs.filter { $0.area.intersection(box) != nil }
    return touched.count == 1 ? touched[0].model : nil
  }

  /// The model whose constant terms, times the sum of w^2 q^2 over a circular aperture, give what its pixels have output
  /// by output: w the covered fraction, q = 1/flat.
  func model(_ planes: FramePlanes, around centre: PixelPoint, radius: Double) -> NoiseModel {
    mean(planes, around: centre, radius: radius) { w, q in w * w * q * q }
  }

  /// The mean model of the pixels of an annulus.
  func model(_ planes: FramePlanes, around centre: PixelPoint, annulus: AnnularAperture) -> NoiseModel {
    let outer = weights(planes, around: centre, radius: annulus.outer) { w, _ in w }
    let inner = weights(planes, around: centre, radius: annulus.inner) { w, _ in w }
    return mean(zip(outer, inner).map { max(0, $0 - $1) })
  }

  private func mean(
    _ planes: FramePlanes, around centre: PixelPoint, radius: Double, _ weight: (Double, Double) -> Double
  ) -> NoiseModel {
    mean(weights(planes, around: centre, radius: radius, weight))
  }

  private func mean(_ weights: [Double]) -> NoiseModel {
    let shares = zip(outputs, weights).filter { $1 > 0 }.map { (model: $0.model, weight: $1) }
    return shares.isEmpty ? frame : NoiseModel.mean(shares)
  }

  /// The sum of a weight over the pixels of a circle, for each output.
  private func weights(
    _ planes: FramePlanes, around centre: PixelPoint, radius: Double, _ weight: (Double, Double) -> Double
  ) -> [Double] {
    let reach = radius + 0.5
    return outputs.map { output in
      let columns = Self.range(centre.x, reach, output.area.x, output.area.width)
      let rows = Self.range(centre.y, reach, output.area.y, output.area.height)
      var sum = 0.0
      for y in rows {
        for x in columns {
          let w = CircleOverlap.fraction(dx: Double(x) - centre.x, dy: Double(y) - centre.y, radius: radius)
          if w > 0 { sum += weight(w, planes.inverseFlat.map { Double($0[planes.index(x, y)]) } ?? 1) }
        }
      }
      return sum
    }
  }

  /// The whole numbers within `reach` of `centre` that lie in an area.
  private static func range(_ centre: Double, _ reach: Double, _ first: Int, _ count: Int) -> Range<Int> {
    let low = max(first, Int((centre - reach).rounded(.up)))
    let high = min(first + count, Int((centre + reach).rounded(.down)) + 1)
    return low..<max(low, high)
  }
}
