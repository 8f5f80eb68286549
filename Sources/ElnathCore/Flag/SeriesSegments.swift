#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where a series changes for good: the tube was flipped at the meridian, the focus was set anew. Before and after, stars
/// fall on other pixels or look different, so frames are compared with neighbours of their own segment only.
public enum SeriesSegments {
  /// FWHM must change by this part and by so many times its scatter, most of it from one frame to the next; slower
  /// changes are seeing.
  private static let step = 0.25
  private static let significance = 6.0
  private static let abruptness = 0.7
  /// Frames on each side that make a level.
  private static let side = 5

  /// The segment of each frame, counted from 1 in time through the series.
  public static func numbers(_ frames: [FrameSummary]) -> [Int] {
    let order = SeriesLimits.timeOrder(frames)
    let starts = refocusTimes(frames, order)
    var numbers = Array(repeating: 1, count: frames.count)
    var current = 1
    var passed = 0
    var last: Registration?
    for index in order {
      let frame = frames[index]
      while passed < starts.count, frame.jdUTC >= starts[passed] {
        passed += 1
        current += 1
      }
      if let registration = frame.registration {
        if let last, isFlip(from: last.transform.similarity, to: registration.transform.similarity) { current += 1 }
        last = registration
      }
      numbers[index] = current
    }
    return numbers
  }

  /// True where the tube was turned over between two frames.
  static func isFlip(_ a: FrameSummary, _ b: FrameSummary) -> Bool {
    guard let before = a.registration, let after = b.registration else { return false }
    return isFlip(from: before.transform.similarity, to: after.transform.similarity)
  }

  /// More than a quarter turn, or a mirror.
  private static func isFlip(from a: SimilarityTransform, to b: SimilarityTransform) -> Bool {
    a.mirrored != b.mirrored || a.a * b.a + a.b * b.b < 0
  }

  /// Times of the first frames after a refocus. Filters that take turns see the same one between different frames: their
  /// intervals overlap and count once.
  private static func refocusTimes(_ frames: [FrameSummary], _ order: [Int]) -> [Double] {
    struct Series: Hashable {
      var filter: String
      var night: String
    }
    var members: [Series: [Int]] = [:]
    for index in order {
      let frame = frames[index]
      // A frame given twice is one observation: a bad one must not look like a level that lasts.
      guard frame.status != .rejected, !frame.flags.contains(.duplicate), frame.fwhm > 0, !frame.jdUTC.isNaN
      else { continue }
      members[Series(filter: frame.filter, night: frame.night), default: []].append(index)
    }
    let intervals = members.values.flatMap { refocuses(frames, $0) }.sorted {
      ($0.before, $0.after) < ($1.before, $1.after)
    }
    var merged: [(before: Double, after: Double)] = []
    for interval in intervals {
      if let last = merged.last, interval.before < last.after {
        merged[merged.count - 1] = (interval.before, min(last.after, interval.after))
      } else {
        merged.append(interval)
      }
    }
    return merged.map(\.after)
  }

  private static func refocuses(_ frames: [FrameSummary], _ members: [Int]) -> [(before: Double, after: Double)] {
    guard members.count >= 2 * side else { return [] }
    let frames = CredibleAirmass.frames(frames, run: members)
    let values = members.map { log(frames[$0].fwhm / ImageRules.seeingFactor(airmass: frames[$0].airmass)) }
    var found: [(place: Int, size: Double)] = []
    for place in side...(values.count - side) {
      let before = Array(values[(place - side)..<place])
      let after = Array(values[place..<(place + side)])
      let (low, high) = (Median.of(before), Median.of(after))
      let change = abs(high - low)
      let scatter = max(RobustScale.sigma(before.map { $0 - low } + after.map { $0 - high }), 0.01)
      let jump = (values[place] - values[place - 1]) * (high > low ? 1 : -1)
      guard change > log(1 + step), change > significance * scatter, jump > abruptness * change else { continue }
      found.append((place, jump))
    }
    var kept: [(place: Int, size: Double)] = []
    for candidate in found {
      if let last = kept.last, candidate.place - last.place < side {
        if candidate.size > last.size { kept[kept.count - 1] = candidate }
      } else {
        kept.append(candidate)
      }
    }
    return kept.map { (frames[members[$0.place - 1]].jdUTC, frames[members[$0.place]].jdUTC) }
  }
}
