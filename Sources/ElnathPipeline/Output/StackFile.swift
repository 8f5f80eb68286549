import ElnathCore
import ElnathFITS

/// A stack as a FITS file: image, VARIANCE, COVERAGE, REJECTED.
enum StackFile {
  /// What stands in the header beside the pixels.
  struct Description {
    var unit: String
    var rule: StackRule
    /// Nil where no frame was resampled.
    var kernel: ResamplingKernel?
    /// Those that are in it, with their weights in the mid-time.
    var frames: [Observation]
    var weights: [Double]
    /// Files that are not, and why.
    var leftOut: [(file: String, reason: String)]
    /// BJD_TDB of the middles of the frames for the middle of the field; empty where unknown.
    var barycentric: [Double] = []
    /// Where its pixels lie on the sky; empty where unknown.
    var coordinates: [HeaderCard] = []
    /// True where the skies of the frames told their noise, not gain and read noise; nil where the scatter of the
    /// values tells it.
    var isNoiseMeasured: Bool?
  }

  static func write(_ stack: Stack, _ description: Description, to path: String) throws(PipelineError) {
    func unit<Value>(
      _ name: String, _ grid: PixelGrid<Value>, _ pixels: FITSPixels, _ cards: [HeaderCard]
    ) -> FITSHDU {
      FITSHDU(name: name, width: grid.width, height: grid.height, pixels: pixels, cards: cards)
    }
    func quantity(_ unit: String) -> [HeaderCard] { [HeaderCard("BUNIT", .text(unit), "unit of the pixels")] }
    do {
      try FITSWriter.write(
        [
          unit("", stack.image, .float(stack.image.pixels), cards(description)),
          unit("VARIANCE", stack.variance, .float(stack.variance.pixels), variance(stack, description)),
          unit("COVERAGE", stack.coverage, .uint16(stack.coverage.pixels), quantity("count")),
          unit("REJECTED", stack.rejected, .uint16(stack.rejected.pixels), quantity("count")),
        ], to: path)
    } catch {
      throw FileFault.writing(error, path)
    }
  }

  /// What VARIANCE is, and what it is not.
  private static func variance(_ stack: Stack, _ description: Description) -> [HeaderCard] {
    var cards = [HeaderCard("BUNIT", .text(description.unit + "2"), "unit of the pixels: of single ones")]
    let source =
      switch description.isNoiseMeasured {
      case true?: ("sky", "noise of the sky as measured")
      case false?: ("model", "gain, read noise, light and masters")
      case nil: ("scatter", "of the values, or noise of the sky and gain")
      }
    cards.append(HeaderCard("VARFROM", .text(source.0), source.1))
    if stack.correlation.isFinite {
      let comment = "var of a sum over many pixels / their sum"
      cards.append(HeaderCard("VARCORR", .real(stack.correlation), comment))
    }
    return cards
  }

  private static func cards(_ description: Description) -> [HeaderCard] {
    let (frames, rule) = (description.frames, description.rule)
    var cards = [
      HeaderCard("BUNIT", .text(description.unit), "unit of the pixels"),
      HeaderCard("N_FRAMES", .integer(frames.count), "frames combined"),
      HeaderCard("REJMETH", .text(rule.rejection.rawValue), "values left out"),
    ]
    if rule.rejection != .none {
      cards.append(HeaderCard("REJLOW", .real(rule.low), "limit below the median (sigma)"))
      cards.append(HeaderCard("REJHIGH", .real(rule.high), "limit above the median (sigma)"))
    }
    cards.append(HeaderCard("COMBMETH", .text(rule.combination.rawValue), "how combined"))
    if let kernel = description.kernel {
      cards.append(HeaderCard("RESAMPLE", .text(kernel.rawValue), "resampled: neighbouring pixels correlate"))
    }
    for (key, value) in [("OBJECT", \Observation.object), ("FILTER", \.filter)] {
      let values = Set(frames.map { $0[keyPath: value] })
      if values.count == 1, let only = values.first, !only.isEmpty { cards.append(HeaderCard(key, .text(only))) }
    }
    let exposures = frames.map(\.exposure)
    if exposures.allSatisfy(\.isFinite) {
      let mean = exposures.reduce(0, +) / Double(exposures.count)
      cards.append(HeaderCard("EXPTIME", .real(mean), "mean exposure of the frames (s)"))
    }
    cards += times(description)
    cards += description.coordinates
    cards.append(HeaderCard("CREATOR", .text("Elnath \(ElnathVersion.current)")))
    for frame in frames { cards.append(HeaderCard("HISTORY", nil, frame.file)) }
    for left in description.leftOut {
      cards.append(HeaderCard("HISTORY", nil, "not used: \(left.file) (\(left.reason))"))
    }
    return cards
  }

  /// First start, last end, weighted mid-time; those that all frames allow.
  private static func times(_ description: Description) -> [HeaderCard] {
    let known = zip(description.frames, description.weights).filter { $0.0.jdUTC.isFinite }
    guard known.count == description.frames.count else { return [] }
    var cards = [HeaderCard("TIMESYS", .text("UTC"), "time scale")]
    let halves = known.map { ($0.0.exposure.isFinite ? $0.0.exposure : 0) / 2 / 86_400 }
    let begin = zip(known, halves).map { $0.0.0.jdUTC - $0.1 }.min() ?? .nan
    let end = zip(known, halves).map { $0.0.0.jdUTC + $0.1 }.max() ?? .nan
    if let text = dateText(begin) { cards.append(HeaderCard("DATE-BEG", .text(text), "start of the first frame")) }
    if let text = dateText(end) { cards.append(HeaderCard("DATE-END", .text(text), "end of the last frame")) }
    let weights = known.map(\.1)
    if let middle = mean(known.map { $0.0.jdUTC - 2_400_000.5 }, weights) {
      cards.append(HeaderCard("MJD-AVG", .real(middle), "weighted mean of the mid-exposures"))
    }
    if description.barycentric.count == weights.count, let middle = mean(description.barycentric, weights) {
      cards.append(HeaderCard("BJD_TDB", .real(middle), "the same of their barycentric dates"))
    }
    return cards
  }

  /// Relative to the first, so that nothing of the double precision is lost.
  private static func mean(_ dates: [Double], _ weights: [Double]) -> Double? {
    guard let origin = dates.first else { return nil }
    let (sum, weight) = zip(dates, weights).reduce((0.0, 0.0)) { ($0.0 + $1.1 * ($1.0 - origin), $0.1 + $1.1) }
    return origin + sum / weight
  }

  private static func dateText(_ jd: Double) -> String? {
    guard let date = JulianDate.calendar(jdUTC: jd) else { return nil }
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let ticks = Int((date.second * 1000).rounded())
    return digits(date.year, 4) + "-" + digits(date.month, 2) + "-" + digits(date.day, 2) + "T" + digits(date.hour, 2)
      + ":" + digits(date.minute, 2) + ":" + digits(ticks / 1000, 2) + "." + digits(ticks % 1000, 3)
  }
}
