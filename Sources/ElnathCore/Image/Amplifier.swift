/// One output of a detector, and the part of the frame that was read through it.
public struct Amplifier: Sendable, Equatable {
  /// As headers or the profile call it, such as `A` or `ur`; empty for the only one.
  public var name: String
  /// Of the trimmed frame. The areas of all amplifiers tile it.
  public var area: PixelRectangle
  /// Of the raw frame: the part that saw no light and was read through this output; nil for none.
  public var overscan: PixelRectangle?
  /// e-/ADU; nil for that of the observation.
  public var gain: Double?
  /// Electrons; nil for that of the observation.
  public var readNoise: Double?

  public init(
    name: String = "", area: PixelRectangle, overscan: PixelRectangle? = nil, gain: Double? = nil,
    readNoise: Double? = nil
  ) {
    self.name = name
    self.area = area
    self.overscan = overscan
    self.gain = gain
    self.readNoise = readNoise
  }
}

extension Observation {
  /// The outputs that the trimmed frame was read through, one where none are named, each with the gain (e-/ADU) and the
  /// read noise (e-) that hold for it; nil where neither the output nor the observation knows them.
  public var outputs: [Amplifier] {
    guard !amplifiers.isEmpty else {
      let whole = PixelRectangle(x: 0, y: 0, width: trim.width, height: trim.height)
      return [Amplifier(area: whole, overscan: overscan, gain: gain?.value, readNoise: readNoise?.value)]
    }
    return amplifiers.map { amplifier in
      var known = amplifier
      known.gain = amplifier.gain ?? gain?.value
      known.readNoise = amplifier.readNoise ?? readNoise?.value
      return known
    }
  }

  /// True where every pixel of the trimmed frame lies in the area of exactly one output.
  public var outputsTileFrame: Bool {
    let areas = outputs.map(\.area)
    guard areas.allSatisfy({ $0.fits(width: trim.width, height: trim.height) }) else { return false }
    for (i, area) in areas.enumerated() {
      if areas[..<i].contains(where: { $0.intersection(area) != nil }) { return false }
    }
    return areas.reduce(0) { $0 + $1.width * $1.height } == trim.width * trim.height
  }
}
