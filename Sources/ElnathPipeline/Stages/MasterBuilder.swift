import ElnathCore

/// Makes the masters of a project from its calibration frames.
public struct MasterBuilder: Sendable {
  public let settings: ReduceSettings
  public let runner: SeriesRunner

  public init(_ settings: ReduceSettings, runner: SeriesRunner) {
    self.settings = settings
    self.runner = runner
  }

  /// The masters, how each came about, and what people should know.
  public struct Product: Sendable {
    public var masters = Masters()
    public var records: [MasterRecord] = []
    /// Sentences for log and report: what is missing, what was left out and why.
    public var remarks: [String] = []
  }

  /// - Parameters:
  ///   - files: bias, dark and flat frames whose headers were understood; others are ignored.
  ///   - lights: the light frames they are to serve: they fix size, filters and gain.
  public func callAsFunction(
    _ files: [Observation], lights: [Observation], read: @escaping @Sendable (Observation) throws -> RawFrame
  ) async throws -> Product {
    var product = Product()
    guard let size = Self.commonSize(lights) else { return product }
    func ofKind(_ kind: Observation.Kind, _ wanted: Bool) -> [Observation] {
      wanted ? files.filter { $0.kind == kind } : []
    }
    let biases = ofKind(.bias, settings.bias)
    let darks = ofKind(.dark, settings.dark)
    let flats = ofKind(.flat, settings.flat)

    let biasFrames = try await load(biases, size: size, read: read, product: &product)
    var noise = Self.readNoiseADU(biasFrames.map(\.grid))
    if !biasFrames.isEmpty {
      let master = combine(biasFrames, noise: .init(constant: noise * noise, linear: 0))
      product.masters.bias = master
      product.records.append(MasterRecord(kind: .bias, filter: "", master: master, files: biasFrames.map(\.file)))
    } else {
      product.remarks.append("no bias frames: the bias pattern is not subtracted")
      noise = Self.readNoiseADU(lights)
    }
    let zeroKnown = product.masters.bias != nil || lights.contains { $0.overscan != nil }

    try await addDarks(darks, size: size, zeroKnown: zeroKnown, noise: noise, read: read, product: &product)
    if darks.isEmpty { product.remarks.append("no dark frames: dark current is not subtracted") }
    let filters = Set(lights.map(\.filter))
    for filter in filters.sorted() {
      let ofFilter = flats.filter { $0.filter == filter }
      let called = filter.isEmpty ? "lights without a filter" : "filter \(filter)"
      if ofFilter.isEmpty {
        product.remarks.append("no flat frames for \(called): the response of the pixels is not corrected")
      } else if !zeroKnown {
        product.remarks.append(
          "flat frames for \(called) are not used: without bias frames or an overscan their zero level is unknown")
      } else {
        try await addFlat(ofFilter, filter: filter, size: size, noise: noise, read: read, product: &product)
      }
    }
    let orphans = Set(flats.map(\.filter)).subtracting(filters).sorted()
    if !orphans.isEmpty {
      product.remarks.append("flat frames of \(orphans.joined(separator: ", ")) serve no light frame")
    }
    return product
  }

  private struct Loaded: Sendable {
    var file: String
    var grid: PixelGrid<Float>
    var exposure: Double
    var median: Double
    var gain: Double
    var saturation: Double
  }

  private func addDarks(
    _ darks: [Observation], size: PixelSize, zeroKnown: Bool, noise: Double,
    read: @escaping @Sendable (Observation) throws -> RawFrame, product: inout Product
  ) async throws {
    var masters: [Master] = []
    for exposure in Set(darks.map(\.exposure)).sorted() where exposure > 0 {
      var frames = try await load(darks.filter { $0.exposure == exposure }, size: size, read: read, product: &product)
      guard !frames.isEmpty else { continue }
      if let bias = product.masters.bias {
        for i in frames.indices { frames[i].grid = frames[i].grid.minus(bias.image) }
        for frame in frames where frame.grid.sampledMedian < -10 * max(noise, 1) {
          product.remarks.append("\(frame.file): darker than the bias frames, not used (\(frame.median) ADU)")
        }
        frames.removeAll { $0.grid.sampledMedian < -10 * max(noise, 1) }
        guard !frames.isEmpty else { continue }
      }
      let gain = frames[0].gain
      var master = combine(
        frames, noise: .init(constant: noise * noise, linear: gain > 0 ? 1 / gain : 0), exposure: exposure)
      if gain > 0 { BadPixels.mark(inDark: &master, gain: gain, readNoise: noise * gain) }
      masters.append(master)
      product.records.append(MasterRecord(kind: .dark, filter: "", master: master, files: frames.map(\.file)))
    }
    if !masters.isEmpty && !zeroKnown {
      product.remarks.append(
        "no bias frames and no overscan: dark frames serve only light frames of the same exposure")
    }
    product.masters = Masters(bias: product.masters.bias, darks: masters, darksContainBias: !zeroKnown)
  }

  private func addFlat(
    _ flats: [Observation], filter: String, size: PixelSize, noise: Double,
    read: @escaping @Sendable (Observation) throws -> RawFrame, product: inout Product
  ) async throws {
    var frames: [Loaded] = []
    var constant = 0.0
    var linear = 0.0
    for var frame in try await load(flats, size: size, read: read, product: &product) {
      if frame.median > 0.95 * frame.saturation {
        product.remarks.append("\(frame.file): saturated flat, not used (median \(frame.median) ADU)")
        continue
      }
      if let bias = product.masters.bias { frame.grid = frame.grid.minus(bias.image) }
      if let dark = product.masters.dark(forExposure: frame.exposure) {
        frame.grid = frame.grid.minus(dark.master.image, scale: Float(dark.scale))
      }
      let level = frame.grid.sampledMedian
      guard level > 10 * max(noise, 1) else {
        product.remarks.append("\(frame.file): empty flat, not used (level \(level) ADU)")
        continue
      }
      frame.grid = frame.grid.divided(by: Float(level))
      constant += noise * noise / (level * level)
      linear += 1 / (frame.gain * level)
      frames.append(frame)
    }
    guard !frames.isEmpty else {
      product.remarks.append("no usable flat frames for filter \(filter): the response is not corrected")
      return
    }
    let n = Double(frames.count)
    var master = combine(frames, noise: .init(constant: constant / n, linear: linear / n))
    BadPixels.mark(inFlat: &master)
    product.masters.flats[filter] = FlatField(response: master)
    product.records.append(MasterRecord(kind: .flat, filter: filter, master: master, files: frames.map(\.file)))
  }

  private func combine(_ frames: [Loaded], noise: MasterCombination.Noise, exposure: Double = 0) -> Master {
    MasterCombination(limit: settings.rejectLimit)(frames.map(\.grid), noise: noise, exposure: exposure)
  }

  /// Reads, overscan-corrects and trims; frames that are unreadable, of another size, or far off the others' level are
  /// left out with a remark.
  private func load(
    _ files: [Observation], size: PixelSize, read: @escaping @Sendable (Observation) throws -> RawFrame,
    product: inout Product
  ) async throws -> [Loaded] {
    let overscan = Overscan(order: settings.overscanOrder)
    let outcomes = try await runner.map(files) { observation -> Swift.Result<Loaded, StageError> in
      guard observation.trim.width == size.width && observation.trim.height == size.height else {
        return .failure(
          StageError(
            .wrongSize, "\(observation.trim.width)x\(observation.trim.height) px where the lights have \(size)"))
      }
      do {
        let raw = try read(observation)
        let median = raw.adu.sampledMedian
        guard median.isFinite else { return .failure(StageError(.unreadable, "no pixel has a value")) }
        return .success(
          Loaded(
            file: observation.file, grid: BiasDarkFlat.overscanCorrected(raw, overscan: overscan),
            exposure: observation.exposure, median: median, gain: observation.gain?.value ?? .nan,
            saturation: observation.saturation?.value ?? .infinity))
      } catch {
        return .failure(StageError(.unreadable, "\(error)"))
      }
    }
    var loaded: [Loaded] = []
    for (file, outcome) in zip(files, outcomes) {
      switch outcome {
      case .success(let frame): loaded.append(frame)
      case .failure(let error): product.remarks.append("\(file.file): \(error.reason), not used")
      }
    }
    return withoutOddOnesOut(loaded, kind: files.first?.kind ?? .unknown, product: &product)
  }

  /// Bias and dark frames share one level; one that does not was exposed to light.
  private func withoutOddOnesOut(_ frames: [Loaded], kind: Observation.Kind, product: inout Product) -> [Loaded] {
    guard kind != .flat, frames.count >= 3 else { return frames }
    let levels = frames.map(\.median)
    let centre = Median.of(levels)
    let limit = max(10 * RobustScale.sigma(levels, about: centre), 0.05 * abs(centre), 5)
    return frames.filter { frame in
      if abs(frame.median - centre) <= limit { return true }
      product.remarks.append(
        "\(frame.file): level \(frame.median) ADU where the other \(kind.rawValue) frames have \(centre), not used")
      return false
    }
  }

  /// The trimmed size that most lights have.
  private static func commonSize(_ lights: [Observation]) -> PixelSize? {
    var counts: [PixelSize: Int] = [:]
    for light in lights { counts[PixelSize(width: light.trim.width, height: light.trim.height), default: 0] += 1 }
    return counts.max { ($0.value, $0.key.width, $0.key.height) < ($1.value, $1.key.width, $1.key.height) }?.key
  }

  /// Read noise in ADU from the difference of bias frames; 0 for fewer than two.
  private static func readNoiseADU(_ frames: [PixelGrid<Float>]) -> Double {
    guard frames.count >= 2 else { return 0 }
    let scatters = zip(frames, frames.dropFirst()).prefix(4).map { MasterCombination.pairNoise($0, $1) }
    return Median.of(Array(scatters))
  }

  private static func readNoiseADU(_ lights: [Observation]) -> Double {
    let known = lights.compactMap { light in light.readNoise.flatMap { r in light.gain.map { r.value / $0.value } } }
    return known.isEmpty ? 0 : Median.of(known)
  }
}

/// How a master came about: a row of `masters.csv`.
public struct MasterRecord: Sendable {
  public var kind: Observation.Kind
  public var filter: String
  public var master: Master
  public var files: [String]

  /// File name, as `bias.fits`, `dark_60s.fits`, `flat_R.fits`.
  public var fileName: String {
    switch kind {
    case .dark:
      let seconds = Int(exactly: master.exposure).map(String.init) ?? "\(master.exposure)"
      return "dark_\(seconds)s.fits"
    case .flat:
      return
        "flat_\(filter.isEmpty ? "none" : filter.map { $0.isLetter || $0.isNumber ? $0 : "_" }.map(String.init).joined()).fits"
    default: return "\(kind.rawValue).fits"
    }
  }
}
