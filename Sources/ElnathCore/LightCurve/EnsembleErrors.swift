/// What the final solution says about its zero points.
extension EnsembleFit {
  /// The solution with its errors, for all stars of the problem that this fit began with; `count` of them.
  func solution(stars count: Int) -> EnsembleSolution {
    var solution = EnsembleSolution(stars: count, frames: frames)
    solution.components = components.numbers
    solution.counts = counts
    let meanVariances = varianceFromMeans()
    for frame in 0..<frames where counts[frame] > 0 {
      let extra = patchiness(frame)
      solution.zeroPoints[frame] = zeroPoints[frame]
      solution.zeroPointVariances[frame] = zeroPointVariances[frame] + meanVariances[frame] + extra
      solution.frameRMS[frame] = residualRMS(frame)
    }
    for (row, star) in stars.enumerated() {
      guard (0..<frames).contains(where: { isPresent(row: row, frame: $0) }) else { continue }
      solution.means[star] = means[row]
      solution.jitter[star] = jitter(row: row)
      for frame in 0..<frames {
        solution.residuals[star * frames + frame] = residuals[row * frames + frame]
        solution.leaveOneOutVariances[star * frames + frame] = residualVariances[row * frames + frame]
      }
    }
    return solution
  }

  private func residualRMS(_ frame: Int) -> Double {
    var sum = 0.0
    var n = 0.0
    for row in 0..<rows where !residuals[row * frames + frame].isNaN {
      sum += residuals[row * frames + frame] * residuals[row * frames + frame]
      n += 1
    }
    return n > 0 ? (sum / n).squareRoot() : .nan
  }

  /// Variance of each zero point, relative to the mean of all, that comes from the means of the stars not being known.
  ///
  /// With p_ij the share of star i in frame j, D the diagonal of the stars' sums of weights, W the weights and T the
  /// sums of the frames: the normal matrix reduced to the stars is A = D - W T^-1 W^T, and the variance of
  /// Z_j - mean Z gains (p_j - p)^T A^+ (p_j - p), p the mean of p_j over the frames: nothing for a star that has the
  /// same share in every frame.
  private func varianceFromMeans() -> [Double] {
    var added = [Double](repeating: 0, count: frames)
    guard rows > 0 else { return added }
    let present = (0..<frames).filter { counts[$0] > 0 }
    var matrix = SymmetricMatrix(order: rows)
    var shares = [Double](repeating: 0, count: rows * frames)
    for row in 0..<rows {
      for frame in present {
        shares[row * frames + frame] = weights.values[row * frames + frame] / weights.totals[frame]
      }
    }
    let diagonal = weights.sumOverFrames(Array(repeating: 1, count: frames))
    shares.withUnsafeBufferPointer { p in
      weights.values.withUnsafeBufferPointer { w in
        for row in 0..<rows {
          for column in 0...row {
            var sum = 0.0
            for frame in 0..<frames { sum += w[row * frames + frame] * p[column * frames + frame] }
            matrix[row, column] = (row == column ? diagonal[row] : 0) - sum
          }
        }
      }
    }
    // A has the constant vector of each connected set in its null space; raised there, it can be inverted, and
    // p_j - p, whose sum over each set is 0, does not see the difference.
    let numbers = stars.indices.map { row in
      (0..<frames).first { isPresent(row: row, frame: $0) }.map { components.numbers[$0] } ?? -1
    }
    let scale = diagonal.reduce(0, +) / Double(rows * rows)
    for row in 0..<rows {
      if numbers[row] < 0 { matrix[row, row] = scale }
      for column in 0...row where numbers[row] >= 0 && numbers[row] == numbers[column] { matrix[row, column] += scale }
    }
    guard let factor = matrix.cholesky() else { return added }
    for number in 0..<components.count {
      let members = present.filter { components.numbers[$0] == number }
      var mean = [Double](repeating: 0, count: rows)
      for row in 0..<rows {
        for frame in members { mean[row] += shares[row * frames + frame] }
        mean[row] /= Double(members.count)
      }
      let n = Double(members.count)
      let common = members.reduce(0.0) { $0 + zeroPointVariances[$1] } / (n * n)
      for frame in members {
        let difference = (0..<rows).map { shares[$0 * frames + frame] - mean[$0] }
        let half = factor.solveLower(difference)
        added[frame] = half.reduce(0) { $0 + $1 * $1 } + common - 2 * zeroPointVariances[frame] / n
      }
    }
    return added
  }

  private func patchiness(_ frame: Int) -> Double {
    var deviations: [Double] = []
    var inverses: [Double] = []
    for row in 0..<rows where isPresent(row: row, frame: frame) {
      deviations.append(magnitudes[row * frames + frame] - means[row] - zeroPoints[frame])
      inverses.append(1 / (variances[row * frames + frame] + jitter(row: row)))
    }
    return Heterogeneity.extraVariance(deviations, inverseVariances: inverses)
  }
}
