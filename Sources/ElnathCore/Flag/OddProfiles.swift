#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finds measurements in which the light of a star is spread over the apertures otherwise than on the star's other frames:
/// a cosmic ray on its core or wings, a hot pixel, a satellite.
///
/// The ratio of the fluxes in two apertures knows nothing of the star's brightness, so a star that flares is as safe as a
/// constant one. What seeing and tracking do to the ratio is common to the stars of a frame, what neighbours and the place
/// in the field do is common to the frames of a star; both are taken away. Extended stars are left alone: their shape may
/// change.
public struct OddProfiles: Sendable {
  /// A ratio is odd from so many of its errors on; of pure noise it happens once in 10^9.
  public var limit = 6.0
  /// Light that moves the flux by fewer of its own errors does no harm.
  public var harm = 3.0
  /// With fewer stars of `referenceSignal` the frames' own ratios, with fewer frames the stars' own are not known.
  public var fewestStars = 5
  public var fewestFrames = 7
  /// Signal to noise of the stars that tell what a frame does to the ratios, and of those that are judged.
  public var referenceSignal = 30.0
  public var leastSignal = 5.0

  public init() {}

  /// The table with `oddProfile` where it holds, and nowhere else.
  public func callAsFunction(_ table: PhotometryTable) -> PhotometryTable {
    var table = table
    for place in table.measurements.indices {
      for k in table.measurements[place].apertures.indices
      where table.measurements[place].apertures[k].flags.contains(.oddProfile) {
        table.measurements[place].apertures[k].flags.remove(.oddProfile)
      }
    }
    let judged = table.measurements.indices.filter { table.summary(of: table.measurements[$0]).status != .rejected }
    for places in Dictionary(grouping: judged, by: { table.summary(of: table.measurements[$0]).filter }).values {
      let radii = table.measurements[places[0]].radii
      guard places.count >= fewestFrames, radii >= 2,
        places.allSatisfy({ table.measurements[$0].radii == radii })
      else { continue }
      mark(&table, places)
    }
    return table
  }

  /// Two apertures whose fluxes are compared.
  private struct Pair {
    var inner: Int
    var outer: Int
  }

  /// Neighbours among up to five apertures, and the smallest one against the third, which sees hits on the core best.
  private static func pairs(_ radii: Int) -> [Pair] {
    let count = min(radii, 5)
    let nodes = (0..<count).map { count > 1 ? $0 * (radii - 1) / (count - 1) : 0 }
    var pairs = (1..<count).map { Pair(inner: nodes[$0 - 1], outer: nodes[$0]) }
    if count > 2 { pairs.append(Pair(inner: nodes[0], outer: nodes[2])) }
    return pairs
  }

  private func mark(_ table: inout PhotometryTable, _ places: [Int]) {
    let stars = table.stars.indices.filter { !table.stars[$0].extended }
    let radii = table.measurements[places[0]].radii
    for pair in Self.pairs(radii) {
      let ratios = ProfileRatios(table, places: places, stars: stars, pair.inner, pair.outer, self)
      for (row, column, ratio) in ratios.odd() {
        let (place, star) = (places[column], stars[row])
        let inner = table.measurements[place][star, pair.inner]
        let outer = table.measurements[place][star, pair.outer]
        // Light within the inner aperture raises the ratio, light between the two lowers it.
        let stray = ratio > 0 ? ratio / abs(1 / inner.flux - 1 / outer.flux) : -ratio * outer.flux
        guard stray > harm * outer.fluxError else { continue }
        for aperture in (ratio > 0 ? pair.inner : pair.inner + 1)..<radii {
          table.measurements[place].apertures[star * radii + aperture].flags.insert(.oddProfile)
        }
      }
    }
  }
}

/// Logarithms of the ratio of two apertures' fluxes, stars x frames.
private struct ProfileRatios {
  private let rules: OddProfiles
  private let stars: Int
  private let frames: Int
  /// Star by star; NaN where there is none.
  private var values: [Double]
  private var variances: [Double]
  /// Rows of the stars that tell of the frames.
  private var references: [Int] = []

  init(
    _ table: PhotometryTable, places: [Int], stars: [Int], _ inner: Int, _ outer: Int, _ rules: OddProfiles
  ) {
    self.rules = rules
    (self.stars, frames) = (stars.count, places.count)
    values = [Double](repeating: .nan, count: stars.count * places.count)
    variances = values
    var logarithms = values
    for (row, star) in stars.enumerated() {
      var signals: [Double] = []
      for (column, place) in places.enumerated() {
        let small = table.measurements[place][star, inner]
        let large = table.measurements[place][star, outer]
        guard small.flux > rules.leastSignal * small.fluxError, large.flux > rules.leastSignal * large.fluxError,
          large.flags.isDisjoint(with: Self.unfit)
        else { continue }
        let k = row * places.count + column
        values[k] = log(small.flux / large.flux)
        variances[k] = Self.variance(small, large)
        logarithms[k] = log(large.flux)
        signals.append(large.flux / large.fluxError)
      }
      if signals.count >= rules.fewestFrames && Median.of(signals) >= rules.referenceSignal { references.append(row) }
    }
    guard references.count >= rules.fewestStars else { return }
    addNeighbours(table, places, stars, outer, logarithms)
  }

  /// What is told by other flags, or tells nothing.
  private static let unfit: QualityFlags = [.saturated, .pastEdge, .outside, .maskedCore, .noSky]

  /// Of the logarithm of the ratio: the pixels of the inner aperture are in both.
  private static func variance(_ small: ApertureMeasurement, _ large: ApertureMeasurement) -> Double {
    func own(_ budget: ErrorBudget) -> Double {
      budget.flux - (budget.scintillation.isNaN ? 0 : budget.scintillation)
    }
    let (a, b) = (own(small.budget), own(large.budget))
    return max(
      a / (small.flux * small.flux) + b / (large.flux * large.flux) - 2 * a / (small.flux * large.flux), 1e-8)
  }

  /// When a star beside another changes, the part of its neighbour changes the other way.
  private mutating func addNeighbours(
    _ table: PhotometryTable, _ places: [Int], _ stars: [Int], _ outer: Int, _ logarithms: [Double]
  ) {
    let changes = residuals(of: logarithms)
    for (row, star) in stars.enumerated() {
      for (column, place) in places.enumerated() where changes[row * frames + column].isFinite {
        let contamination = table.measurements[place][star, outer].contamination
        guard contamination > 0 else { continue }
        let share = min(contamination, 1) * (exp(min(abs(changes[row * frames + column]), 5)) - 1)
        variances[row * frames + column] += share * share
      }
    }
  }

  /// What is left of a table when each star's median and each frame's median over the references are taken away.
  private func residuals(of table: [Double]) -> [Double] {
    var starLevels = [Double](repeating: 0, count: stars)
    var frameLevels = [Double](repeating: 0, count: frames)
    for _ in 0..<2 {
      for row in 0..<stars {
        let own = (0..<frames).map { table[row * frames + $0] - frameLevels[$0] }.filter(\.isFinite)
        starLevels[row] = own.count >= rules.fewestFrames ? Median.of(own) : .nan
      }
      for column in 0..<frames {
        let common = references.map { table[$0 * frames + column] - starLevels[$0] }.filter(\.isFinite)
        frameLevels[column] = common.count >= rules.fewestStars ? Median.of(common) : .nan
      }
    }
    var result = table
    for row in 0..<stars {
      for column in 0..<frames { result[row * frames + column] -= starLevels[row] + frameLevels[column] }
    }
    return result
  }

  /// Row, column and size of the ratios that are beyond the limit.
  func odd() -> [(row: Int, column: Int, ratio: Double)] {
    guard references.count >= rules.fewestStars else { return [] }
    let ratios = residuals(of: values)
    var scores = [Double](repeating: .nan, count: stars * frames)
    for row in 0..<stars {
      let range = row * frames..<(row + 1) * frames
      let known = range.filter { ratios[$0].isFinite }
      guard known.count >= rules.fewestFrames else { continue }
      // A blended star moves more than its errors say.
      let scatter = RobustScale.sigma(known.map { ratios[$0] })
      let extra = max(0, scatter * scatter - Median.of(known.map { variances[$0] }))
      for k in known { scores[k] = ratios[k] / (variances[k] + extra).squareRoot() }
    }
    var found: [(row: Int, column: Int, ratio: Double)] = []
    for column in 0..<frames {
      // A trailed or unevenly sharp frame spreads its stars in more than one way.
      let common = references.map { scores[$0 * frames + column] }.filter(\.isFinite)
      let spread = common.count >= rules.fewestStars ? max(1, RobustScale.sigma(common)) : .nan
      for row in 0..<stars {
        let k = row * frames + column
        if abs(scores[k]) > rules.limit * spread { found.append((row, column, ratios[k])) }
      }
    }
    return found
  }
}
