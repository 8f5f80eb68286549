/// Chooses comparison stars on merit among candidates: constant ones only, then those with the least expected scatter
/// against the target. One good star of the target's brightness is kept out as check star.
public struct ComparisonChoice: Sendable {
  /// Chosen at most; by `number` when nil.
  public var wanted: Int?
  public var number = ComparisonNumber()
  public var constancy = ConstancyTest()
  /// True where the user named check stars: then none is taken from the candidates.
  public var hasCheckStar = false

  public init() {}

  /// What is known of a candidate beside its magnitudes; NaN when unknown.
  public struct Place: Sendable, Equatable {
    /// From the target.
    public var distanceArcmin: Double
    /// Candidate minus target.
    public var colourDifference: Double

    public init(distanceArcmin: Double = .nan, colourDifference: Double = .nan) {
      self.distanceArcmin = distanceArcmin
      self.colourDifference = colourDifference
    }
  }

  /// What became of the candidates.
  public struct Result: Sendable {
    /// Stars of the problem, the best first.
    public var chosen: [Int]
    public var check: Int?
    /// Constant, but not chosen.
    public var spare: [Int]
    public var tested: ConstancyTest.Result
    /// The target's magnitude on the instrumental scale of the candidates' means; NaN when it was not measured.
    public var targetMagnitude: Double

    /// Everything constant but the check star.
    public var survivors: [Int] { (chosen + spare).sorted() }
  }

  /// - Parameters:
  ///   - problem: The candidates on the frames in use.
  ///   - target: The target's magnitudes on the same frames, NaN where missing.
  ///   - targetVariance: Expected of one measurement of the brightest target, mag^2; NaN when unknown.
  ///   - places: One for each candidate.
  ///   - airmassRange: Between the highest and the lowest frame in use; NaN when unknown.
  public func callAsFunction(
    _ problem: EnsembleProblem, target: [Double], targetVariance: Double = .nan, places: [Place],
    airmassRange: Double
  ) -> Result {
    precondition(
      places.count == problem.stars && target.count == problem.frames, "one place a star, one target value a frame")
    let tested = constancy(problem)
    let targetMagnitude = Median.of(zip(target, tested.zeroPoints).map { $0 - $1 })
    var survivors = tested.survivors
    let check = hasCheckStar ? nil : checkStar(tested, target: targetMagnitude, places: places)
    survivors.removeAll { $0 == check }
    let merits =
      tested.survivors.isEmpty
      ? []
      : (0..<problem.stars).map { star in
        merit(star, problem, jitter: tested.jitter[star], place: places[star], airmassRange: airmassRange)
      }
    let order = survivors.sorted { merits[$0] != merits[$1] ? merits[$0] < merits[$1] : $0 < $1 }
    let count = wanted ?? number(order.map { merits[$0] }, target: targetVariance)
    return Result(
      chosen: Array(order.prefix(count)), check: check, spare: Array(order.dropFirst(count)), tested: tested,
      targetMagnitude: targetMagnitude)
  }

  /// The survivor nearest to the target in magnitude, then in colour; never the quietest one, which is worth most as
  /// comparison star. Nil when fewer than 4 survive.
  private func checkStar(_ tested: ConstancyTest.Result, target: Double, places: [Place]) -> Int? {
    guard tested.survivors.count >= 4 else { return nil }
    let quietest = tested.survivors.min { tested.statistics[$0].scatter < tested.statistics[$1].scatter }
    func distance(_ star: Int) -> (Double, Double) {
      let magnitude = abs(tested.means[star] - target)
      let colour = abs(places[star].colourDifference)
      return (magnitude.isNaN ? .infinity : magnitude, colour.isNaN ? .infinity : colour)
    }
    return tested.survivors.filter { $0 != quietest }.min { distance($0) < distance($1) }
  }

  /// Expected variance against the target, mag^2: the star's own, 1 mmag per 10' of distance, 10 mmag per magnitude of
  /// colour difference and unit of airmass.
  private func merit(
    _ star: Int, _ problem: EnsembleProblem, jitter: Double, place: Place, airmassRange: Double
  ) -> Double {
    let variances = problem.variances[star * problem.frames..<(star + 1) * problem.frames]
    let distance = 0.001 * place.distanceArcmin / 10
    let colour = 0.010 * place.colourDifference * airmassRange
    return Median.of(Array(variances)) + jitter + (distance.isNaN ? 0 : distance * distance)
      + (colour.isNaN ? 0 : colour * colour)
  }
}
