/// Sources that stand on the same detector pixel night long while the stars move: hot pixels and their like, which
/// would vote for "nothing has moved".
struct FixedPixels {
  /// For each frame of the series, the indices of the sources that stand still.
  var sources: [Set<Int>]

  /// Half a pixel's play for the noise of faint ones would let slowly drifting stars pass; a hot pixel needs less.
  static let play = 0.3

  /// The sources of `frames` that stand still, if it can be shown that the sky moves: only then are they none of the
  /// sky's. Perfect guiding leaves the stars on their pixels too, and all of them must stay.
  static func find(in frames: [FrameSources], reference: Int) -> FixedPixels {
    let nothing = FixedPixels(sources: frames.map { _ in [] })
    // A frame that is there several times would vote as often for "nothing has moved".
    var seen: Set<[PixelPoint]> = []
    let filled = frames.indices.filter { k in
      !frames[k].sources.isEmpty && seen.insert(frames[k].sources.map(\.position)).inserted
    }
    guard filled.count >= 2 else { return nothing }
    let indices = frames.map { PointIndex($0.sources.map(\.position), reach: 2) }
    // In most of the frames; and, where a part of the series shares one pointing, in nearly all of them.
    for fraction in [0.6, 0.9] {
      let places = stillPlaces(frames, filled: filled, indices: indices, fraction: fraction)
      guard !places.isEmpty else { return nothing }
      let found = FixedPixels(
        sources: frames.indices.map { k in
          var still: Set<Int> = []
          for place in places {
            // Half a pixel: fainter detections of the same pixel scatter more.
            indices[k].forEach(near: place, radius: 0.5) { i, _ in still.insert(i) }
          }
          return still
        })
      if found.skyMoves(frames, reference: reference, filled: filled) { return found }
    }
    return nothing
  }

  /// Places that have a source within `play` in at least `fraction` of the frames that have sources.
  private static func stillPlaces(
    _ frames: [FrameSources], filled: [Int], indices: [PointIndex], fraction: Double
  ) -> [PixelPoint] {
    // Whatever stands still in 60 per cent of the frames is missing from five of them once in a hundred times.
    let seeds = spread(filled, count: 5)
    let needed = max(2, Int((fraction * Double(filled.count)).rounded(.up)))
    var places: [PixelPoint] = []
    for (n, seed) in seeds.enumerated() {
      for source in frames[seed].sources {
        let place = source.position
        func stands(in k: Int) -> Bool { indices[k].nearest(to: place, within: play) != nil }
        // Known from an earlier seed.
        if seeds[..<n].contains(where: { stands(in: $0) }) && places.contains(where: { $0.distance(to: place) < play })
        {
          continue
        }
        guard seeds.count < 4 || seeds.reduce(0, { $0 + (stands(in: $1) ? 1 : 0) }) >= 2 else { continue }
        var count = 0
        var left = filled.count
        for k in filled {
          if stands(in: k) { count += 1 }
          left -= 1
          if count >= needed || count + left < needed { break }
        }
        if count >= needed { places.append(place) }
      }
    }
    return places
  }

  /// True when what does not stand still matches between frames, and has moved by more than the play.
  private func skyMoves(_ frames: [FrameSources], reference: Int, filled: [Int]) -> Bool {
    let matcher = FrameMatcher(reference: StarList(frames[reference], excluding: sources[reference]))
    for k in Self.spread(filled.filter { $0 != reference }, count: 6) {
      let list = StarList(frames[k], excluding: sources[k])
      guard let match = matcher.nearby(.identity, to: list) ?? matcher.byPatterns(to: list), match.proof.holds else {
        continue
      }
      let moved = match.transform.departure(
        from: FrameTransform.identity, width: frames[k].width, height: frames[k].height)
      if moved > 2 * Self.play { return true }
    }
    return false
  }

  /// At most `count` of the given numbers, evenly spread, first and last among them.
  private static func spread(_ numbers: [Int], count: Int) -> [Int] {
    guard numbers.count > count else { return numbers }
    return (0..<count).map { numbers[$0 * (numbers.count - 1) / (count - 1)] }
  }
}
