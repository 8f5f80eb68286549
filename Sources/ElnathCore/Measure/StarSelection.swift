/// Which stars are measured: those of the user, and the brightest others as candidates for comparison stars.
public struct StarSelection: Sendable, Equatable {
  /// Detected stars beside those of the user, at most.
  public var candidates: Int
  /// Predicted signal to noise on a typical frame that a detected star must reach.
  public var leastSignalToNoise: Double

  public init(candidates: Int = 200, leastSignalToNoise: Double = 10) {
    self.candidates = candidates
    self.leastSignalToNoise = leastSignalToNoise
  }

  /// Stars of the user first, in their order, then detected ones by brightness.
  ///
  /// A user's star takes over the position of the nearest source of the catalogue within max(0.5 FWHM, 2 px), and only
  /// that. No source serves two stars: the nearer star has it. A star without a source, too faint to be detected, keeps
  /// the position given. Saturated stars are listed like others; their flags judge them frame by frame.
  ///
  /// `userStars`: on the reference frame. `readNoise` in e-.
  public func callAsFunction(userStars: [Star], alignment: Alignment, readNoise: Double) -> [Star] {
    let fwhm = alignment.referenceFWHM
    let matches = Self.matches(of: userStars, in: alignment.sources, within: max(0.5 * fwhm, 2))
    var stars = userStars
    for (star, source) in matches { stars[star].position = alignment.sources[source].position }

    let taken = Set(matches.map(\.source))
    let names = Set(userStars.map(\.name))
    let margin = ApertureDefaults.radii(fwhm: fwhm).last ?? 0
    let prediction = SignalPrediction(alignment: alignment, readNoise: readNoise)
    let frames = alignment.frames.filter(\.isRegistered)
    var found = 0
    for (index, source) in alignment.sources.enumerated() where !taken.contains(index) && !names.contains(source.name) {
      if found == candidates { break }
      let p = source.position
      guard
        min(p.x, p.y) + 0.5 >= margin, Double(alignment.width) - 0.5 - p.x >= margin,
        Double(alignment.height) - 0.5 - p.y >= margin
      else { continue }
      let typical = Median.of(frames.map { prediction.signalToNoise(flux: source.flux, on: $0) })
      guard frames.isEmpty || typical >= leastSignalToNoise else { continue }
      stars.append(Star(name: source.name, role: .measure, position: p, detected: true))
      found += 1
    }
    return stars
  }

  /// Pairs of star and source, nearest pairs first, each star and each source once.
  static func matches(
    of stars: [Star], in sources: [CatalogSource], within limit: Double
  ) -> [(star: Int, source: Int)] {
    var pairs: [(distance: Double, star: Int, source: Int)] = []
    for (s, star) in stars.enumerated() {
      for (c, source) in sources.enumerated() {
        let distance = star.position.distance(to: source.position)
        if distance <= limit { pairs.append((distance, s, c)) }
      }
    }
    pairs.sort { ($0.distance, $0.star, $0.source) < ($1.distance, $1.star, $1.source) }
    var usedStars = Set<Int>()
    var usedSources = Set<Int>()
    var matches: [(star: Int, source: Int)] = []
    for pair in pairs where !usedStars.contains(pair.star) && !usedSources.contains(pair.source) {
      usedStars.insert(pair.star)
      usedSources.insert(pair.source)
      matches.append((pair.star, pair.source))
    }
    return matches
  }
}

extension Alignment {
  /// FWHM of the reference frame; else the median of the sources'; 3 px where nothing is known.
  var referenceFWHM: Double {
    if let fwhm = frames.first(where: { $0.frame == reference })?.fwhm, fwhm > 0 { return fwhm }
    let median = Median.of(sources.map(\.fwhm))
    return median > 0 ? median : 3
  }
}
