import ElnathCore

/// What a comparison found, in words.
enum CompareText {
  private static func digits(_ value: Double, _ count: Int = 4) -> String {
    value.isFinite ? "\(DecimalRounding.significant(value, count))" : "-"
  }

  static func lines(_ found: FrameDifference, unit: String) -> [String] {
    var lines: [String] = []
    if let registration = found.registration {
      let (x, y) = (DecimalRounding.decimals(found.shift.x, 7), DecimalRounding.decimals(found.shift.y, 7))
      var line = "shift \(x), \(y) px (+- \(digits(max(found.shiftError.x, found.shiftError.y), 2)))"
      if !registration.isShift {
        let angle = DecimalRounding.decimals(found.transform.rotation * 180 / .pi, 5)
        line += ", rotation \(angle) deg, scale \(DecimalRounding.decimals(found.transform.scale, 6))"
      }
      lines.append(line + ", by \(registration.matched) stars and all pixels (\(found.way))")
    } else {
      lines.append("no stars in common: compared pixel on pixel")
    }
    if found.fluxRatio.isFinite {
      lines.append("flux of a star, second over first: \(DecimalRounding.decimals(found.fluxRatio, 6))")
    }
    let statistics = found.statistics
    lines.append(
      "difference of \(statistics.pixels) pixels: median \(digits(statistics.median)), MAD \(digits(statistics.mad)) "
        + "\(unit); in errors: median \(digits(statistics.medianInErrors)), scatter \(digits(statistics.scatter)); "
        + "fraction beyond 5: \(digits(statistics.fractionBeyond, 3))")
    return lines + verdict(found.tests, found.isEqual)
  }

  static func lines(_ found: CurveComparison) -> [String] {
    let unit = found.kind == .lightCurve ? "mag" : "e-"
    var lines = [
      "difference of \(found.rows.count) values: median \(digits(found.median)), MAD \(digits(found.mad)) \(unit); "
        + "in errors: median \(digits(found.medianInErrors)), scatter \(digits(found.scatter)); beyond 5: \(found.beyond)"
    ]
    for (filter, offset) in found.offsets {
      let name = filter.isEmpty ? "" : " in \(filter)"
      lines.append("constant\(name): \(digits(offset.value)) +- \(digits(offset.error, 2)) mag, taken off before")
    }
    if found.slope.value.isFinite {
      lines.append("slope: \(digits(found.slope.value)) +- \(digits(found.slope.error, 2)) mag/d")
    }
    if found.kind == .photometry, found.ratio.isFinite {
      lines.append("flux, second over first: \(DecimalRounding.decimals(1 + found.ratio, 6))")
    }
    for (place, keys) in [("first", found.onlyFirst), ("second", found.onlySecond)] where !keys.isEmpty {
      lines.append("\(keys.count) values in the \(place) table only: \(names(keys))")
    }
    if !found.usedDiffers.isEmpty {
      lines.append(
        "\(found.usedDiffers.count) values are used in one table and not in the other: \(names(found.usedDiffers))")
    }
    return lines + verdict(found.tests, found.isEqual)
  }

  /// The first few.
  private static func names(_ keys: [ComparedValue.Key]) -> String {
    let shown = keys.prefix(8).map { key in
      (["frame \(key.frame)"] + [key.star, key.aperture].filter { !$0.isEmpty }).joined(separator: " ")
    }
    return shown.joined(separator: ", ") + (keys.count > shown.count ? ", ..." : "")
  }

  private static func verdict(_ tests: [ComparisonTest], _ isEqual: Bool) -> [String] {
    let lines = tests.map { "\($0.passes ? "pass" : "FAIL") \($0.name): \($0.sentence)" }
    guard !isEqual else { return lines + ["equal within the tolerance"] }
    return lines + ["different: \(tests.filter { !$0.passes }.map(\.name).joined(separator: ", "))"]
  }
}
