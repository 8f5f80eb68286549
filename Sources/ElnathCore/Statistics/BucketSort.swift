/// Sorts pixel values fast: most of them lie close together, a few far off.
///
/// Bucket sort over the range that a small sample spans: linear in the number of values for anything like a bell shape.
/// Crowded buckets, and the values beyond the range, fall back on comparison sort, so no input is slow.
struct BucketSort {
  private static let mostBuckets = 8192
  private var ends = [Int32](repeating: 0, count: mostBuckets + 1)

  /// Writes the first `count` of `values`, none of them NaN, to `sorted` in ascending order.
  mutating func callAsFunction(
    _ values: UnsafeMutableBufferPointer<Float>, count: Int, into sorted: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(count <= values.count && count <= sorted.count, "buffers must hold the values")
    guard count > 64 else {
      for i in 0..<count { sorted[i] = values[i] }
      Self.insertionSort(sorted, count)
      return
    }
    let (low, width) = Self.range(values, count)
    let buckets = Self.buckets(for: count)
    let scale = Float(buckets) / width
    let last = Float(buckets - 1)
    ends.withUnsafeMutableBufferPointer { ends in
      for b in 0...buckets { ends[b] = 0 }
      @inline(__always) func bucket(_ value: Float) -> Int { Int(Int32(min(max((value - low) * scale, 0), last))) }
      for i in 0..<count { ends[bucket(values[i]) + 1] += 1 }
      for b in 0..<buckets { ends[b + 1] += ends[b] }
      // Placing moves each start on to its bucket's end.
      for i in 0..<count {
        let b = bucket(values[i])
        sorted[Int(ends[b])] = values[i]
        ends[b] += 1
      }
      var start = 0
      for b in 0..<buckets {
        let end = Int(ends[b])
        if end - start > 32 {
          var crowded = UnsafeMutableBufferPointer(rebasing: sorted[start..<end])
          crowded.sort()
        }
        start = end
      }
    }
    Self.insertionSort(sorted, count)
  }

  /// Three and more for each value leave hardly any out of order.
  private static func buckets(for count: Int) -> Int {
    var buckets = 1024
    while buckets < 3 * count && buckets < mostBuckets { buckets *= 2 }
    return buckets
  }

  /// Four interquartile ranges of a sample to either side of its median.
  static func range(_ values: UnsafeMutableBufferPointer<Float>, _ count: Int) -> (low: Float, width: Float) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 32) { sample in
      for i in 0..<32 { sample[i] = values[i * (count - 1) / 31] }
      insertionSort(sample, 32)
      let spread = sample[24] - sample[8]
      // Values that are all alike need any width that is not zero.
      let width = spread > 0 && spread.isFinite ? 8 * spread : max(abs(sample[16]), 1)
      let low = sample[16] - width / 2
      // Beyond what single precision can scale, one bucket takes all.
      return low.isFinite && width.isFinite && width > 1e-30 ? (low, width) : (0, 1)
    }
  }

  static func insertionSort(_ a: UnsafeMutableBufferPointer<Float>) { insertionSort(a, a.count) }

  private static func insertionSort(_ a: UnsafeMutableBufferPointer<Float>, _ count: Int) {
    var i = 1
    while i < count {
      let value = a[i]
      var j = i
      while j > 0 && a[j - 1] > value {
        a[j] = a[j - 1]
        j -= 1
      }
      a[j] = value
      i += 1
    }
  }
}
