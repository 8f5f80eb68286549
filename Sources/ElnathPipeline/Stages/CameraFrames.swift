import ElnathCore

/// The calibration frames that tell of a camera in one readout: a few that follow each other, since what two frames have
/// in common cancels only while it lasts.
struct CameraFrames: Sendable {
  var readout: ReadoutFormat
  /// The first light: its header tells areas and overscans of the outputs, and what is stated of them.
  var light: ScannedFile
  /// Of one night, by time.
  var biases: [ScannedFile]
  /// The best to begin with first: spread over filters, nights and levels.
  var flatPairs: [Pair]
  /// Of one exposure and night.
  var darks: [ScannedFile]

  /// Two flats of one filter and night, next to each other in exposure and time.
  struct Pair: Sendable {
    var first: ScannedFile
    var second: ScannedFile
  }

  /// Darks beyond three change little: the error of their level is that of the bias.
  private static let mostDarks = 3

  /// What there is for each readout that lights have, in the order of the lights.
  ///
  /// - Parameter pairs: of biases and of flats that are wanted.
  static func choose(from files: [ScannedFile], pairs: Int) -> [CameraFrames] {
    // Whatever the reduction leaves aside, it tells of the camera.
    let groups = CalibrationPlan(files).groups
    var chosen: [CameraFrames] = []
    for light in files where light.error == nil && light.observation.kind == .light {
      let readout = ReadoutFormat(light.observation)
      guard !chosen.contains(where: { $0.readout.serves(readout) }) else { continue }
      chosen.append(CameraFrames(light: light, groups: groups, pairs: pairs))
    }
    return chosen
  }

  private init(light: ScannedFile, groups: [CalibrationGroup], pairs: Int) {
    readout = ReadoutFormat(light.observation)
    self.light = light
    let readout = readout
    func ofKind(_ kind: Observation.Kind) -> [CalibrationGroup] {
      groups.filter { $0.kind == kind && $0.readout.serves(readout) }
    }
    // Of equals the first, which is the earliest.
    let mostBiases = ofKind(.bias).reversed().max { $0.files.count < $1.files.count }
    biases = Array(Self.inSequence(mostBiases?.files ?? []).prefix(2 * pairs))
    // The longest exposure, once there are two of it to tell hot pixels from hits.
    let longestDarks = ofKind(.dark).reversed().max { a, b in
      (min(a.files.count, 2), a.exposure) < (min(b.files.count, 2), b.exposure)
    }
    darks = Array(Self.inSequence(longestDarks?.files ?? []).prefix(Self.mostDarks))
    flatPairs = Self.interleaved(ofKind(.flat).map { Self.pairs(in: Self.inSequence($0.files)) })
  }

  private static func inSequence(_ files: [ScannedFile]) -> [ScannedFile] {
    func precedes(_ a: ScannedFile, _ b: ScannedFile) -> Bool {
      let (one, other) = (a.observation, b.observation)
      if one.exposure != other.exposure, one.exposure.isFinite, other.exposure.isFinite {
        return one.exposure < other.exposure
      }
      if one.jdUTC != other.jdUTC, one.jdUTC.isFinite, other.jdUTC.isFinite { return one.jdUTC < other.jdUTC }
      return one.file < other.file
    }
    // Frames without a time would make the order depend on where it began.
    let isComplete = files.allSatisfy { $0.observation.jdUTC.isFinite && $0.observation.exposure.isFinite }
    return isComplete ? files.sorted(by: precedes) : files.sorted { $0.observation.file < $1.observation.file }
  }

  /// First and second, third and fourth, ...; three frames make two pairs.
  private static func pairs(in files: [ScannedFile]) -> [Pair] {
    let starts = files.count == 3 ? [0, 1] : Array(stride(from: 0, to: files.count - 1, by: 2))
    return spread(starts.count).map { Pair(first: files[starts[$0]], second: files[starts[$0] + 1]) }
  }

  /// 0 ..< count such that the first few lie all over it: first, last, middle, the middles of what is left, ...
  static func spread(_ count: Int) -> [Int] {
    var order: [Int] = []
    var isTaken = [Bool](repeating: false, count: count)
    var parts = 1
    while order.count < count {
      for k in 0...parts {
        let place = ((count - 1) * k + parts / 2) / parts
        if !isTaken[place] {
          isTaken[place] = true
          order.append(place)
        }
      }
      parts *= 2
    }
    return order
  }

  /// The first of each list, then the second of each, ...
  private static func interleaved(_ lists: [[Pair]]) -> [Pair] {
    let most = lists.map(\.count).max() ?? 0
    return (0..<most).flatMap { place in lists.compactMap { place < $0.count ? $0[place] : nil } }
  }
}
