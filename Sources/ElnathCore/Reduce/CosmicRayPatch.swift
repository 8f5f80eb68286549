/// The pixels around one that a cosmic ray may have hit, 9 x 9 of them, and the filters of van Dokkum (2001) on them.
struct CosmicRayPatch {
  static let reach = 4
  static let side = 2 * reach + 1
  private static let middle = reach * side + reach

  private let values: UnsafeMutableBufferPointer<Float>
  private let known: UnsafeMutableBufferPointer<Bool>

  /// `values` and `known` have room for 81.
  init(_ values: UnsafeMutableBufferPointer<Float>, _ known: UnsafeMutableBufferPointer<Bool>) {
    self.values = values
    self.known = known
  }

  /// Copies the pixels about column `x` and row `y` of the box. Pixels without a value of their own, and earlier hits, take
  /// the median of the others within two pixels. False where the middle has no value, or a saturated star is near.
  func fill(
    _ planes: ImagePlanes, _ mask: UnsafeBufferPointer<PixelMask>, _ x: Int, _ y: Int
  ) -> Bool {
    let (width, height) = (planes.box.width, planes.box.height)
    let near: PixelMask = [.saturated, .bleed]
    let hidden = CosmicRays.missing.union(.cosmicRay)
    guard mask[y * width + x].isDisjoint(with: hidden) else { return false }
    for j in 0..<Self.side {
      let v = y + j - Self.reach
      for i in 0..<Self.side {
        let u = x + i - Self.reach
        let k = j * Self.side + i
        guard u >= 0, v >= 0, u < width, v < height else {
          known[k] = false
          continue
        }
        let value = planes.image[v * width + u]
        let what = mask[v * width + u]
        if !what.isDisjoint(with: near) { return false }
        known[k] = what.isDisjoint(with: hidden) && value.isFinite
        values[k] = value
      }
    }
    guard known[Self.middle] else { return false }
    let base = median(reach: 2, onlyKnown: true)
    for k in 0..<(Self.side * Self.side) where !known[k] { values[k] = base }
    return true
  }

  /// Median of the square of this reach about the middle.
  func median(reach: Int, onlyKnown: Bool = false) -> Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.side * Self.side) { memory in
      var count = 0
      for j in (Self.reach - reach)...(Self.reach + reach) {
        for i in (Self.reach - reach)...(Self.reach + reach) where !onlyKnown || known[j * Self.side + i] {
          memory[count] = values[j * Self.side + i]
          count += 1
        }
      }
      return Median.of(memory, count: count)
    }
  }

  /// Half the Laplacian at column `i` and row `j` of the patch, in the unit of the pixels: the excess of a single bright
  /// pixel over even surroundings.
  private func edge(_ i: Int, _ j: Int) -> Float {
    let k = j * Self.side + i
    let c = 2 * values[k]
    let (l, r) = (c - values[k - 1], c - values[k + 1])
    let (d, u) = (values[k - Self.side], values[k + Self.side])
    return (max(0, l - d) + max(0, l - u) + max(0, r - d) + max(0, r - u)) / 8
  }

  /// The edge at the middle above the median of the edges around it: what smooth structure leaves is taken away.
  func sharpness() -> Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 25) { memory in
      var count = 0
      for j in (Self.reach - 2)...(Self.reach + 2) {
        for i in (Self.reach - 2)...(Self.reach + 2) {
          memory[count] = edge(i, j)
          count += 1
        }
      }
      return edge(Self.reach, Self.reach) - Median.of(memory, count: count)
    }
  }

  /// Light that varies over some pixels, as that of stars does: among the medians of 3 x 3 pixels in a square of 7 x 7, the
  /// larger of the middle one less their median (on a star) and of the fifth highest less the fifth lowest (on its slope,
  /// where van Dokkum's measure vanishes). A hit of one or two pixels leaves none.
  func fineStructure() -> Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 49 + 9) { memory in
      let nine = UnsafeMutableBufferPointer(rebasing: memory[49...])
      var centre: Float = 0
      for j in 1...7 {
        for i in 1...7 {
          var n = 0
          for v in (j - 1)...(j + 1) {
            for u in (i - 1)...(i + 1) {
              nine[n] = values[v * Self.side + u]
              n += 1
            }
          }
          let value = Median.of(nine, count: 9)
          memory[(j - 1) * 7 + i - 1] = value
          if i == Self.reach && j == Self.reach { centre = value }
        }
      }
      let high = Median.select(memory, count: 49, rank: 44)
      let low = Median.select(memory, count: 49, rank: 4)
      return max(centre - Median.select(memory, count: 49, rank: 24), high - low)
    }
  }
}

extension CosmicRays {
  /// The whole test of one pixel, by column and row of the box.
  func isHit(
    _ planes: ImagePlanes, _ mask: UnsafeBufferPointer<PixelMask>, _ x: Int, _ y: Int, limit: Float
  ) -> Bool {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 81) { values in
      withUnsafeTemporaryAllocation(of: Bool.self, capacity: 81) { known in
        guard !isPlainlyStar(planes, x, y) else { return false }
        let patch = CosmicRayPatch(values, known)
        guard patch.fill(planes, mask, x, y) else { return false }
        let variance = Self.variance(planes, mask, x, y)
        guard variance > 0 else { return false }
        let noise = variance.squareRoot()
        let sharpness = patch.sharpness()
        guard sharpness > limit * noise else { return false }
        let structure = patch.fineStructure()
        return sharpness > highest * structure && sharpness - expected * structure > limit * noise
      }
    }
  }

  /// A cheap look that spares the cores of stars the whole test: the median of 3 x 3 pixels stands so high above the median
  /// of eight places three pixels away that the edge of the middle one cannot matter.
  private func isPlainlyStar(_ planes: ImagePlanes, _ x: Int, _ y: Int) -> Bool {
    let (width, height) = (planes.box.width, planes.box.height)
    guard x >= 3, y >= 3, x < width - 3, y < height - 3 else { return false }
    let i = y * width + x
    let image = planes.image
    let c = 2 * image[i]
    let (l, r) = (c - image[i - 1], c - image[i + 1])
    let (d, u) = (image[i - width], image[i + width])
    let edge = (max(0, l - d) + max(0, l - u) + max(0, r - d) + max(0, r - u)) / 8
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 17) { memory in
      let around = UnsafeMutableBufferPointer(rebasing: memory[9...])
      var (near, far) = (0, 0)
      for v in -1...1 {
        for u in -1...1 {
          memory[near] = image[i + v * width + u]
          near += 1
          guard u != 0 || v != 0 else { continue }
          around[far] = image[i + 3 * (v * width + u)]
          far += 1
        }
      }
      // Not a number compares false.
      return edge <= highest * (Median.of(memory, count: 9) - Median.of(around, count: 8))
    }
  }

  /// Variance of the pixel without the hit: the larger of the medians over 3 x 3 and 5 x 5, so that a star keeps the noise
  /// of its own photons.
  private static func variance(
    _ planes: ImagePlanes, _ mask: UnsafeBufferPointer<PixelMask>, _ x: Int, _ y: Int
  ) -> Float {
    let (width, height) = (planes.box.width, planes.box.height)
    let hidden = missing.union(.cosmicRay)
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 25) { memory in
      func median(_ reach: Int) -> Float {
        var count = 0
        for v in max(0, y - reach)...min(height - 1, y + reach) {
          for u in max(0, x - reach)...min(width - 1, x + reach) where mask[v * width + u].isDisjoint(with: hidden) {
            memory[count] = planes.variance[v * width + u]
            count += 1
          }
        }
        return count > 0 ? Median.of(memory, count: count) : 0
      }
      return max(median(1), median(2))
    }
  }
}
