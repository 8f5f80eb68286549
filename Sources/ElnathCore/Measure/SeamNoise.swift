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

  /// The model whose constant terms, times the sum of w^2 q^2 over an aperture, give what its pixels have output by
  /// output: w the covered fraction, q = 1/flat.
  func model(_ planes: FramePlanes, around centre: PixelPoint, aperture: any Aperture) -> NoiseModel {
    let covered = aperture.weights(centeredAt: centre)
    return mean(weights(planes, under: covered) { w, q in w * w * q * q })
  }

  /// The mean model of the pixels of an annulus.
  func model(_ planes: FramePlanes, around centre: PixelPoint, annulus: AnnularAperture) -> NoiseModel {
    let outer = weights(planes, under: CircularAperture(radius: annulus.outer).weights(centeredAt: centre)) { w, _ in w
    }
    guard annulus.inner > 0 else { return mean(outer) }
    let inner = weights(planes, under: CircularAperture(radius: annulus.inner).weights(centeredAt: centre)) { w, _ in w
    }
    return mean(zip(outer, inner).map { max(0, $0 - $1) })
  }

  private func mean(_ weights: [Double]) -> NoiseModel {
    let shares = zip(outputs, weights).filter { $1 > 0 }.map { (model: $0.model, weight: $1) }
    return shares.isEmpty ? frame : NoiseModel.mean(shares)
  }

  /// The sum of a weight over the pixels of an aperture, for each output.
  private func weights(
    _ planes: FramePlanes, under covered: PixelWeights, weight: (Double, Double) -> Double
  ) -> [Double] {
    outputs.map { output in
      let columns = Self.range(covered.x, covered.width, output.area.x, output.area.width)
      let rows = Self.range(covered.y, covered.height, output.area.y, output.area.height)
      var sum = 0.0
      for y in rows {
        for x in columns {
          let w = covered.fractions[(y - covered.y) * covered.width + x - covered.x]
          if w > 0 { sum += weight(w, planes.inverseFlat.map { Double($0[planes.index(x, y)]) } ?? 1) }
        }
      }
      return sum
    }
  }

  /// What two runs of pixels share.
  private static func range(_ first: Int, _ count: Int, _ areaFirst: Int, _ areaCount: Int) -> Range<Int> {
    let low = max(first, areaFirst)
    return low..<max(low, min(first + count, areaFirst + areaCount))
  }
}
