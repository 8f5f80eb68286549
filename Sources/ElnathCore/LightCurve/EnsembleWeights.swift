/// The weights of a joint solution, and the least squares that they define. Stars in rows, frames next to each other;
/// a missing measurement weighs 0.
struct EnsembleWeights: Sendable {
  let frames: Int
  private(set) var values: [Double]
  /// Sum of the weights of each frame.
  private(set) var totals: [Double]

  init(rows: Int, frames: Int) {
    self.frames = frames
    values = Array(repeating: 0, count: rows * frames)
    totals = Array(repeating: 0, count: frames)
  }

  var rows: Int { frames == 0 ? 0 : values.count / frames }

  /// Replaces all weights: `body` fills the row of one star.
  mutating func fill(_ body: (_ row: Int, _ weights: UnsafeMutableBufferPointer<Double>) -> Void) {
    for row in 0..<rows {
      values.withUnsafeMutableBufferPointer {
        body(row, UnsafeMutableBufferPointer(rebasing: $0[row * frames..<(row + 1) * frames]))
      }
    }
    totals = sumOverStars(Array(repeating: 1, count: rows))
  }

  mutating func remove(row: Int) {
    values.removeSubrange(row * frames..<(row + 1) * frames)
    totals = sumOverStars(Array(repeating: 1, count: rows))
  }

  /// For each frame the sum of w x over the stars.
  func sumOverStars(_ x: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: frames)
    values.withUnsafeBufferPointer { w in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<x.count {
          let base = row * frames
          let factor = x[row]
          for frame in 0..<frames { sums[frame] += w[base + frame] * factor }
        }
      }
    }
    return sums
  }

  /// For each star the sum of w q over the frames. Four sums side by side: one alone waits for itself.
  func sumOverFrames(_ q: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: rows)
    values.withUnsafeBufferPointer { w in
      q.withUnsafeBufferPointer { q in
        for row in 0..<sums.count {
          let base = row * frames
          var a = 0.0
          var b = 0.0
          var c = 0.0
          var d = 0.0
          var frame = 0
          while frame + 4 <= frames {
            let at = base + frame
            a += w[at] * q[frame]
            b += w[at + 1] * q[frame + 1]
            c += w[at + 2] * q[frame + 2]
            d += w[at + 3] * q[frame + 3]
            frame += 4
          }
          var sum = (a + b) + (c + d)
          while frame < frames {
            sum += w[base + frame] * q[frame]
            frame += 1
          }
          sums[row] = sum
        }
      }
    }
    return sums
  }

  /// Caps the heaviest one or two stars of each frame that has at least four (three cannot all exceed 35 per cent).
  mutating func limitShares(to share: Double, counts: [Int]) {
    var heaviest = [Double](repeating: 0, count: frames)
    values.withUnsafeBufferPointer { w in
      heaviest.withUnsafeMutableBufferPointer { heaviest in
        for row in 0..<rows {
          let base = row * frames
          for frame in 0..<frames { heaviest[frame] = max(heaviest[frame], w[base + frame]) }
        }
      }
    }
    for frame in 0..<frames where counts[frame] >= 4 && heaviest[frame] > share * totals[frame] {
      limitShares(of: frame, to: share)
    }
  }

  private mutating func limitShares(of frame: Int, to share: Double) {
    let order = (0..<rows).sorted { values[$0 * frames + frame] > values[$1 * frames + frame] }
    let first = order[0] * frames + frame
    let second = order[1] * frames + frame
    var rest = totals[frame] - values[first]
    var cap = share / (1 - share) * rest
    if values[second] > cap {
      rest -= values[second]
      cap = share / (1 - 2 * share) * rest
      values[second] = cap
      rest += cap
    }
    values[first] = cap
    totals[frame] = rest + cap
  }

  /// Moves `means` and `zeroPoints` to the least squares sum of w (m - M - Z)^2, from where the means stand. The zero
  /// points are eliminated; conjugate gradients (Hestenes & Stiefel 1952, J. Res. NBS 49, 409) find the means, with the
  /// diagonal as preconditioner. What the data do not tie together keeps the offset it had.
  func solve(_ magnitudes: [Double], means: inout [Double], zeroPoints: inout [Double]) {
    let diagonal = sumOverFrames(Array(repeating: 1, count: frames))
    let inverse = diagonal.map { $0 > 0 ? 1 / $0 : 0 }
    func dividedByTotals(_ sums: [Double]) -> [Double] {
      var quotients = sums
      for frame in 0..<frames { quotients[frame] = totals[frame] > 0 ? sums[frame] / totals[frame] : 0 }
      return quotients
    }
    var rest = [Double](repeating: 0, count: rows)
    zeroPoints = dividedByTotals(weightedDeviations(magnitudes, means: means))
    for row in 0..<rows {
      let base = row * frames
      var sum = 0.0
      for frame in 0..<frames {
        sum += values[base + frame] * (magnitudes[base + frame] - means[row] - zeroPoints[frame])
      }
      rest[row] = sum
    }
    var direction = [Double](repeating: 0, count: rows)
    var previous = 1.0
    for step in 0..<(2 * rows + 20) {
      var largest = 0.0
      var product = 0.0
      for row in 0..<rows {
        largest = max(largest, abs(rest[row] * inverse[row]))
        product += rest[row] * rest[row] * inverse[row]
      }
      if largest < Self.tolerance { return }
      let memory = step == 0 ? 0 : product / previous
      previous = product
      for row in 0..<rows { direction[row] = rest[row] * inverse[row] + memory * direction[row] }
      let moved = dividedByTotals(sumOverStars(direction))
      var image = sumOverFrames(moved)
      var curvature = 0.0
      for row in 0..<rows {
        image[row] = diagonal[row] * direction[row] - image[row]
        curvature += direction[row] * image[row]
      }
      guard curvature > 0 else { return }
      let length = product / curvature
      for row in 0..<rows {
        means[row] += length * direction[row]
        rest[row] -= length * image[row]
      }
      for frame in 0..<frames { zeroPoints[frame] -= length * moved[frame] }
    }
  }

  /// A mean counts as found when its own equation moves it by less than this, mag: a thousandth of the change that
  /// ends the reweighting.
  private static let tolerance = 1e-8

  /// For each frame the sum of w (m - M).
  private func weightedDeviations(_ magnitudes: [Double], means: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: frames)
    values.withUnsafeBufferPointer { w in
      magnitudes.withUnsafeBufferPointer { m in
        sums.withUnsafeMutableBufferPointer { sums in
          for row in 0..<means.count {
            let base = row * frames
            let mean = means[row]
            for frame in 0..<frames { sums[frame] += w[base + frame] * (m[base + frame] - mean) }
          }
        }
      }
    }
    return sums
  }
}
