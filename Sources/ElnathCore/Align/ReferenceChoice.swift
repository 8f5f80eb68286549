#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The order in which frames suggest themselves as reference: many stars, narrow, round, on a dark sky; of the size
/// that most frames have; and nothing extreme, for what is better than nearly all others is often something else.
enum ReferenceChoice {
  /// Indices of the candidates, best first. Frames without a star are none, unless no frame has any: then those of the
  /// quietest sky, for what a nebula may tell.
  static func ranking(_ frames: [FrameSources?]) -> [Int] {
    let size = mostCommonSize(frames)
    let candidates = frames.indices.filter { k in
      guard let frame = frames[k] else { return false }
      return frame.width == size.width && frame.height == size.height && !frame.sources.isEmpty
        && frame.fwhm.isFinite
    }
    guard !candidates.isEmpty else {
      return frames.indices.compactMap { k in
        frames[k].flatMap { $0.width == size.width && $0.height == size.height ? (k, $0.skySigma) : nil }
      }.filter { $0.1 > 0 }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }
    func value(_ k: Int, _ of: (FrameSources) -> Double) -> Double { frames[k].map(of) ?? .nan }
    func stars(_ f: FrameSources) -> Double { Double(f.sources.filter { $0.mask.isEmpty }.count) }
    // Logarithms relative to the median of the series; better than the best tenth counts as the best tenth.
    func merit(_ of: (FrameSources) -> Double, better: Double) -> [Double] {
      let logs = candidates.map { log(max(value($0, of), 1e-3)) }
      let best = Median.percentile(logs, better > 0 ? 0.9 : 0.1)
      return logs.map { better > 0 ? min($0, best) - best : best - max($0, best) }
    }
    let count = merit(stars, better: 1)
    let width = merit(\.fwhm, better: -1)
    let shape = merit({ $0.elongation.isFinite ? $0.elongation : 3 }, better: -1)
    let noise = merit(\.skySigma, better: -1)
    // The middle of the series overlaps best with both ends; that decides between equals.
    let middle = Double(frames.count - 1) / 2
    let scores = candidates.indices.map { i -> Double in
      let off = abs(Double(candidates[i]) - middle) / max(middle, 1)
      return count[i] + 2 * width[i] + 2 * shape[i] + 0.5 * noise[i] - 0.1 * off
    }
    return candidates.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.map { candidates[$0] }
  }

  static func mostCommonSize(_ frames: [FrameSources?]) -> (width: Int, height: Int) {
    var counts: [[Int]: Int] = [:]
    for case let frame? in frames { counts[[frame.width, frame.height], default: 0] += 1 }
    let best = counts.max { ($0.value, $0.key[0], $0.key[1]) < ($1.value, $1.key[0], $1.key[1]) }
    return (best?.key[0] ?? 0, best?.key[1] ?? 0)
  }
}
