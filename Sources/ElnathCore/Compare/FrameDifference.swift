/// What the comparison of two frames came to.
public struct FrameDifference: Sendable {
  /// What the stars say of the place of the second frame; nil where they prove nothing, and the frames were compared pixel
  /// on pixel.
  public let registration: PairRegistration?
  /// How the second frame was brought onto the first: by whole pixels, through Fourier space, with Lanczos' kernel.
  public let way: String
  /// From the first frame to the second, by the stars and then by all pixels.
  public let transform: SimilarityTransform
  /// Where the centre of the first frame lies in the second, minus that centre, px; NaN where no stars prove a shift.
  public let shift: PixelPoint
  /// Its errors from the noise of the pixels, px.
  public let shiftError: PixelPoint
  public let difference: DifferenceImage
  public let statistics: DifferenceStatistics
  public let boxes: DifferenceBoxes
  /// Brightest first.
  public let stars: [StarResidual]
  /// Median flux of a star in the second frame in units of that in the first; NaN without stars.
  public let fluxRatio: Double
  /// Largest difference of a star and of a box that passes, in units of its error.
  public let valueLimit: Double
  public let tests: [ComparisonTest]

  public var isEqual: Bool { tests.allSatisfy(\.passes) }

  init(
    registration: PairRegistration?, _ placed: FramePlacing.Result, stars: [StarResidual], limits: ComparisonLimits
  ) {
    self.registration = registration
    way = placed.way.rawValue
    var transform = placed.transform
    // Whole pixels were not moved by what is left, but it belongs to the answer.
    if placed.way != .lanczos || registration?.isShift == true, let rest = placed.shift, registration != nil {
      transform.tx += rest.dx
      transform.ty += rest.dy
    }
    self.transform = transform
    let difference = placed.difference
    let centre = PixelPoint(x: Double(difference.width - 1) / 2, y: Double(difference.height - 1) / 2)
    let moved = transform(centre)
    let isKnown = registration != nil
    shift = isKnown ? PixelPoint(x: moved.x - centre.x, y: moved.y - centre.y) : PixelPoint(x: .nan, y: .nan)
    shiftError = PixelPoint(
      x: isKnown ? placed.shift?.errorX ?? .nan : .nan, y: isKnown ? placed.shift?.errorY ?? .nan : .nan)
    self.difference = difference
    statistics = DifferenceStatistics(difference)
    boxes = DifferenceBoxes(difference)
    self.stars = stars
    fluxRatio = WeightedMedian.of(
      stars.map { star in
        let relative = star.error / star.flux
        return (star.ratio, relative > 0 ? 1 / (relative * relative) : 1)
      })
    valueLimit = limits.value(scatter: boxes.scatter)
    tests = Self.tests(statistics, boxes, stars, valueLimit, limits)
  }

  private static func tests(
    _ statistics: DifferenceStatistics, _ boxes: DifferenceBoxes, _ stars: [StarResidual], _ limit: Double,
    _ limits: ComparisonLimits
  ) -> [ComparisonTest] {
    func rounded(_ value: Double) -> String { "\(DecimalRounding.significant(value, 3))" }
    func place(_ point: (x: Double, y: Double)) -> String {
      "\(DecimalRounding.decimals(point.x, 1)), \(DecimalRounding.decimals(point.y, 1))"
    }
    var tests: [ComparisonTest] = []
    if let worst = stars.max(by: { abs($0.residual) < abs($1.residual) }) {
      let beyond = stars.count { abs($0.residual) > limit }
      tests.append(
        ComparisonTest(
          "stars", value: abs(worst.residual), limit: limit,
          "\(beyond) of \(stars.count) stars differ by more than \(rounded(limit)) errors; the worst by "
            + "\(rounded(worst.residual)) at \(place(worst.position.fits))"))
    }
    if let worst = boxes.worst {
      let side = DifferenceBoxes.side
      let beyond = boxes.boxes.count { abs($0.residual) > limit }
      let middle = PixelPoint(x: Double(worst.x + side / 2), y: Double(worst.y + side / 2))
      tests.append(
        ComparisonTest(
          "boxes", value: abs(worst.residual), limit: limit,
          "\(beyond) of \(boxes.boxes.count) boxes of \(side) x \(side) pixels differ by more than \(rounded(limit)) "
            + "errors; the worst by \(rounded(worst.residual)) about \(place(middle.fits))"))
    }
    tests.append(
      ComparisonTest(
        "pixels", value: statistics.fractionBeyond, limit: ComparisonLimits.fractionBeyond,
        "\(statistics.beyond) of \(statistics.pixels) pixels differ by more than 5 errors"))
    tests.append(
      ComparisonTest(
        "scatter", value: statistics.scatter, limit: limits.scatter(count: statistics.pixels),
        "pixels scatter by \(rounded(statistics.scatter)) of their errors"))
    return tests
  }
}
