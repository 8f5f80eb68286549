/// Whether pairs of stars of an image and of a catalogue prove where the image lies.
///
/// Stars at random places give lambda = n m pi r^2 / area pairs within r by chance (as in `MatchProof`). Among the n
/// brightest of the image and the m brightest of the catalogue in its area, for all powers of two up to the whole lists:
/// a catalogue may be much deeper than the image, or the image than the catalogue, and chance pairs of faint stars must
/// not hide the bright ones. Where stars cluster, lambda is what the catalogue gives when it is shifted.
struct FieldProof {
  /// Probability that one of the trials would give as much by chance.
  private(set) var falseMatch: Double
  /// Share of the poorer list that is paired, where the probability is least.
  private(set) var share: Double

  /// Clear of chance by far, since real stars are no Poisson process.
  static let chance = 1e-8
  static let leastShare = 0.25
  static let leastPairs = 5

  var holds: Bool { falseMatch < Self.chance && share >= Self.leastShare }

  /// - Parameters:
  ///   - pairs: ranks by brightness, from 0, among the stars of either list in the common area.
  ///   - counts: lengths of both lists there.
  ///   - free: pairs that the model fits for certain.
  ///   - density: chance pairs of the whole lists over what random places give; at least 1.
  init(
    pairs: [(image: Int, star: Int)], counts: (image: Int, star: Int), radius: Double, area: Double, free: Int,
    density: Double, trials: Double
  ) {
    falseMatch = 1
    share = 0
    guard area > 0, pairs.count >= Self.leastPairs else { return }
    let depths = (Self.depths(counts.image), Self.depths(counts.star))
    let looks = Double(depths.0.count * depths.1.count)
    for n in depths.0 {
      for m in depths.1 {
        let found = pairs.count { $0.image < n && $0.star < m }
        let lambda = Double(n) * Double(m) * .pi * radius * radius / area * max(density, 1)
        let chance = min(1, MatchProof.poissonTail(from: found - free, mean: lambda) * max(trials, 1) * looks)
        if chance < falseMatch {
          falseMatch = chance
          share = Double(found) / Double(min(n, m))
        }
      }
    }
  }

  private static func depths(_ count: Int) -> [Int] {
    var result: [Int] = []
    var depth = 8
    while depth < count {
      result.append(depth)
      depth *= 2
    }
    return result + [count]
  }
}
