/// A frame with all that its reduction needs: the whole of it, or boxes where no more is wanted. A frame that was reduced
/// before is handed out as it is.
public struct FrameReduction: Sendable {
  enum Pixels: Sendable {
    case raw(RawFrame, RowReduction)
    /// As the file stores it: light and the boxes about stars come from that, all else is decoded as a whole first.
    case stored(StoredFrame, RowReduction)
    case reduced(Frame)
  }

  private(set) var pixels: Pixels
  /// Nil where nothing but the masters and the saturation level speaks of the pixels.
  private(set) var events: FrameEvents?
  /// The noise of the frame; the mean of its outputs where there are several.
  public let noise: NoiseModel
  /// The noise of each output; empty for one.
  public let amplifierNoise: [AmplifierNoise]
  /// The zero level of each of the observation's `outputs`, in their order; nil where no overscan told it.
  public let levels: [Overscan.Level?]

  init(raw: RawFrame, row: RowReduction, events: FrameEvents? = nil) {
    self.init(.raw(raw, row), row, events)
  }

  /// - Parameter bleeding: the marks of charge that ran over, where they are known.
  init(stored frame: StoredFrame, row: RowReduction, bleeding: SparseMask? = nil) {
    self.init(.stored(frame, row), row, bleeding.map { FrameEvents(marks: $0) })
  }

  private init(_ pixels: Pixels, _ row: RowReduction, _ events: FrameEvents?) {
    self.pixels = pixels
    self.events = events
    levels = row.outputs.map(\.level)
    noise = row.noise
    amplifierNoise = row.amplifierNoise
  }

  /// A frame that was reduced before.
  public init(reduced frame: Frame) {
    pixels = .reduced(frame)
    noise = frame.noise
    amplifierNoise = frame.amplifierNoise
    levels = []
  }

  public var observation: Observation {
    switch pixels {
    case .raw(let raw, _): raw.observation
    case .stored(let frame, _): frame.observation
    case .reduced(let frame): frame.observation
    }
  }

  /// Where high values are; nil where nobody looked.
  private var peaks: PixelPeaks? {
    switch pixels {
    case .raw(let raw, _): raw.peaks
    case .stored(let frame, _): frame.peaks
    case .reduced: nil
    }
  }

  /// Of the trimmed frame.
  public var width: Int {
    switch pixels {
    case .raw(_, let row), .stored(_, let row): row.trim.width
    case .reduced(let frame): frame.width
    }
  }

  public var height: Int {
    switch pixels {
    case .raw(_, let row), .stored(_, let row): row.trim.height
    case .reduced(let frame): frame.height
    }
  }

  /// With its pixels as numbers.
  var decoded: FrameReduction {
    guard case .stored(let frame, let row) = pixels else { return self }
    return FrameReduction(raw: frame.decoded(), row: row, events: events)
  }

  /// The whole frame.
  public func frame() -> Frame {
    switch pixels {
    case .reduced(let frame): return frame
    case .stored: return decoded.frame()
    case .raw(let raw, let row):
      return Frame(
        observation: observation, image: image(), adu: raw.adu.cropped(to: row.trim), inverseFlat: row.flat?.inverse,
        flatVariance: row.flat?.relativeVariance, noise: noise, amplifierNoise: amplifierNoise)
    }
  }

  /// The whole frame, but for what belongs to its raw values and its flat. Each plane is written once: to clear them
  /// first would cost as much as the arithmetic.
  public func image() -> MaskedImage {
    guard case .raw(let raw, let row) = decoded.pixels else { return frame().image }
    let box = PixelRectangle(x: 0, y: 0, width: width, height: height)
    var variance: [Float] = []
    var mask: [PixelMask] = []
    let image = Self.written(width * height) { electrons in
      variance = Self.written(width * height) { variance in
        mask = Self.written(width * height) { mask in
          ReducedBox(box: box, electrons: electrons, variance: variance, mask: mask).write(raw.adu, by: row)
          events?.marks.mark(mask, in: box)
          events?.hotPixels.subtract(from: electrons, variance: variance, in: box)
        }
      }
    }
    return MaskedImage(
      image: PixelGrid(width: width, height: height, pixels: image),
      variance: PixelGrid(width: width, height: height, pixels: variance),
      mask: PixelGrid(width: width, height: height, pixels: mask))
  }

  /// Image and mask as `image` has them, without the variances, for which as much is read and computed again. Nil where
  /// the mask depends on the variances, and for a frame that was reduced before.
  func light() -> (image: PixelGrid<Float>, mask: PixelGrid<PixelMask>)? {
    withStoredPixels { light($0, $1) } ?? nil
  }

  private func light(
    _ raw: StoredPixels, _ row: RowReduction
  ) -> (image: PixelGrid<Float>, mask: PixelGrid<PixelMask>)? {
    guard row.hasFiniteVariances else { return nil }
    let (width, height) = (width, height)
    let rows = PlainRows(raw, row, peaks: peaks)
    var mask: [PixelMask] = []
    let image = Self.written(width * height) { (electrons: UnsafeMutableBufferPointer<Float>) in
      mask = Self.written(width * height) { (mask: UnsafeMutableBufferPointer<PixelMask>) in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { memory in
          let adu = UnsafeMutableBufferPointer(rebasing: memory[..<width])
          let variance = UnsafeMutableBufferPointer(rebasing: memory[width...])
          for y in 0..<height {
            let line = (y * width)..<((y + 1) * width)
            let e = UnsafeMutableBufferPointer(rebasing: electrons[line])
            let m = UnsafeMutableBufferPointer(rebasing: mask[line])
            raw.copy(row: row.trim.y + y, from: row.trim.x, to: adu)
            if row.light(y, adu: adu.span, isPlain: rows.contain(y), electrons: e, mask: m) { continue }
            row(y, columns: 0..<width, adu: adu.span, electrons: e, variance: variance, mask: m)
          }
        }
        events?.marks.mark(mask, in: PixelRectangle(x: 0, y: 0, width: width, height: height))
      }
    }
    return (
      PixelGrid(width: width, height: height, pixels: image), PixelGrid(width: width, height: height, pixels: mask)
    )
  }

  /// Rows of which is known beforehand that every pixel has a value and none reaches a limit.
  private struct PlainRows {
    let peaks: PixelPeaks?
    let limit: Float
    let trim: PixelRectangle
    let width: Int

    init(_ raw: StoredPixels, _ row: RowReduction, peaks: PixelPeaks?) {
      let isPlain =
        switch raw.stored {
        case .integers(_, let zero): row.givesValues(upTo: 32_768 + abs(zero))
        case .reals: false
        }
      self.peaks = isPlain ? peaks : nil
      limit = row.limits.limit
      trim = row.trim
      width = raw.width
    }

    /// `y` of the trimmed frame.
    func contain(_ y: Int) -> Bool {
      guard let peaks else { return false }
      let first = (trim.y + y) * width + trim.x
      return !peaks.mayReach(limit, in: first..<(first + trim.width))
    }
  }

  /// The raw pixels as they are in memory, and the arithmetic for their rows; nil for a frame that was reduced before.
  func withStoredPixels<Result>(_ body: (StoredPixels, RowReduction) -> Result) -> Result? {
    switch pixels {
    case .reduced: return nil
    case .stored(let frame, let row): return frame.withPixels { body($0, row) }
    case .raw(let raw, let row):
      return raw.adu.pixels.withUnsafeBufferPointer {
        body(StoredPixels(width: raw.adu.width, height: raw.adu.height, stored: .reals($0)), row)
      }
    }
  }

  private static func written<Element>(
    _ count: Int, _ body: (UnsafeMutableBufferPointer<Element>) -> Void
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { memory, written in
      body(memory)
      written = count
    }
  }
}

extension FrameReduction {
  /// Marks the charge that ran over from saturated pixels.
  mutating func findBleeding(_ detector: BiasDarkFlat.Detector) {
    let trail = BleedTrail(saturation: detector.saturation, gain: detector.gain, readNoise: detector.readNoise)
    let bleed = withStoredPixels { trail.marks($0, trim: $1.trim, peaks: peaks) } ?? []
    if !bleed.isEmpty { events = FrameEvents(marks: SparseMask(width: width, height: height, runs: bleed)) }
  }

  /// Lays what is known of this frame over its mask. `cosmicRays` nil: they are not looked for.
  public mutating func add(trails: [SatelliteTrail], hotPixels: [HotPixel], cosmicRays: CosmicRays?) {
    var events = events ?? FrameEvents(marks: SparseMask(width: width, height: height))
    events.add(trails: trails)
    events.set(hotPixels: hotPixels, exposure: observation.exposure)
    events.cosmicRays = cosmicRays
    if case .reduced(var frame) = pixels {
      // Its planes are there already. Where it has cosmic rays it was searched when it was written.
      if frame.image.mask.pixels.contains(where: { $0.contains(.cosmicRay) }) { events.cosmicRays = nil }
      let box = PixelRectangle(x: 0, y: 0, width: width, height: height)
      frame.image.mask.pixels.withUnsafeMutableBufferPointer { events.marks.mark($0, in: box) }
      if !events.hotPixels.isEmpty {
        frame.image.image.pixels.withUnsafeMutableBufferPointer { image in
          frame.image.variance.pixels.withUnsafeMutableBufferPointer { variance in
            events.hotPixels.subtract(from: image, variance: variance, in: box)
          }
        }
      }
      pixels = .reduced(frame)
    }
    self.events = events
  }

  /// The whole frame with cosmic rays marked where they are looked for.
  public func searchedFrame() -> Frame {
    var frame = frame()
    if let rays = events?.cosmicRays { frame.image.mask = rays.marked(frame.image) }
    return frame
  }
}

extension FrameReduction: PixelSource {
  /// Reduces this box alone.
  func withPlanes<Result>(in box: PixelRectangle, _ body: (FramePlanes) -> Result) -> Result {
    precondition(box.fits(width: width, height: height), "box outside the frame")
    switch pixels {
    case .reduced(let frame): return frame.withPlanes(in: box, body)
    case .raw(let raw, let row): return withPlanes(raw, row, in: box, body)
    case .stored: return decoded.withPlanes(in: box, body)
    }
  }

  private func withPlanes<Result>(
    _ raw: RawFrame, _ row: RowReduction, in box: PixelRectangle, _ body: (FramePlanes) -> Result
  ) -> Result {
    let count = box.width * box.height
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * count) { memory in
      withUnsafeTemporaryAllocation(of: PixelMask.self, capacity: count) { mask in
        func plane(_ k: Int) -> UnsafeMutableBufferPointer<Float> {
          UnsafeMutableBufferPointer(rebasing: memory[(k * count)..<((k + 1) * count)])
        }
        ReducedBox(box: box, electrons: plane(0), variance: plane(1), mask: mask).write(raw.adu, by: row)
        events?.marks.mark(mask, in: box)
        events?.hotPixels.subtract(from: plane(0), variance: plane(1), in: box)
        let rawBox = PixelRectangle(x: row.trim.x + box.x, y: row.trim.y + box.y, width: box.width, height: box.height)
        raw.adu.copy(rawBox, to: plane(2))
        if let flat = row.flat {
          flat.inverse.copy(box, to: plane(3))
          flat.relativeVariance.copy(box, to: plane(4))
        }
        let planes = ImagePlanes(
          width: width, height: height, box: box, image: UnsafeBufferPointer(plane(0)),
          variance: UnsafeBufferPointer(plane(1)), mask: UnsafeBufferPointer(mask))
        return body(
          FramePlanes(
            planes: planes, adu: UnsafeBufferPointer(plane(2)),
            inverseFlat: row.flat.map { _ in UnsafeBufferPointer(plane(3)) },
            flatVariance: row.flat.map { _ in UnsafeBufferPointer(plane(4)) }))
      }
    }
  }
}
