extension Double {
  /// The number with this many decimals. Where those are beyond what a double holds, and for what is no number, Swift's
  /// own text.
  public func fixed(_ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    guard isFinite && magnitude * scale < 1e18 else { return "\(self)" }
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
