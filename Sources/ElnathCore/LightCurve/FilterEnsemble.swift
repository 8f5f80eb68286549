/// One filter: its comparison stars, the aperture of each target, and the zero points in each of these apertures.
///
/// One ensemble serves all point-like targets: its stars are chosen in the middle one of their apertures. Extended targets
/// need a wider aperture than that, in which fewer stars are alone, and so have an ensemble of their own.
struct FilterEnsemble: Sendable {
  let series: FilterSeries
  let targets: [Int]
  /// The aperture in which the comparison stars are chosen and reported.
  private(set) var aperture = 0
  /// Stars of the table.
  private(set) var comparisons: [Int] = []
  private(set) var check: Int?
  /// Constant stars without the check star: comparison stars and those to spare.
  private(set) var constant: [Int] = []
  /// By target.
  private(set) var apertures: [Int: Int] = [:]
  /// By aperture.
  private(set) var differentials: [Int: DifferentialPhotometry] = [:]
  private(set) var verdicts: [ComparisonVerdict] = []
  private(set) var remarks: [String] = []
  /// How the aperture of each target was found, in their order.
  private(set) var scans: [ApertureScan] = []
  let colourTerm: ColourTerm

  /// - Parameters:
  ///   - extendedRadius: Radius of extended targets, px.
  ///   - other: The ensemble of the point-like targets, where these are extended ones beside it.
  init(
    _ builder: LightCurveBuilder, _ series: FilterSeries, targets: [Int], extendedRadius: Double,
    beside other: FilterEnsemble? = nil, context: LightCurveContext
  ) {
    self.series = series
    self.targets = targets
    colourTerm = builder.colourTerm
    check = other?.check ?? series.stars.firstIndex { $0.role == .check }
    guard series.frames > 0 && !series.inUse.isEmpty && !series.radii.isEmpty else {
      // Frames that could not be read tell no filter; each has its own reason in the tables.
      if series.frames > 0 || !series.filter.isEmpty { remark("no frame in use") }
      return
    }
    if let name = builder.check, other == nil,
      !series.stars.contains(where: { $0.name == name && $0.role == .check })
    {
      remark("\(name) cannot be the check star: it is a target, or not among the stars of the table")
    }
    // Radii are rounded to 0.1 px.
    let wide = series.radii.firstIndex { $0 >= extendedRadius - 0.05 } ?? series.radii.count - 1
    let first = areExtended ? wide : series.aperture(nearest: 1.25 * series.fwhm)
    var reasons: [Int: String] = [:]
    if let named = builder.namedStars(series) {
      takeNamed(named, &reasons)
      setApertures(builder, middle: first, wide: wide)
    } else {
      choose(builder, first, context, among: other.map { Set($0.constant) }, &reasons)
      if let other, areExtended { widen(builder, first, context, beside: other, &reasons) }
      setApertures(builder, middle: first, wide: wide)
      if aperture != first {
        // Another aperture sees other neighbours; stars that vary in one vary in the other.
        let survivors = Set(constant + (check.map { [$0] } ?? []))
        choose(builder, aperture, context, among: survivors, &reasons)
      }
      remarkOnNumber()
    }
    solve(builder.method)
    verdicts = ComparisonReport(self, context: context).verdicts(reasons)
  }

  mutating func remark(_ text: String) {
    remarks.append(series.filter.isEmpty ? text : "\(series.filter): \(text)")
  }

  // MARK: Comparison stars

  private mutating func takeNamed(_ names: [String], _ reasons: inout [Int: String]) {
    for name in names {
      guard let star = series.stars.firstIndex(where: { $0.name == name }) else {
        remark("the comparison star \(name) is not among the stars of the table")
        continue
      }
      guard !comparisons.contains(star) else { continue }
      let role = series.stars[star].role
      let twin = targets.first {
        $0 == star || series.stars[$0].position.distance(to: series.stars[star].position) <= 1
      }
      if twin != nil || role == .check {
        // Its own noise would stand on both sides of the ratio.
        reasons[star] = twin == nil ? "is a check star" : "is the target"
        remark("\(name) cannot be a comparison star: it \(reasons[star] ?? "")")
        continue
      }
      comparisons.append(star)
      reasons[star] = "used"
    }
    comparisons.sort()
    constant = comparisons
    if comparisons.isEmpty { remark("none of the comparison stars named can be used") }
  }

  private mutating func choose(
    _ builder: LightCurveBuilder, _ aperture: Int, _ context: LightCurveContext, among survivors: Set<Int>?,
    _ reasons: inout [Int: String]
  ) {
    var rule = builder.candidates
    rule.excluded.formUnion(builder.excluded)
    var candidates = rule(series, aperture: aperture, context: context)
    if builder.method == .sum {
      // Every frame on which a star of the sum is missing is lost, so stars that never are go first.
      rule.coverage = 1
      let whole = rule(series, aperture: aperture, context: context)
      if whole.stars.count >= min(rule.enough, candidates.stars.count) { candidates = whole }
    }
    let stars = candidates.stars.filter { survivors?.contains($0) ?? true }
    for (star, reason) in candidates.refused where survivors?.contains(star) ?? true { reasons[star] = reason }

    var choice = ComparisonChoice()
    choice.wanted = builder.wanted
    // A sum is missing on every frame on which one of its stars is, and the faint ones add little to it.
    if builder.method == .sum { choice.number.most = choice.number.usual }
    choice.hasCheckStar = series.stars.contains { $0.role == .check }
    let target = targets.first
    let problem = series.problem(stars: stars, aperture: aperture, frames: series.inUse)
    let airmasses = series.inUse.map { series.summaries[$0].airmass }.filter { !$0.isNaN }
    let result = choice(
      problem,
      target: series.inUse.map { frame in
        target.flatMap { series.magnitude(of: $0, aperture: aperture, on: frame)?.value } ?? .nan
      },
      targetVariance: targets.map { expectedVariance(of: $0, aperture: aperture) }.filter { $0 > 0 }.min() ?? .nan,
      places: stars.map { place(of: $0, target: target, context) },
      airmassRange: (airmasses.max() ?? .nan) - (airmasses.min() ?? .nan))
    comparisons = result.chosen.map { stars[$0] }.sorted()
    constant = result.survivors.map { stars[$0] }
    if !choice.hasCheckStar { check = result.check.map { stars[$0] } }
    for (row, star) in stars.enumerated() {
      if !result.tested.reasons[row].isEmpty {
        reasons[star] = result.tested.reasons[row]
      } else if star == check {
        reasons[star] = "check star"
      } else {
        reasons[star] = comparisons.contains(star) ? "used" : "spare"
      }
    }
  }

  /// Of one measurement, mag^2, median over the frames in use.
  private func expectedVariance(of star: Int, aperture: Int) -> Double {
    Median.of(series.inUse.compactMap { series.magnitude(of: star, aperture: aperture, on: $0)?.variance })
  }

  /// Where too few stars are alone in a wide aperture, those with neighbours must do: their light is constant too, and
  /// only the seeing moves it in and out.
  private mutating func widen(
    _ builder: LightCurveBuilder, _ aperture: Int, _ context: LightCurveContext, beside other: FilterEnsemble,
    _ reasons: inout [Int: String]
  ) {
    guard comparisons.count < 3 && other.comparisons.count > comparisons.count else { return }
    var milder = builder
    milder.candidates.contamination = max(0.1, builder.candidates.contamination)
    choose(milder, aperture, context, among: Set(other.constant), &reasons)
    remark("comparison stars of the extended targets may have neighbours of up to 10 % of their light")
  }

  func place(of star: Int, target: Int?, _ context: LightCurveContext) -> ComparisonChoice.Place {
    guard let target else { return ComparisonChoice.Place() }
    let pixels = series.stars[star].position.distance(to: series.stars[target].position)
    return ComparisonChoice.Place(
      distanceArcmin: pixels * context.arcsecPerPixel / 60,
      colourDifference: series.stars[star].colour - series.stars[target].colour)
  }

  private mutating func remarkOnNumber() {
    switch comparisons.count {
    case 0: remark("no comparison star: the curve is instrumental, clouds and extinction stand in it")
    case 1, 2: remark("only \(comparisons.count) comparison stars: nobody can tell whether they are constant")
    case 3, 4: remark("only \(comparisons.count) comparison stars: their faults hardly average out")
    default: break
    }
  }

  // MARK: Apertures and zero points

  private mutating func setApertures(_ builder: LightCurveBuilder, middle: Int, wide: Int) {
    aperture = middle
    var solved = AutomaticRadius.Apertures(
      DifferentialPhotometry(builder.method, series, aperture: middle, comparisons: comparisons))
    let candidates = (constant + (check.map { [$0] } ?? [])).sorted()
    for target in targets {
      let star = series.stars[target]
      let given: AutomaticRadius.Choice? =
        if star.radius > 0 {
          AutomaticRadius.Choice(
            aperture: series.aperture(nearest: star.radius), reason: star.extended ? "extended target" : "its own")
        } else if star.extended {
          AutomaticRadius.Choice(aperture: wide, reason: "extended target")
        } else if let radius = builder.radius {
          AutomaticRadius.Choice(aperture: series.aperture(nearest: radius), reason: "as set")
        } else {
          nil
        }
      let scan = AutomaticRadius().scan(for: target, &solved, candidates: candidates, given: given)
      scans.append(scan)
      apertures[target] = scan.chosen
      remark("radius \(series.radii[scan.chosen].fixed(1)) px for \(star.name) (\(scan.reason))")
    }
    let narrow = targets.filter { !series.stars[$0].extended }.compactMap { apertures[$0] }.sorted()
    aperture = narrow.isEmpty ? apertures.values.min() ?? middle : narrow[(narrow.count - 1) / 2]
  }

  private mutating func solve(_ method: EnsembleMethod) {
    let all = Set(apertures.values).union([aperture])
    for aperture in all.sorted() {
      differentials[aperture] = DifferentialPhotometry(method, series, aperture: aperture, comparisons: comparisons)
    }
    guard let first = own else { return }
    let disjoint = series.inUse.filter { first.isDisjoint[$0] }.count
    if disjoint > 0 { remark("\(disjoint) frames share no comparison stars with the rest and are not used") }
    let incomplete = series.inUse.filter { first.isIncomplete($0) }.count
    if let sentence = MagnitudeScale(first, colourTerm: colourTerm).sentence { remark(sentence) }
    if incomplete > 0 {
      remark("a comparison star is missing from the sum in \(incomplete) frames, which are not used")
    }
  }

  var areExtended: Bool { !targets.isEmpty && targets.allSatisfy { series.stars[$0].extended } }

  /// The check stars of the table and the one that was chosen.
  var checks: [Int] {
    let named = series.stars.indices.filter { series.stars[$0].role == .check }
    return named.isEmpty ? check.map { [$0] } ?? [] : named
  }

  /// In the aperture in which the comparison stars were chosen.
  var own: DifferentialPhotometry? { differentials[aperture] }

  /// The same filter with the curve of one target made in another way.
  func with(
    _ method: EnsembleMethod, comparisons: [Int], aperture: Int, of target: Int
  ) -> FilterEnsemble {
    var other = self
    other.comparisons = comparisons
    other.check = nil
    other.apertures[target] = aperture
    other.differentials[aperture] = DifferentialPhotometry(
      method, series, aperture: aperture, comparisons: comparisons)
    return other
  }

  var summary: EnsembleSummary {
    let differential = own
    let scale = differential.map { MagnitudeScale($0, colourTerm: colourTerm) }
    return EnsembleSummary(
      filter: series.filter, aperture: differential.map { "a\($0.aperture + 1)" } ?? "",
      radius: differential.map { series.radii[$0.aperture] } ?? .nan,
      comparisons: comparisons.map { series.stars[$0].name }, check: check.map { series.stars[$0].name },
      frames: series.summaries.indices.map { frame in
        EnsembleSummary.Frame(
          frame: series.summaries[frame].frame, zeroPoint: scale?.zeroPoint(frame) ?? .nan,
          zeroPointError: differential?.variances[frame].squareRoot() ?? .nan,
          comparisons: differential?.counts[frame] ?? 0, rms: differential?.residualRMS[frame] ?? .nan)
      })
  }
}
