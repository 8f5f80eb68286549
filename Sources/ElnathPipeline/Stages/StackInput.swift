import ElnathCore
import ElnathFITS

/// One frame on its way into a stack.
struct StackInput: Sendable {
  var observation: Observation
  /// As they lie in the file where `reduction` is to make something of them.
  var rows: FrameRows
  /// Turns raw rows into electrons; nil where the rows are what is stacked.
  var reduction: RowwiseReduction?
  /// Variances of the rows, where those are known and not made by `reduction`.
  var variances: FrameRows?
  /// The same rows as integers, where the file holds such.
  var integers: RowReader?
  /// From the reference frame to this one; nil where pixel lies on pixel.
  var transform: FrameTransform?
  /// What is taken from its values first, and what they are multiplied by then.
  var sky = 0.0
  var factor = 1.0
  /// The noise that its sky was seen to have, where that is to correct the variances.
  var skyNoise: SkyNoise?
  var frame = StackKernel.Frame()

  var isPlain: Bool { transform == nil && sky == 0 && factor == 1 && !hasVariances }

  var hasVariances: Bool { reduction != nil || variances != nil }

  /// Rows of the frame less its sky, brought to the light of the others, with gaps where they tell nothing.
  ///
  /// - Parameters:
  ///   - values, variances: room for the rows; the second is left alone where none are known.
  ///   - saturated: told the pixels that were saturated.
  func read(
    _ rows: Range<Int>, values: UnsafeMutableBufferPointer<Float>, variances: UnsafeMutableBufferPointer<Float>,
    saturated: (_ x: Int, _ y: Int) -> Void
  ) throws(PipelineError) {
    guard !rows.isEmpty else { return }
    try readPlain(rows, values: values, variances: variances, saturated: saturated)
    guard hasVariances, let skyNoise else { return }
    let scale = Float(factor * factor)
    for i in 0..<values.count { variances[i] = skyNoise.corrected(variances[i] / scale) * scale }
  }

  private func readPlain(
    _ rows: Range<Int>, values: UnsafeMutableBufferPointer<Float>, variances: UnsafeMutableBufferPointer<Float>,
    saturated: (_ x: Int, _ y: Int) -> Void
  ) throws(PipelineError) {
    let width = values.count / rows.count
    func line(_ buffer: UnsafeMutableBufferPointer<Float>, _ y: Int) -> UnsafeMutableBufferPointer<Float> {
      let place = (y - rows.lowerBound) * width
      return UnsafeMutableBufferPointer(rebasing: buffer[place..<(place + width)])
    }
    let (sky, factor) = (Float(sky), Float(factor))
    if let reduction {
      let mask = UnsafeMutableBufferPointer<PixelMask>.allocate(capacity: width)
      defer { mask.deallocate() }
      let raw = reduction.rawRows(rows)
      try self.rows.read(rows: raw) { row, adu in
        let y = row - raw.lowerBound + rows.lowerBound
        let (electrons, variance) = (line(values, y), line(variances, y))
        reduction.reduce(adu, row: y, electrons: electrons, variance: variance, mask: mask)
        if StackLight.take(electrons: electrons, variance: variance, mask: mask, sky: sky, factor: factor) {
          for x in 0..<width where mask[x].contains(.saturated) { saturated(x, y) }
        }
      }
      return
    }
    try self.rows.read(rows: rows) { y, read in
      let out = line(values, y)
      if sky == 0 && factor == 1 {
        _ = out.update(fromContentsOf: read)
      } else {
        for x in 0..<width { out[x] = (read[x] - sky) * factor }
      }
    }
    try self.variances?.read(rows: rows) { y, read in
      let out = line(variances, y)
      for x in 0..<width { out[x] = read[x] * factor * factor }
    }
  }
}

extension StackInput {
  /// A light frame that is reduced while it is read. One that was reduced before lies in copies in `folder`, as does one
  /// whose file does not hold its rows as they are.
  ///
  /// - Parameters:
  ///   - factor: by which its light must be multiplied to be that of the other frames.
  init(
    _ reduction: FrameReduction, of light: ScannedFile, folder: String, registration: FrameTransform?, sky: Double,
    factor: Double
  ) throws(StageError) {
    let variance = factor * factor * (reduction.noise.constantVariance + max(0, sky))
    let rows: FrameRows
    var variances: FrameRows?
    do throws(PipelineError) {
      if let raw = reduction.raw {
        rows = try FrameRows(raw, path: light.path, held: false, folder: folder)
      } else {
        let frame = reduction.frame()
        var values = frame.image.image.pixels
        for (i, mask) in frame.image.mask.pixels.enumerated() where !mask.isDisjoint(with: StackLight.unusable) {
          values[i] = .nan
        }
        let grid = PixelGrid(width: frame.width, height: frame.height, pixels: values)
        rows = .copy(try FrameCopy(grid, folder: folder))
        variances = .copy(try FrameCopy(frame.image.variance, folder: folder))
      }
    } catch {
      throw StageError(.unreadable, error.description)
    }
    self.init(
      observation: light.observation, rows: rows, reduction: reduction.rowwise, variances: variances,
      transform: registration, sky: sky, factor: factor, frame: .measured(weight: 1 / variance))
  }
}

extension [StackInput] {
  /// Takes the noise that the skies of the frames have for that which gain and read noise give them, where the two
  /// contradict each other; returns the median of their ratio then.
  mutating func takeMeasuredNoise(_ measured: [SkyNoise?]) -> Double? {
    let known = measured.compactMap { $0 }
    guard !known.isEmpty, SkyNoise.contradicts(known) else { return nil }
    let usual = Median.of(known.map(\.ratio))
    for k in indices {
      let noise =
        measured[k] ?? SkyNoise(expected: 1 / (self[k].frame.weight * self[k].factor * self[k].factor), ratio: usual)
      self[k].skyNoise = noise
      self[k].frame.weight = 1 / (self[k].factor * self[k].factor * noise.ratio * noise.expected)
    }
    return usual
  }
}
