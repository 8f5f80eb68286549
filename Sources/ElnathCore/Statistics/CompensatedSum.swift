/// A sum whose rounding error does not grow with the number of terms (Neumaier 1974, ZAMM 54, 39).
public struct CompensatedSum: Sendable {
  private var sum = 0.0
  private var compensation = 0.0

  public init() {}

  @inlinable
  public static func += (total: inout CompensatedSum, term: Double) { total.add(term) }

  public mutating func add(_ term: Double) {
    let next = sum + term
    compensation += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
    sum = next
  }

  public var value: Double { sum + compensation }
}
