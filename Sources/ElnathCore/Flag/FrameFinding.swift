/// One thing that speaks against a frame.
struct FrameFinding: Sendable, Equatable {
  enum Weight: Sendable, Equatable {
    /// The bit is set, the frame stays in use.
    case warns
    /// The frame is no longer used.
    case unuses
    /// The same by a limit drawn from the run itself, which is not believed where it takes a large part of a group.
    case unusesByRun
  }

  var flag: QualityFlags
  var weight: Weight
  /// What was measured and its limit.
  var clause: String
}

/// The findings on all frames of a series, as the rules add them.
struct FrameFindings: Sendable {
  private(set) var byFrame: [[FrameFinding]]

  init(count: Int) { byFrame = Array(repeating: [], count: count) }

  /// Of one flag a frame keeps the weightiest finding, and of two like ones the first.
  mutating func add(_ frame: Int, _ flag: QualityFlags, _ weight: FrameFinding.Weight, _ clause: String) {
    let finding = FrameFinding(flag: flag, weight: weight, clause: clause)
    guard let place = byFrame[frame].firstIndex(where: { $0.flag == flag }) else {
      byFrame[frame].append(finding)
      return
    }
    if byFrame[frame][place].weight == .warns && weight != .warns { byFrame[frame][place] = finding }
  }

  func isUnused(_ frame: Int) -> Bool { byFrame[frame].contains { $0.weight != .warns } }

  /// Turns limits drawn from the run into warnings where they would take more than a fraction of a group.
  mutating func withdraw(groups: [[Int]], fraction: Double) {
    for group in groups {
      for definition in QualityFlags.definitions {
        let flag = definition.flag
        let taken = group.filter { byFrame[$0].contains { $0.flag == flag && $0.weight == .unusesByRun } }
        guard SeriesLimits.isTooMany(taken.count, of: group.count, fraction: fraction) else { continue }
        for frame in taken {
          for place in byFrame[frame].indices where byFrame[frame][place].flag == flag {
            byFrame[frame][place].weight = .warns
            byFrame[frame][place].clause +=
              " (as \(taken.count) of the group's \(group.count) frames are: a warning only)"
          }
        }
      }
    }
  }
}
