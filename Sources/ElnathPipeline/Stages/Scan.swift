import ElnathCore

/// What `scan` knows of the input, from headers alone.
public struct Scan: Sendable, Equatable {
  /// The profile that the headers were read with.
  public var camera: CameraProfile
  /// Every file of the lists: lights in the order of their frame numbers, then biases, darks and flats by path.
  public var observations: [ScannedFile]
  /// Masks of bad pixels, absolute paths.
  public var badPixelMaps: [String]
  /// What concerns no single file: one sentence each.
  public var problems: [String]

  public var lights: [ScannedFile] { observations.filter { $0.observation.kind == .light } }

  /// Where the lights were taken, by the first that tells.
  public var site: Site? { lights.lazy.compactMap(\.observation.site).first }
}

/// One file of the input.
public struct ScannedFile: Sendable, Equatable {
  /// 1... for lights: by mid-time, then path, those without a time last. Nil for all else.
  public var frame: Int?
  public var observation: Observation
  /// Absolute.
  public var path: String
  /// Why the file cannot be used; nil when it can.
  public var error: String?
  /// What is already known against the frame: unreadable, time_conflict, duplicate, wrong_size.
  public var flags: QualityFlags
  /// What the header calls the camera; empty where it does not.
  public var instrument: String
  /// Equal for files of equal size and header; nil where not known.
  var contentMark: ContentMark?

  struct ContentMark: Sendable, Hashable {
    var size: Int
    var header: UInt64
  }

  public init(
    frame: Int? = nil, observation: Observation, path: String, error: String? = nil, flags: QualityFlags = [],
    instrument: String = ""
  ) {
    self.frame = frame
    self.observation = observation
    self.path = path
    self.error = error
    self.flags = flags
    self.instrument = instrument
  }
}

extension Scan {
  /// Puts the files in order, numbers the lights, and finds the frames that repeat others, differ in size, are of
  /// another camera or have no time.
  init(camera: CameraProfile, files: [ScannedFile], badPixelMaps: [String], problems: [String]) {
    let order: [Observation.Kind] = [.bias, .dark, .flat, .unknown]
    var files = files
    Self.leaveOutOtherInstruments(&files)
    var lights = files.filter { $0.observation.kind == .light }.sorted(by: Self.precedes)
    for index in lights.indices { lights[index].frame = index + 1 }
    Self.markWithoutTime(&lights)
    Self.markOtherSizes(&lights)
    let others = order.flatMap { kind in
      files.filter { $0.observation.kind == kind }.sorted { $0.observation.file < $1.observation.file }
    }
    var observations = lights + others
    ScanDuplicates.mark(&observations)
    Self.markUnfit(&observations)
    self.camera = camera
    self.observations = observations
    self.badPixelMaps = badPixelMaps
    self.problems = problems
  }

  private static func precedes(_ a: ScannedFile, _ b: ScannedFile) -> Bool {
    let times = (a.observation.jdUTC, b.observation.jdUTC)
    switch (times.0.isNaN, times.1.isNaN) {
    case (false, true): return true
    case (true, false): return false
    case (false, false) where times.0 != times.1: return times.0 < times.1
    default: return a.observation.file < b.observation.file
    }
  }

  /// Without a time a frame has no place in a light curve.
  private static func markWithoutTime(_ lights: inout [ScannedFile]) {
    for index in lights.indices where lights[index].error == nil && lights[index].observation.jdUTC.isNaN {
      lights[index].flags.insert(.timeConflict)
    }
  }

  private static func leaveOutOtherInstruments(_ files: inout [ScannedFile]) {
    let lights = files.filter { $0.error == nil && $0.observation.kind == .light && !$0.instrument.isEmpty }
    guard let usual = mostFrequent(lights.map(\.instrument)) else { return }
    for index in files.indices where files[index].error == nil && !areAlike(files[index].instrument, usual) {
      let reason = "instrument '\(files[index].instrument)', where the lights have '\(usual)'"
      files[index].error = reason
      files[index].observation.problems.append(reason)
    }
  }

  /// Programs write names of cameras with more or fewer words, and some with none.
  private static func areAlike(_ one: String, _ other: String) -> Bool {
    let (a, b) = (
      one.lowercased().filter { $0.isLetter || $0.isNumber }, other.lowercased().filter { $0.isLetter || $0.isNumber }
    )
    return a.hasPrefix(b) || b.hasPrefix(a)
  }

  /// Calibration frames of a readout that no light has.
  private static func markUnfit(_ files: inout [ScannedFile]) {
    let lights = files.filter { $0.error == nil && $0.observation.kind == .light }.map { ReadoutFormat($0.observation) }
    guard let usual = mostFrequent(lights) else { return }
    let known = Set(lights)
    for index in files.indices where files[index].error == nil {
      let readout = ReadoutFormat(files[index].observation)
      guard [.bias, .dark, .flat].contains(files[index].observation.kind), !known.contains(where: readout.serves) else {
        continue
      }
      files[index].observation.problems.append("\(readout): serves no light frame, for these have \(usual)")
    }
  }

  /// Of several the one that comes first; nil for none.
  private static func mostFrequent<Value: Hashable>(_ values: [Value]) -> Value? {
    var counts: [Value: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    let most = counts.values.max()
    return values.first { counts[$0] == most }
  }

  private static func markOtherSizes(_ lights: inout [ScannedFile]) {
    guard let usual = mostFrequent(lights.filter { $0.error == nil }.map(\.observation.size)) else { return }
    for index in lights.indices where lights[index].error == nil && lights[index].observation.size != usual {
      lights[index].flags.insert(.wrongSize)
      lights[index].observation.problems.append(
        "\(lights[index].observation.size) pixels, where most lights have \(usual)")
    }
  }
}

extension Observation {
  /// Size of the trimmed image.
  fileprivate var size: String { "\(trim.width)x\(trim.height)" }
}
