/// The value in the middle of the weight.
public enum WeightedMedian {
  /// The value at which half of the total weight is reached, the mean of two values where the half falls between them;
  /// NaN without any weight. Pairs with a NaN or a weight that is not positive are left out.
  public static func of(_ pairs: [(value: Double, weight: Double)]) -> Double {
    let sorted = pairs.filter { !$0.value.isNaN && $0.weight > 0 }.sorted { $0.value < $1.value }
    let half = sorted.reduce(0) { $0 + $1.weight } / 2
    var sum = 0.0
    for (place, pair) in sorted.enumerated() {
      sum += pair.weight
      if sum > half { return pair.value }
      if sum == half { return (pair.value + sorted[min(place + 1, sorted.count - 1)].value) / 2 }
    }
    return sorted.last?.value ?? .nan
  }
}
