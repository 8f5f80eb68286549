/// The pixels of a raw frame, in memory or still in its file: what looks at a few of them leaves the others where they
/// are.
public protocol RawPixels: Sendable {
  /// What may happen while they are fetched.
  associatedtype Failure: Error

  var observation: Observation { get }
  /// Of the whole raw image.
  var width: Int { get }
  var height: Int { get }

  /// Hands out rows of the raw image as a whole, in the order asked for, which rises; NaN where there is no value.
  func forEachRow(
    of rows: [Int], _ body: (_ y: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws(Failure)

  /// The pixels of a rectangle that lies on the raw image.
  func pixels(of rectangle: PixelRectangle) throws(Failure) -> PixelGrid<Float>
}

extension RawFrame: RawPixels {
  public var width: Int { adu.width }
  public var height: Int { adu.height }

  public func forEachRow(of rows: [Int], _ body: (_ y: Int, _ values: UnsafeBufferPointer<Float>) -> Void) {
    adu.pixels.withUnsafeBufferPointer { pixels in
      for y in rows { body(y, UnsafeBufferPointer(rebasing: pixels[(y * width)..<((y + 1) * width)])) }
    }
  }

  public func pixels(of rectangle: PixelRectangle) -> PixelGrid<Float> { adu.cropped(to: rectangle) }
}

extension RawPixels {
  /// The zero level of each of the observation's `outputs`, in their order; nil for one without a usable overscan. What
  /// `BiasDarkFlat.zeroLevels` tells of a frame in memory, from the overscan sections alone.
  func zeroLevels(overscan: Overscan) throws(Failure) -> [Overscan.Level?] {
    let trim = observation.trim
    var levels: [Overscan.Level?] = []
    for output in observation.outputs {
      let area = PixelRectangle(
        x: trim.x + output.area.x, y: trim.y + output.area.y, width: output.area.width, height: output.area.height)
      levels.append(
        try output.overscan.map { section throws(Failure) in try zeroLevel(section, area, overscan) } ?? nil)
    }
    return levels
  }

  private func zeroLevel(
    _ section: PixelRectangle, _ area: PixelRectangle, _ overscan: Overscan
  ) throws(Failure) -> Overscan.Level? {
    guard section.fits(width: width, height: height) else { return nil }
    // A level for each line of the whole frame needs a strip along all of it.
    func level(alongRows: Bool) throws(Failure) -> Overscan.Level? {
      let strip =
        alongRows
        ? PixelRectangle(x: section.x, y: 0, width: section.width, height: height)
        : PixelRectangle(x: 0, y: section.y, width: width, height: section.height)
      return overscan(
        try pixels(of: strip), section: section.moved(x: -strip.x, y: -strip.y),
        for: area.moved(x: -strip.x, y: -strip.y))
    }
    let isTall = section.height >= section.width
    let guess = try level(alongRows: isTall)
    return guess == nil || guess?.alongRows == isTall ? guess : try level(alongRows: !isTall)
  }
}

extension PixelRectangle {
  fileprivate func moved(x dx: Int, y dy: Int) -> PixelRectangle {
    PixelRectangle(x: x + dx, y: y + dy, width: width, height: height)
  }
}

extension Overscan.Level {
  /// Takes the level off the pixels of a row of the raw frame.
  ///
  /// - Parameters:
  ///   - y: the row.
  ///   - x: column of the raw frame of the first pixel.
  func subtract(
    row y: Int, from x: Int, _ source: UnsafeBufferPointer<Float>, into out: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(source.count == out.count, "rows must have one length")
    if alongRows {
      let value = values[y]
      for i in 0..<out.count { out[i] = source[i] - value }
    } else {
      values.withUnsafeBufferPointer { values in
        let levels = UnsafeBufferPointer(rebasing: values[x..<(x + out.count)])
        for i in 0..<out.count { out[i] = source[i] - levels[i] }
      }
    }
  }
}
