/// Light through the atmosphere relative to the clearest frames of each filter, from the detections alone: a first
/// value, good to a few per cent.
struct FirstTransparency {
  /// Per exposure of the field; 1 for the clear end, NaN where no star tells.
  private(set) var relative: [Double]
  /// Median flux of stars per second, in units of their medians over the filter's frames.
  private let throughput: [Double]
  private let filters: [String]
  private let seconds: [Double]

  init(_ field: FieldSources, filters: [String], exposures: [Double]) {
    precondition(filters.count == field.exposures.count && exposures.count == filters.count, "one of each per exposure")
    self.filters = filters
    // Without exposure times the frames of one filter are taken for equally long.
    let known = exposures.allSatisfy { $0 > 0 }
    seconds = known ? exposures : exposures.map { _ in 1 }
    var throughput = [Double](repeating: .nan, count: filters.count)
    relative = throughput
    for filter in Set(filters).sorted() {
      let members = filters.indices.filter { filters[$0] == filter }
      let found = Self.solve(field, members: Set(members), seconds: seconds)
      for k in members { throughput[k] = found[k] ?? .nan }
      let values = members.map { throughput[$0] }.filter { $0 > 0 }.sorted()
      guard let best = values.last else { continue }
      // The clear end: the best tenth; of few frames the second best, as one may be wrong.
      let clear =
        values.count >= 10 ? Median.percentile(values, 0.9) : values.count > 1 ? values[values.count - 2] : best
      for k in members { relative[k] = throughput[k] / clear }
    }
    self.throughput = throughput
  }

  /// For each exposure, the flux of a star in units of that on exposure `reference`; NaN for other filters.
  func responses(relativeTo reference: Int) -> [Double] {
    filters.indices.map { k in
      guard filters[k] == filters[reference] else { return .nan }
      let ratio = throughput[k] / throughput[reference]
      return (ratio.isFinite ? ratio : 1) * seconds[k] / seconds[reference]
    }
  }

  /// Alternately: the flux of each star as the median over frames, the throughput of each frame as the median over stars.
  private static func solve(_ field: FieldSources, members: Set<Int>, seconds: [Double]) -> [Int: Double] {
    var stars: [[(exposure: Int, rate: Double)]] = []
    for object in field.objects {
      var rates: [(exposure: Int, rate: Double)] = []
      for (k, i) in object.sightings where members.contains(k) {
        let source = field.exposures[k].sources.sources[i]
        guard source.mask.isEmpty, source.flux > 10 * source.fluxError else { continue }
        rates.append((k, source.flux / seconds[k]))
      }
      if !rates.isEmpty { stars.append(rates) }
    }
    // Stars that most frames show: others appear only when it is clear, and would hide the clouds.
    let most = stars.filter { 2 * $0.count >= members.count }
    if most.count >= 3 { stars = most }
    stars.sort { ($0.count, Median.of($0.map(\.rate))) > ($1.count, Median.of($1.map(\.rate))) }
    stars = Array(stars.prefix(200))
    var throughput: [Int: Double] = [:]
    for _ in 0..<4 {
      var ratios: [Int: [Double]] = [:]
      for star in stars {
        let flux = Median.of(star.map { $0.rate / (throughput[$0.exposure] ?? 1) })
        guard flux > 0 else { continue }
        for (k, rate) in star { ratios[k, default: []].append(rate / flux) }
      }
      throughput = ratios.mapValues { Median.of($0) }
    }
    return throughput
  }
}
