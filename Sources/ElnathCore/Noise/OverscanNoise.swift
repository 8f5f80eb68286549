/// Read noise as the part of a frame shows it that saw no light: a look at it that needs no bias frames.
public enum OverscanNoise {
  /// Variance of the pixels of each line of an overscan section along its long side, ADU^2: columns for the usual strip
  /// of columns. Slopes along the line are taken off. NaN for lines without enough pixels; damaged lines differ from the
  /// others and are left out when they are averaged.
  static func variances(of section: PixelGrid<Float>, step: Double) -> [Double] {
    let alongRows = section.height >= section.width
    let (depth, length) = alongRows ? (section.width, section.height) : (section.height, section.width)
    var scatter = BoxScatter(limit: 4, step: step)
    var line = [Float](repeating: 0, count: length)
    return (0..<depth).map { k in
      for i in 0..<length { line[i] = section.pixels[alongRows ? i * section.width + k : k * section.width + i] }
      return line.withUnsafeMutableBufferPointer { scatter($0, columns: 1)?.variance } ?? .nan
    }
  }

  /// Standard deviation of one pixel, ADU, from the variances of the lines of several frames.
  static func noise(_ frames: [[Double]]) -> MeasuredValue {
    // A line that never changes holds no pixel that was read.
    let looks = frames.map { $0.map { $0 > 0 ? $0 : .nan } }
    return BoxMean.of(looks, weights: looks.map { _ in 1 }).squareRoot
  }
}
