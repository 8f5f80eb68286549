/// The noise of the pixels that were read through one output of the detector.
public struct AmplifierNoise: Sendable, Equatable {
  /// Of the trimmed frame.
  public var area: PixelRectangle
  public var model: NoiseModel

  public init(area: PixelRectangle, model: NoiseModel) {
    self.area = area
    self.model = model
  }
}

extension NoiseModel {
  /// What pixels of several models have on the average, by weight. Gain and zero level have no such mean: the gain is
  /// that of a step of digitisation on the average, and the level is known only where all know it.
  ///
  /// One model is returned to the bit. There must be one at least, and weights above zero.
  static func mean(_ models: [(model: NoiseModel, weight: Double)]) -> NoiseModel {
    precondition(!models.isEmpty, "a mean needs models")
    if models.count == 1 { return models[0].model }
    let total = models.reduce(0) { $0 + $1.weight }
    func mean(_ term: (NoiseModel) -> Double) -> Double {
      models.reduce(0) { $0 + $1.weight * term($1.model) } / total
    }
    return NoiseModel(
      gain: mean(\.gain), readNoise: mean { $0.readNoise * $0.readNoise }.squareRoot(), dark: mean(\.dark),
      masters: mean(\.masters), digitisation: mean(\.digitisation),
      pedestalKnown: models.allSatisfy(\.model.pedestalKnown))
  }
}

extension [AmplifierNoise] {
  /// The noise of the output that a place was read through; nil where it lies on no area.
  public func model(at place: PixelPoint) -> NoiseModel? {
    let x = Int(place.x.rounded())
    let y = Int(place.y.rounded())
    return first {
      $0.area.x <= x && x < $0.area.x + $0.area.width && $0.area.y <= y && y < $0.area.y + $0.area.height
    }?.model
  }
}
