/// Values by rank, as clipping about a median asks for them. None is NaN.
protocol OrderedValues {
  var count: Int { get }
  /// The value of this rank; 0 is the smallest.
  mutating func value(rank: Int) -> Double
  /// How many are below, and how many at most, this; NaN leaves none and all.
  mutating func count(below limit: Double) -> Int
  mutating func count(upTo limit: Double) -> Int
  /// Sum and sum of squares of the values of these ranks less `origin`. Both ranks are 0, `count`, or what one of the
  /// counts gave.
  func sums(_ ranks: Range<Int>, about origin: Double) -> (sum: Double, squares: Double)
}

/// Values that stand in ascending order.
struct AscendingValues: OrderedValues {
  private let values: UnsafeBufferPointer<Float>

  init(_ values: UnsafeBufferPointer<Float>) { self.values = values }

  var count: Int { values.count }

  func value(rank: Int) -> Double { Double(values[rank]) }

  func count(below limit: Double) -> Int { partition { Double(values[$0]) < limit } }

  func count(upTo limit: Double) -> Int { limit.isNaN ? count : partition { Double(values[$0]) <= limit } }

  /// Index of the first value for which this does not hold.
  @inline(__always)
  private func partition(_ holds: (Int) -> Bool) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func sums(_ ranks: Range<Int>, about origin: Double) -> (sum: Double, squares: Double) {
    var (sum, squares) = (0.0, 0.0)
    for i in ranks {
      let d = Double(values[i]) - origin
      sum += d
      squares += d * d
    }
    return (sum, squares)
  }
}

/// Values shared out among buckets, each of which is sorted when somebody asks for one of its ranks: clipping looks at a
/// few of them only, so that this takes half the time of sorting all. Holds its memory for the next values.
struct BucketedValues: OrderedValues {
  private(set) var count = 0
  private var values: [Float] = []
  private var places: [UInt32] = []
  /// Where each bucket ends, and whether it is in order.
  private var ends: [Int32] = []
  private var isInOrder: [Bool] = []
  private var buckets = 1
  private var low: Float = 0
  private var scale: Float = 0

  /// Takes the first `count` of these values.
  mutating func fill(_ given: UnsafeMutableBufferPointer<Float>, count: Int) {
    precondition(count <= given.count, "the buffer must hold the values")
    self.count = count
    if values.count < count {
      values = Array(repeating: 0, count: count)
      places = Array(repeating: 0, count: count)
    }
    // About ten in the fullest ones of a bell shape.
    buckets = 256
    while 3 * buckets < count && buckets < 1 << 16 { buckets *= 2 }
    if ends.count < buckets {
      ends = Array(repeating: 0, count: buckets)
      isInOrder = Array(repeating: false, count: buckets)
    }
    let width: Float
    (low, width) = count >= 32 ? BucketSort.range(given, count) : (0, 1)
    scale = Float(buckets) / width
    let (low, scale, last, buckets) = (low, scale, Float(buckets - 1), buckets)
    places.withUnsafeMutableBufferPointer { places in
      for i in 0..<count { places[i] = Self.bucket(given[i], low, scale, last) }
      ends.withUnsafeMutableBufferPointer { ends in
        for b in 0..<buckets { ends[b] = 0 }
        for i in 0..<count { ends[Int(places[i])] &+= 1 }
        var start: Int32 = 0
        for b in 0..<buckets {
          let here = ends[b]
          ends[b] = start
          start &+= here
        }
        values.withUnsafeMutableBufferPointer { values in
          // Placing moves each start on to its bucket's end.
          for i in 0..<count {
            let b = Int(places[i])
            values[Int(ends[b])] = given[i]
            ends[b] &+= 1
          }
        }
      }
    }
    isInOrder.withUnsafeMutableBufferPointer { for b in 0..<buckets { $0[b] = false } }
  }

  /// Ascends with the value: what is added leaves whole numbers in the last bits.
  @inline(__always)
  private static func bucket(_ value: Float, _ low: Float, _ scale: Float, _ last: Float) -> UInt32 {
    let place = (value - low) * scale
    let inside = place > 0 ? place : 0
    return ((inside < last ? inside : last) + 0x1p23).bitPattern & 0x7F_FFFF
  }

  private func bucket(of value: Float) -> Int { Int(Self.bucket(value, low, scale, Float(buckets - 1))) }

  /// Indices of a bucket's values, which are in order from here on.
  private mutating func ordered(_ b: Int) -> Range<Int> {
    let place = (b > 0 ? Int(ends[b - 1]) : 0)..<Int(ends[b])
    guard !isInOrder[b] else { return place }
    isInOrder[b] = true
    if place.count > 32 {
      values[place].sort()
    } else {
      values.withUnsafeMutableBufferPointer {
        BucketSort.insertionSort(UnsafeMutableBufferPointer(rebasing: $0[place]))
      }
    }
    return place
  }

  mutating func value(rank: Int) -> Double {
    _ = ordered(bucket(of: values[rank]))
    return Double(values[rank])
  }

  // Rounded to single precision a limit is still above every float below it, and below every one above.
  mutating func count(below limit: Double) -> Int {
    if limit.isNaN { return 0 }
    let place = ordered(bucket(of: Float(limit)))
    return values[place].firstIndex { Double($0) >= limit } ?? place.upperBound
  }

  mutating func count(upTo limit: Double) -> Int {
    if limit.isNaN { return count }
    let place = ordered(bucket(of: Float(limit)))
    return values[place].firstIndex { Double($0) > limit } ?? place.upperBound
  }

  func sums(_ ranks: Range<Int>, about origin: Double) -> (sum: Double, squares: Double) {
    let values = values.span.extracting(ranks)
    let whole = values.count / 4 * 4
    // Four sums for one: to add to a single one takes as long as all else.
    var (sums, squares) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    for i in stride(from: 0, to: whole, by: 4) {
      let d = SIMD4<Double>(
        Double(values[i]) - origin, Double(values[i + 1]) - origin, Double(values[i + 2]) - origin,
        Double(values[i + 3]) - origin)
      sums += d
      squares += d * d
    }
    for i in whole..<values.count {
      let d = Double(values[i]) - origin
      sums[0] += d
      squares[0] += d * d
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3]), (squares[0] + squares[1]) + (squares[2] + squares[3]))
  }
}
