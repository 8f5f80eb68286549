import ElnathCore

/// Calibration frames of one amplifier, pixel by pixel from the definition of gain and read noise.
public struct SyntheticAmplifier: Sendable {
  public var width = 256
  public var height = 256
  /// e-/ADU.
  public var gain = 1.3
  /// Electrons.
  public var readNoise = 7.3
  /// ADU.
  public var bias = 1000.0
  /// Step of the converter, ADU; 0 for pixels that are not rounded.
  public var step = 1.0
  /// Standard deviation of the response from pixel to pixel.
  public var pixelResponse = 0.01
  /// ADU by which rows and columns stand out in every bias, standard deviations.
  public var rowPattern = 0.0
  public var columnPattern = 0.0
  /// ADU from one readout to the next.
  public var drift = 0.0
  /// e-/px/s, of a pixel that is not hot.
  public var darkCurrent = 0.0
  public var hotPixels = 0
  /// Columns to the right that see no light.
  public var overscanColumns = 0
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  public var boxes: SampleBoxes? { SampleBoxes(area: PixelRectangle(x: 0, y: 0, width: width, height: height)) }

  private var pattern: (rows: [Double], columns: [Double], response: [Float], hot: [Int: Double]) {
    var random = SeededGenerator(seed: seed, part: 1)
    let rows = (0..<height).map { _ in rowPattern * random.normal() }
    let columns = (0..<width).map { _ in columnPattern * random.normal() }
    let response = (0..<(width * height)).map { _ in Float(1 + pixelResponse * random.normal()) }
    var hot: [Int: Double] = [:]
    for _ in 0..<hotPixels { hot[Int(random.next() % UInt64(width * height))] = random.uniform(20..<300) }
    return (rows, columns, response, hot)
  }

  /// Frames of several amplifiers side by side in one frame of the given number of columns of them, the first at the
  /// lower left.
  public static func mosaic(_ parts: [RawFrame], across: Int) -> PixelGrid<Float> {
    let (width, height) = (parts[0].adu.width, parts[0].adu.height)
    var pixels: [Float] = []
    for y in 0..<(height * parts.count / across) {
      for k in 0..<across {
        let part = parts[k + across * (y / height)].adu
        pixels += part.pixels[(y % height * width)..<((y % height + 1) * width)]
      }
    }
    return PixelGrid(width: width * across, height: height * parts.count / across, pixels: pixels)
  }

  /// Frame number `index` under `light` (electrons in a pixel of response 1, by x and y), for `exposure` seconds.
  public func frame(_ index: Int, exposure: Double = 0, light: (Int, Int) -> Double = { _, _ in 0 }) -> RawFrame {
    let (rows, columns, response, hot) = pattern
    var random = SeededGenerator(seed: seed, part: UInt64(100 + index))
    let level = bias + drift * random.normal()
    let rawWidth = width + overscanColumns
    var adu: [Float] = []
    adu.reserveCapacity(rawWidth * height)
    for y in 0..<height {
      for x in 0..<rawWidth {
        var electrons = readNoise * random.normal()
        if x < width {
          let place = y * width + x
          let mean = light(x, y) * Double(response[place]) + exposure * (hot[place] ?? darkCurrent)
          electrons += mean > 0 ? random.poisson(mean) : 0
        }
        let value = level + rows[y] + (x < width ? columns[x] : 0) + electrons / gain
        adu.append(Float(step > 0 ? (value / step).rounded() * step : value))
      }
    }
    var observation = Observation(file: "\(index).fits", width: rawWidth, height: height)
    observation.exposure = exposure
    observation.trim = PixelRectangle(x: 0, y: 0, width: width, height: height)
    if overscanColumns > 0 {
      observation.overscan = PixelRectangle(x: width, y: 0, width: overscanColumns, height: height)
    }
    return RawFrame(observation: observation, adu: PixelGrid(width: rawWidth, height: height, pixels: adu))
  }
}
