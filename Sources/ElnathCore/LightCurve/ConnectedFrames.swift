/// Which frames of a series share comparison stars, directly or through others. Zero points of frames that do not are
/// not on one scale.
struct ConnectedFrames: Sendable, Equatable {
  /// Number of each frame's set, 0 the largest (of equal ones the earliest); -1 for a frame without any star.
  private(set) var numbers: [Int]

  /// Stars in rows, frames next to each other; the variance is infinite where a star is missing.
  init(variances: [Double], frames: Int) {
    var sets = DisjointSets(count: frames)
    var seen = [Bool](repeating: false, count: frames)
    for base in stride(from: 0, to: variances.count, by: max(frames, 1)) where sets.count > 1 || !seen[0] {
      var first = -1
      for frame in 0..<frames where variances[base + frame] < .infinity {
        seen[frame] = true
        if first >= 0 { sets.join(first, frame) } else { first = frame }
      }
    }
    var sizes = [Int](repeating: 0, count: frames)
    for frame in 0..<frames where seen[frame] { sizes[sets.root(frame)] += 1 }
    let order = (0..<frames).filter { sizes[$0] > 0 }.sorted {
      sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1
    }
    var rank = [Int](repeating: -1, count: frames)
    for (number, frame) in order.enumerated() { rank[frame] = number }
    numbers = Array(repeating: -1, count: frames)
    for frame in 0..<frames where seen[frame] { numbers[frame] = rank[sets.root(frame)] }
  }

  var count: Int { (numbers.max() ?? -1) + 1 }

  /// Gives each set zero points of mean 0; the means take what they lose.
  func centre(_ zeroPoints: inout [Double], means: inout [Double], variances: [Double]) {
    var sums = [Double](repeating: 0, count: count)
    var sizes = [Double](repeating: 0, count: count)
    for (frame, number) in numbers.enumerated() where number >= 0 {
      sums[number] += zeroPoints[frame]
      sizes[number] += 1
    }
    for (frame, number) in numbers.enumerated() where number >= 0 {
      zeroPoints[frame] -= sums[number] / sizes[number]
    }
    let frames = numbers.count
    for row in means.indices {
      // A star lies in one set only: the one of any frame that it is on.
      guard let frame = (0..<frames).first(where: { variances[row * frames + $0] < .infinity }) else { continue }
      means[row] += sums[numbers[frame]] / sizes[numbers[frame]]
    }
  }
}

/// Sets that are joined until what belongs together is together; the smallest member names a set.
private struct DisjointSets {
  private var parent: [Int]
  private(set) var count: Int

  init(count: Int) {
    parent = Array(0..<count)
    self.count = count
  }

  mutating func root(_ member: Int) -> Int {
    var at = member
    while parent[at] != at {
      parent[at] = parent[parent[at]]
      at = parent[at]
    }
    return at
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = (root(a), root(b))
    guard first != second else { return }
    parent[max(first, second)] = min(first, second)
    count -= 1
  }
}
