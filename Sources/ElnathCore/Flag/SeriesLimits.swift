/// Which frames may be compared with one another, and how far one of them stands out.
///
/// A *run* is all frames of a filter, over all nights. A *group* is the part of a run of one exposure time, night and
/// segment: only there do neighbours in time share camera, focus and sky.
public struct SeriesLimits: Sendable {
  /// Indices of the frames of each run and of each group, in time; frames without a time last.
  public let runs: [[Int]]
  public let groups: [[Int]]

  /// Frames that were rejected belong to none.
  public init(frames: [FrameSummary]) {
    let order = Self.timeOrder(frames).filter { frames[$0].status != .rejected }
    let exposures = Self.exposureClasses(order.map { frames[$0].exposure })
    var runPlaces: [String: Int] = [:]
    var groupPlaces: [GroupKey: Int] = [:]
    var runs: [[Int]] = []
    var groups: [[Int]] = []
    for (index, exposure) in zip(order, exposures) {
      let frame = frames[index]
      if let place = runPlaces[frame.filter] {
        runs[place].append(index)
      } else {
        runPlaces[frame.filter] = runs.count
        runs.append([index])
      }
      let key = GroupKey(filter: frame.filter, night: frame.night, segment: frame.segment, exposure: exposure)
      if let place = groupPlaces[key] {
        groups[place].append(index)
      } else {
        groupPlaces[key] = groups.count
        groups.append([index])
      }
    }
    self.runs = runs
    self.groups = groups
  }

  /// All frames of each night and segment, whatever their filter and exposure, in time.
  func tracks(_ frames: [FrameSummary]) -> [[Int]] {
    struct Key: Hashable {
      var night: String
      var segment: Int
    }
    var tracks: [Key: [Int]] = [:]
    for index in Self.timeOrder(frames) where frames[index].status != .rejected {
      tracks[Key(night: frames[index].night, segment: frames[index].segment), default: []].append(index)
    }
    return tracks.values.sorted { $0[0] < $1[0] }
  }

  private struct GroupKey: Hashable {
    var filter: String
    var night: String
    var segment: Int
    var exposure: Int
  }

  /// Indices of frames by mid-time, then number; frames without a time last.
  public static func timeOrder(_ frames: [FrameSummary]) -> [Int] {
    frames.indices.sorted { a, b in
      let (ta, tb) = (frames[a].jdUTC, frames[b].jdUTC)
      if ta.isNaN != tb.isNaN { return tb.isNaN }
      if !ta.isNaN && ta != tb { return ta < tb }
      return frames[a].frame < frames[b].frame
    }
  }

  /// Exposure times that differ by less than a tenth count as one: shutters report 59.98 and 60.02 s.
  static func exposureClasses(_ exposures: [Double]) -> [Int] {
    var starts: [Double] = []
    for exposure in Set(exposures.filter { !$0.isNaN }).sorted() {
      if let last = starts.last, exposure <= 1.1 * last { continue }
      starts.append(exposure)
    }
    return exposures.map { exposure in exposure.isNaN ? -1 : (starts.lastIndex { $0 <= exposure } ?? -1) }
  }

  /// How the values of one group, in time, stand against their neighbours.
  public struct Spikes: Sendable {
    /// Median of up to 3 frames before and 3 after, the frame itself left out; NaN without any.
    public let levels: [Double]
    /// Value minus that level.
    public let departures: [Double]
    /// 1.4826 MAD of the departures: what is usual in this group; NaN without any.
    public let sigma: Double
  }

  /// NaN values neither have a departure nor serve as neighbours.
  public static func spikes(_ values: [Double]) -> Spikes {
    let present = values.indices.filter { !values[$0].isNaN }
    var levels = Array(repeating: Double.nan, count: values.count)
    var departures = levels
    for (place, index) in present.enumerated() {
      let before = present[max(0, place - 3)..<place]
      let after = present[min(place + 1, present.count)..<min(place + 4, present.count)]
      var neighbours = (before + after).map { values[$0] }
      levels[index] = Median.inPlace(&neighbours)
      departures[index] = values[index] - levels[index]
    }
    return Spikes(levels: levels, departures: departures, sigma: RobustScale.sigma(departures))
  }

  /// The value at the given fraction of the sorted values, the lower of two neighbours: among four values the lower
  /// quartile is then the smallest and not one that the largest has moved. NaN values are left out.
  public static func lowerPercentile(_ values: [Double], _ fraction: Double) -> Double {
    var present = values.filter { !$0.isNaN }
    guard !present.isEmpty else { return .nan }
    let rank = Int(fraction * Double(present.count - 1))
    return present.withUnsafeMutableBufferPointer { Median.select($0, count: $0.count, rank: rank) }
  }

  /// The clear end of losses of light, mag: their 10th percentile; below 10 frames the second smallest, since one frame
  /// may seem too clear; below 4 the smallest, since half of them may be cloudy.
  public static func clearEnd(_ losses: [Double]) -> Double {
    let present = losses.filter { !$0.isNaN }.sorted()
    if present.count >= 10 { return Median.percentile(present, 0.10) }
    if present.count >= 4 { return present[1] }
    return present.first ?? .nan
  }

  /// Whether a limit drawn from the run itself takes too many frames of a group to be believed. One frame alone
  /// is never too many.
  public static func isTooMany(_ count: Int, of total: Int, fraction: Double) -> Bool {
    count > 1 && Double(count) > fraction * Double(total)
  }
}
