extension Double {
  /// The number with this many decimals, for sentences. Beyond 1e15 and for what is no number, Swift's own text.
  func fixed(_ decimals: Int) -> String {
    guard isFinite && magnitude < 1e15 else { return "\(self)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let units = Int((magnitude * scale).rounded())
    let sign = self < 0 && units > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(units)" }
    let whole = units / Int(scale)
    let fraction = String(units % Int(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// The number as short as it is clear: about two figures after the first.
  var brief: String {
    switch magnitude {
    case 100...: fixed(0)
    case 1...: fixed(1)
    case 0.1...: fixed(2)
    default: fixed(3)
    }
  }
}
