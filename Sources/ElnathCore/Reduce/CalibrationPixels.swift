extension BiasDarkFlat {
  /// `grid`, a trimmed frame in ADU above its zero level (overscan and bias subtracted), as a straight response would
  /// have given it; unchanged for a camera without a stated polynomial. To be called before a dark is subtracted: the
  /// bend acts on all that the pixel holds.
  public static func linearised(_ grid: PixelGrid<Float>, _ observation: Observation) -> PixelGrid<Float> {
    guard let linearity = Linearity(observation.linearity) else { return grid }
    var result = grid
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for y in 0..<grid.height {
        var row = UnsafeMutableBufferPointer(rebasing: pixels[(y * grid.width)..<((y + 1) * grid.width)]).mutableSpan
        linearity.straighten(&row)
      }
    }
    return result
  }

  /// `grid`, a trimmed flat in ADU above its zero level, with the area of each output multiplied by its gain over the
  /// mean gain of the outputs: the same scale all over, still about that of ADU.
  ///
  /// A light frame is multiplied by the gain of each output before it is divided by the flat. In ADU the flat holds the
  /// ratios of the gains as steps; dividing by them would correct them a second time. Unchanged for one output, and
  /// where a gain is unknown.
  public static func equalised(_ grid: PixelGrid<Float>, _ observation: Observation) -> PixelGrid<Float> {
    let outputs = observation.outputs
    let factors = equalisingFactors(observation)
    guard factors.contains(where: { $0 != 1 }) else { return grid }
    precondition(
      grid.width == observation.trim.width && grid.height == observation.trim.height && observation.outputsTileFrame,
      "the outputs tile the trimmed frame")
    var result = grid
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for (output, factor) in zip(outputs, factors) {
        let area = output.area
        for y in area.y..<(area.y + area.height) {
          let first = y * grid.width + area.x
          for i in first..<(first + area.width) { pixels[i] *= factor }
        }
      }
    }
    return result
  }
  /// The gain of each output over the mean of all; 1 for one output, and where a gain is unknown.
  static func equalisingFactors(_ observation: Observation) -> [Float] {
    let outputs = observation.outputs
    let gains = outputs.compactMap(\.gain)
    guard outputs.count > 1, gains.count == outputs.count else { return outputs.map { _ in 1 } }
    let mean = gains.reduce(0, +) / Double(gains.count)
    return gains.map { Float($0 / mean) }
  }
}
