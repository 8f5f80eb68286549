#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The injected change of a star's brightness, in magnitudes (fainter = larger), as a function of time.
///
/// Knots are joined by half cosine waves and held before the first and after the last; waves are sines that start at
/// zero and are added.
public struct Variability: Sendable, Equatable {
  /// A point that the light curve goes through.
  public struct Knot: Sendable, Equatable {
    /// Since the first exposure of the series.
    public var hours: Double
    public var magnitude: Double

    public init(hours: Double, magnitude: Double) {
      self.hours = hours
      self.magnitude = magnitude
    }
  }

  /// A sine in magnitudes.
  public struct Wave: Sendable, Equatable {
    /// Magnitudes from the middle to the crest.
    public var amplitude: Double
    /// Hours.
    public var period: Double
    /// When the wave sets in, hours since the first exposure of the series; nothing before.
    public var start: Double

    public init(amplitude: Double, period: Double, start: Double = -.infinity) {
      self.amplitude = amplitude
      self.period = period
      self.start = start
    }
  }

  /// In order of time.
  public var knots: [Knot]
  public var waves: [Wave]

  public init(knots: [Knot] = [], waves: [Wave] = []) {
    self.knots = knots
    self.waves = waves
  }

  public static let constant = Variability()

  /// The change in magnitudes at `hours` after the first exposure of the series.
  public func magnitudeChange(at hours: Double) -> Double {
    var change = knotted(at: hours)
    for wave in waves where hours > wave.start {
      let origin = wave.start.isFinite ? wave.start : 0
      change += wave.amplitude * sin(2 * .pi * (hours - origin) / wave.period)
    }
    return change
  }

  /// The same story told `factor` times as slowly.
  public func stretched(by factor: Double) -> Variability {
    Variability(
      knots: knots.map { Knot(hours: $0.hours * factor, magnitude: $0.magnitude) },
      waves: waves.map { Wave(amplitude: $0.amplitude, period: $0.period * factor, start: $0.start * factor) })
  }

  private func knotted(at hours: Double) -> Double {
    guard let first = knots.first, let last = knots.last else { return 0 }
    if hours <= first.hours { return first.magnitude }
    guard let next = knots.firstIndex(where: { $0.hours >= hours }) else { return last.magnitude }
    let (a, b) = (knots[next - 1], knots[next])
    let fraction = (hours - a.hours) / (b.hours - a.hours)
    return a.magnitude + (b.magnitude - a.magnitude) * (1 - cos(.pi * fraction)) / 2
  }
}
