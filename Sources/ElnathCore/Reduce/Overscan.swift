/// The zero level of a raw frame, from the columns (or rows) that saw no light.
///
/// A robust polynomial along the long side of the section: one value per row for a section of columns, one per column
/// for a section of rows. Damaged columns at the end of a section are left out, and so are wild pixels, so a plain mean
/// is never taken.
public struct Overscan: Sendable {
  /// Order of the polynomial along the readout axis; 0 is one level for the whole frame.
  public var order: Int

  public init(order: Int = 1) {
    precondition((0...5).contains(order), "an overscan polynomial has order 0 to 5")
    self.order = order
  }

  /// The level along the readout axis, ADU.
  public struct Level: Sendable, Equatable {
    /// True where the level changes from row to row, false where from column to column.
    public var alongRows: Bool
    /// One level for each row (or column) of the whole raw frame.
    public var values: [Float]
    /// Scatter of one overscan pixel about the level, ADU: the read noise as this frame shows it.
    public var sigma: Double

    /// The level in the middle of the frame, ADU.
    public var middle: Double { values.isEmpty ? .nan : Double(values[values.count / 2]) }
  }

  /// Nil when the section holds fewer than 20 usable pixels.
  public func callAsFunction(_ adu: PixelGrid<Float>, section: PixelRectangle) -> Level? {
    guard section.fits(width: adu.width, height: adu.height) else { return nil }
    return level(OverscanSection(section, of: adu))
  }

  private func level(_ section: OverscanSection) -> Level? {
    let sound = section.soundColumns()
    let clipped = SigmaClip(floor: 0.3)(section.sample(of: sound))
    guard clipped.kept >= 20 else { return nil }

    // A drift of the level along the frame may be larger than its noise, so the reach is generous here.
    let reach = 20 * max(clipped.sigma, 0.3)
    var sums = [Double](repeating: 0, count: section.lines)
    var counts = sums
    for k in sound {
      for line in 0..<section.lines {
        let value = Double(section[line, k])
        if abs(value - clipped.median) <= reach {
          sums[line] += value
          counts[line] += 1
        }
      }
    }
    let places = sums.indices.filter { counts[$0] > 0 }
    let levels = places.map { sums[$0] / counts[$0] }
    let last = section.lines - 1
    let fitted = Polynomial.fit(
      places.map(Double.init), levels, order: min(order, max(0, places.count / 10)), domain: 0...Double(max(last, 1)))
    let values = (0..<section.frameLines).map { Float(fitted(Double(min(max($0 - section.firstLine, 0), last)))) }
    let residuals = section.sample(of: sound, above: values[section.firstLine...])
    return Level(alongRows: section.alongRows, values: values, sigma: SigmaClip(floor: 0.3)(residuals).sigma)
  }
}

/// The pixels of an overscan section, lines along the readout axis, whichever way that runs.
private struct OverscanSection {
  let alongRows: Bool
  /// Of the section, and of the whole frame along the same axis.
  let lines: Int
  let frameLines: Int
  /// Line of the frame that is the section's first.
  let firstLine: Int
  let depth: Int
  /// Column after column, since each is looked at on its own.
  private let values: [Float]

  init(_ section: PixelRectangle, of adu: PixelGrid<Float>) {
    let alongRows = section.height >= section.width
    let lines = alongRows ? section.height : section.width
    self.alongRows = alongRows
    self.lines = lines
    frameLines = alongRows ? adu.height : adu.width
    firstLine = alongRows ? section.y : section.x
    depth = alongRows ? section.width : section.height
    values = [Float](unsafeUninitializedCapacity: section.width * section.height) { values, count in
      adu.pixels.withUnsafeBufferPointer { pixels in
        for y in 0..<section.height {
          let row = (section.y + y) * adu.width + section.x
          for x in 0..<section.width { values[alongRows ? x * lines + y : y * lines + x] = pixels[row + x] }
        }
      }
      count = section.width * section.height
    }
  }

  subscript(line: Int, k: Int) -> Float { values[k * lines + line] }

  /// Columns (or rows) of the section whose median agrees with the others: the first and last are often damaged by the
  /// light that was read before them.
  func soundColumns() -> [Int] {
    var column = [Float](repeating: 0, count: lines)
    let medians = (0..<depth).map { k in
      values.withUnsafeBufferPointer { values in
        let whole = UnsafeBufferPointer(rebasing: values[(k * lines)..<((k + 1) * lines)])
        return Median.counted(whole)
          ?? column.withUnsafeMutableBufferPointer { column in
            var count = 0
            for value in whole where !value.isNaN {
              column[count] = value
              count += 1
            }
            return Double(Median.of(column, count: count))
          }
      }
    }
    let centre = Median.of(medians)
    let limit = max(5 * RobustScale.sigma(medians, about: centre), 1)
    return (0..<depth).filter { abs(medians[$0] - centre) <= limit }
  }

  /// Some two thousand pixels spread over these columns, which tell the scatter to 2 per cent; all where there are no
  /// more. `levels`, one for each line, are subtracted.
  func sample(of columns: [Int], above levels: ArraySlice<Float>? = nil) -> [Float] {
    let step = max(1, columns.count * lines / 2_000)
    return stride(from: 0, to: columns.count * lines, by: step).map { i in
      let line = i % lines
      let value = self[line, columns[i / lines]]
      guard let levels else { return value }
      return value - levels[levels.startIndex + line]
    }
  }
}
