/// The zero level of a raw frame, from the columns (or rows) that saw no light.
///
/// Columns whose level departs from the densest half of them are left out: the first and last of a section are often
/// damaged, or hold light that trails behind the image. So are wild pixels, so a plain mean is never taken.
public struct Overscan: Sendable, Equatable {
  /// How the level of a line comes from its pixels.
  public enum Method: String, Sendable, CaseIterable, Codable {
    /// A polynomial through the means of the lines: follows a slow drift with the least noise.
    case fit
    /// One level for the whole section, the median of its pixels.
    case median
    /// The median of each line as it is: follows jumps from line to line, but adds the noise of a median of so many
    /// pixels, common to the line.
    case rows
  }

  /// Order of the polynomial along the readout axis; 0 is one level for the whole frame. Only for `fit`.
  public var order: Int
  public var method: Method

  public init(order: Int = 1, method: Method = .fit) {
    precondition((0...5).contains(order), "an overscan polynomial has order 0 to 5")
    self.order = order
    self.method = method
  }

  /// The level along the readout axis, ADU.
  public struct Level: Sendable, Equatable {
    /// True where the level changes from row to row, false where from column to column.
    public var alongRows: Bool
    /// One level for each row (or column) of the whole raw frame; beyond the section that of its nearest line.
    public var values: [Float]
    /// Scatter of one overscan pixel about the level, ADU: the read noise as this frame shows it.
    public var sigma: Double
    /// The level in the middle of the section, ADU, on the straight line through it.
    public var middle: Double
    /// How much that line rises from the first line of the section to the last, ADU.
    public var drift: Double
    /// Variance of the level of one line, ADU^2: what it adds to every pixel of the line.
    public var variance: Double
    /// Columns of the section that were left out as damaged.
    public var damaged: Int
  }

  /// The level by one section of the raw frame; nil when it lies outside or holds fewer than 20 usable pixels.
  ///
  /// `area`: the part of the raw frame that it is to serve. It tells along which axis the section runs: a section beside
  /// it gives one level for each row, one above or below it one for each column. One in its corner gives one level.
  /// Without an area the longer side of the section decides.
  public func callAsFunction(
    _ adu: PixelGrid<Float>, section: PixelRectangle, for area: PixelRectangle? = nil
  ) -> Level? {
    guard section.fits(width: adu.width, height: adu.height) else { return nil }
    let place = OverscanPlace(section, for: area)
    return level(OverscanSection(section, of: adu, alongRows: place.alongRows), corner: place.corner)
  }

  private func level(_ given: OverscanSection, corner: Bool) -> Level? {
    let givenMedians = given.lineMedians()
    let scatter = SigmaClip(floor: Self.floor)(given.residuals(about: givenMedians))
    guard scatter.kept >= 20 else { return nil }
    let section = given.soundColumns(about: givenMedians, scatter: max(scatter.normalSigma, Self.floor))
    let isSound = section.depth == given.depth
    let medians = isSound ? givenMedians : section.lineMedians()
    let lineScatter = isSound ? scatter : SigmaClip(floor: Self.floor)(section.residuals(about: medians))
    guard lineScatter.kept >= 20 else { return nil }

    var levels: [Double]
    switch method {
    case .rows where !corner: levels = Self.filled(medians.map(Double.init))
    case .median: levels = Array(repeating: section.median(), count: section.lines)
    case .fit, .rows:
      // Far enough out to keep every good pixel: of a hundred thousand, six lie beyond.
      let reach = 4 * max(lineScatter.normalSigma, Self.floor)
      levels = fitted(section.lineMeans(near: medians, reach: Float(reach)), order: corner ? 0 : order)
    }
    guard let first = levels.first, let last = levels.last, !first.isNaN else { return nil }

    let residuals = section.residuals(about: levels.map(Float.init))
    var sigma = SigmaClip(floor: Self.floor)(residuals).normalSigma
    if method == .rows && !corner && section.depth > 1 {
      // The pixels gave the level that they scatter about.
      sigma *= (Double(section.depth) / Double(section.depth - 1)).squareRoot()
    }
    let line = Self.straightLine(levels)
    let before = [Float](repeating: Float(first), count: section.firstLine)
    let after = [Float](repeating: Float(last), count: section.frameLines - section.firstLine - section.lines)
    return Level(
      alongRows: section.alongRows, values: before + levels.map(Float.init) + after, sigma: sigma, middle: line.middle,
      drift: line.drift, variance: variance(of: section, corner: corner, sigma: sigma),
      damaged: given.depth - section.depth)
  }

  /// A median is pi/2 times as uncertain as a mean; a polynomial has as many means as coefficients.
  private func variance(of section: OverscanSection, corner: Bool, sigma: Double) -> Double {
    let pixels = Double(section.depth * section.lines)
    switch method {
    case .rows where !corner: return sigma * sigma * (section.depth > 2 ? .pi / 2 : 1) / Double(section.depth)
    case .median: return sigma * sigma * .pi / 2 / pixels
    case .fit, .rows: return sigma * sigma * Double(corner ? 1 : order + 1) / pixels
    }
  }

  /// Rounding to whole ADU alone scatters by this much.
  private static let floor = 0.3

  /// A polynomial through the lines that have a value.
  private func fitted(_ means: [Double], order: Int) -> [Double] {
    let places = means.indices.filter { !means[$0].isNaN }
    let domain = 0...Double(max(means.count - 1, 1))
    let polynomial = Polynomial.fit(
      places.map(Double.init), places.map { means[$0] }, order: min(order, max(0, places.count / 10)), domain: domain)
    return means.indices.map { polynomial(Double($0)) }
  }

  /// Lines without a value take that of the line before, the first ones that of the first with a value; all NaN where
  /// none has one.
  private static func filled(_ values: [Double]) -> [Double] {
    var previous = values.first { !$0.isNaN } ?? .nan
    return values.map { value in
      if !value.isNaN { previous = value }
      return previous
    }
  }

  /// Least squares through equally spaced values.
  private static func straightLine(_ values: [Double]) -> (middle: Double, drift: Double) {
    let centre = Double(values.count - 1) / 2
    let mean = values.reduce(0, +) / Double(values.count)
    var products = 0.0
    var squares = 0.0
    for (i, value) in values.enumerated() {
      let t = Double(i) - centre
      products += t * (value - mean)
      squares += t * t
    }
    return (mean, squares > 0 ? products / squares * 2 * centre : 0)
  }
}

/// How a section lies to the area that it serves.
private struct OverscanPlace {
  let alongRows: Bool
  /// It shares neither rows nor columns with the area, so that it knows nothing of a drift there.
  let corner: Bool

  init(_ section: PixelRectangle, for area: PixelRectangle?) {
    let longer = section.height >= section.width
    guard let area else {
      (alongRows, corner) = (longer, false)
      return
    }
    let besideRows = section.y < area.y + area.height && area.y < section.y + section.height
    let besideColumns = section.x < area.x + area.width && area.x < section.x + section.width
    alongRows = besideRows == besideColumns ? longer : besideRows
    corner = !besideRows && !besideColumns
  }
}
