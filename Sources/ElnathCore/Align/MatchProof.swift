#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whether pairs of stars that lie together under a transform prove it.
///
/// Stars at random places would give lambda = n_here * n_there * pi r^2 / area pairs within r by chance, Poisson
/// distributed. A transform is proven when the pairs it has, less those that any transform found this way has for
/// certain, would come about by chance in less than 1 of 10^8 cases, the number of transforms tried included; when they
/// are at least a quarter of the stars that the poorer of the two lists has in the common area; and when they lie
/// closer than chance pairs would, whose distances fill the circle (rms r / sqrt 2): rms below r / 2.
struct MatchProof: Equatable {
  /// Pairs within the radius, one to one, and the number that would have been enough.
  var pairs: Int
  var needed: Int
  /// rms distance of the pairs, px.
  var rms: Double
  /// Within which the pairs were sought, px.
  var radius: Double

  static let chance = 1e-8
  static let leastFraction = 0.25

  var holds: Bool { pairs >= needed && rms < 0.5 * radius }

  /// - Parameters:
  ///   - here, there: stars of both lists in the area that both cover, of `area` px^2.
  ///   - free: pairs that the transform has for certain: those that defined it.
  ///   - trials: transforms tried.
  init(pairs: Int, rms: Double, radius: Double, here: Int, there: Int, area: Double, free: Int, trials: Double) {
    self.pairs = pairs
    self.rms = rms
    self.radius = radius
    let lambda = area > 0 ? Double(here) * Double(there) * .pi * radius * radius / area : .infinity
    let fraction = Int((Self.leastFraction * Double(min(here, there))).rounded(.up))
    guard lambda.isFinite else {
      needed = Int.max
      return
    }
    var enough = max(3, free + 1, fraction)
    while Self.poissonTail(from: enough - free, mean: lambda) * max(trials, 1) > Self.chance { enough += 1 }
    needed = enough
  }

  /// P(N >= k) of a Poisson distribution.
  static func poissonTail(from k: Int, mean: Double) -> Double {
    guard k > 0 else { return 1 }
    guard mean > 0 else { return 0 }
    // Below the mean the tail is of order 1, which is all that a proof needs to know.
    guard Double(k) >= mean else { return 1 }
    var term = exp(-mean + Double(k) * log(mean) - lgamma(Double(k) + 1))
    var sum = 0.0
    var n = k
    while term > 1e-3 * sum || n == k {
      sum += term
      n += 1
      term *= mean / Double(n)
      if term == 0 { break }
    }
    return min(sum, 1)
  }
}
