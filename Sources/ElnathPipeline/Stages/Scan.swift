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
  /// Why the file cannot be read; nil when it can.
  public var error: String?
  /// What is already known against the frame: unreadable, time_conflict, duplicate, wrong_size.
  public var flags: QualityFlags
}

extension Scan {
  /// Puts the files in order, numbers the lights, and finds the frames that repeat others or differ in size.
  init(camera: CameraProfile, files: [ScannedFile], badPixelMaps: [String], problems: [String]) {
    let order: [Observation.Kind] = [.bias, .dark, .flat, .unknown]
    var lights = files.filter { $0.observation.kind == .light }.sorted(by: Self.precedes)
    for index in lights.indices { lights[index].frame = index + 1 }
    Self.markDuplicates(&lights)
    Self.markOtherSizes(&lights)
    let others = order.flatMap { kind in
      files.filter { $0.observation.kind == kind }.sorted { $0.observation.file < $1.observation.file }
    }
    self.camera = camera
    self.observations = lights + others
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

  /// Two exposures of a second or more cannot share their middle.
  private static func markDuplicates(_ lights: inout [ScannedFile]) {
    for index in lights.indices.dropFirst() {
      let one = lights[index - 1].observation
      let next = lights[index].observation
      guard next.jdUTC == one.jdUTC, next.exposure == one.exposure, next.exposure >= 1, next.filter == one.filter
      else { continue }
      lights[index].flags.insert(.duplicate)
      lights[index].observation.problems.append("same time, exposure and filter as \(one.file)")
    }
  }

  private static func markOtherSizes(_ lights: inout [ScannedFile]) {
    var counts: [(size: String, count: Int)] = []
    for light in lights where light.error == nil {
      let size = light.observation.size
      if let place = counts.firstIndex(where: { $0.size == size }) {
        counts[place].count += 1
      } else {
        counts.append((size, 1))
      }
    }
    // `max` keeps the last of equals, and the size that came first should win.
    guard counts.count > 1, let usual = counts.reversed().max(by: { $0.count < $1.count })?.size else { return }
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
