/// The exact shift between two images that is known to some boxes.
struct FineShift {
  /// From the first image to the second, in boxes, and its error along one axis.
  private(set) var x: Double
  private(set) var y: Double
  private(set) var error: Double
  /// Rms difference of the quarters of the image to the whole, along one axis, in boxes; NaN where fewer than two of them
  /// tell. And what their errors and a small rotation make of it.
  private(set) var scatter = Double.nan
  private(set) var allowed = Double.nan

  /// Quarters that know their shift no better than this tell nothing, in boxes.
  private static let mostError = 1.5
  /// What a rotation or a change of scale may move the quarters, in boxes.
  private static let play = 1.0

  /// - Parameters:
  ///   - shift: about, in boxes.
  ///   - reach: how far from it the peak may lie.
  ///   - smooth: how well it is known, in boxes.
  /// - Returns: nil where there is no peak.
  init?(
    _ first: CorrelationBoxes, _ second: CorrelationBoxes, near shift: (x: Double, y: Double), reach: Double,
    smooth: Double
  ) {
    var (nx, ny) = (Int(shift.x.rounded()), Int(shift.y.rounded()))
    var reach = Int(reach.rounded(.up))
    var whole: CoherentPeak?
    // Once more where the parts that were compared lay apart.
    for _ in 0..<3 {
      guard let part = Part(first, second, nx, ny), let peak = Self.peak(first, second, part, reach, smooth) else {
        return nil
      }
      whole = peak
      let (stepX, stepY) = (Int(peak.x.rounded()), Int(peak.y.rounded()))
      if stepX == 0 && stepY == 0 { break }
      (nx, ny, reach) = (nx + stepX, ny + stepY, 4)
    }
    guard let whole, let part = Part(first, second, nx, ny) else { return nil }
    x = Double(nx) + whole.x
    y = Double(ny) + whole.y
    error = whole.error
    let quarters = part.quarters.compactMap { Self.peak(first, second, $0, 5, smooth) }
    let telling = quarters.filter { $0.error < Self.mostError }
    guard telling.count >= 2 else { return }
    var (weights, squares, errors) = (0.0, 0.0, 0.0)
    for one in telling {
      let (dx, dy) = (one.x - whole.x, one.y - whole.y)
      let weight = 1 / (one.error * one.error + 0.01)
      weights += weight
      squares += weight * (dx * dx + dy * dy) / 2
      errors += weight * one.error * one.error
    }
    scatter = (squares / weights).squareRoot()
    allowed = Self.play + 4 * (errors / weights).squareRoot()
    error = max(error, scatter / Double(telling.count).squareRoot())
  }

  /// A rectangle of the first image, and where its first box lies on the second.
  private struct Part {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    var nx: Int
    var ny: Int

    init?(_ first: CorrelationBoxes, _ second: CorrelationBoxes, _ nx: Int, _ ny: Int) {
      let xs = (max(0, -nx), min(first.columns, second.columns - nx))
      let ys = (max(0, -ny), min(first.rows, second.rows - ny))
      guard xs.1 - xs.0 >= 16, ys.1 - ys.0 >= 16 else { return nil }
      width = FourierPlan.quickSize(upTo: xs.1 - xs.0)
      height = FourierPlan.quickSize(upTo: ys.1 - ys.0)
      x = xs.0 + (xs.1 - xs.0 - width) / 2
      y = ys.0 + (ys.1 - ys.0 - height) / 2
      (self.nx, self.ny) = (nx, ny)
    }

    var quarters: [Part] {
      [0, 1].flatMap { j in
        [0, 1].map { i in
          var part = self
          part.width = FourierPlan.quickSize(upTo: width / 2)
          part.height = FourierPlan.quickSize(upTo: height / 2)
          part.x += i * (width - part.width)
          part.y += j * (height - part.height)
          return part
        }
      }
    }
  }

  private static func peak(
    _ first: CorrelationBoxes, _ second: CorrelationBoxes, _ part: Part, _ reach: Int, _ smooth: Double
  ) -> CoherentPeak? {
    let (width, height) = (part.width, part.height)
    let plan = FourierPlan(width: width, height: height)
    let here = plan.spectrum(of: first.windowed(x: part.x, y: part.y, width: width, height: height))
    let there = plan.spectrum(
      of: second.windowed(x: part.x + part.nx, y: part.y + part.ny, width: width, height: height))
    return CoherentPeak(here, there, reach: min(reach, width / 3, height / 3), smooth: smooth)
  }
}
