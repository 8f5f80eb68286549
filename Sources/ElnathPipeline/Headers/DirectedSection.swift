import ElnathCore

/// A section whose ends may be reversed: `[2048:1,1:4096]` runs from right to left.
struct DirectedSection: Equatable {
  var block: PixelRectangle
  var isReversedX: Bool
  var isReversedY: Bool

  /// Nil for text that is no section.
  init?(_ text: String) {
    guard let block = PixelRectangle(section: text) else { return nil }
    let ends = text.split { "[:,]".contains($0) }.compactMap { Int($0.withoutOuterBlanks) }
    guard ends.count == 4 else { return nil }
    self.block = block
    isReversedX = ends[0] > ends[1]
    isReversedY = ends[2] > ends[3]
  }
}

/// One output of the detector as header, profile or project describe it, in pixels of the image that holds it.
struct OutputSections: Equatable {
  var name = ""
  /// Header-data unit of the image.
  var unit = 0
  /// What was read from `detector`, and the part of it that is wanted.
  var data: PixelRectangle
  var trim: PixelRectangle
  var overscan: PixelRectangle?
  /// In pixels of the detector, which binning does not change.
  var detector: DirectedSection?
  var gain: Decoded<Double>?
  var readNoise: Decoded<Double>?

  init(name: String = "", unit: Int = 0, data: PixelRectangle) {
    self.name = name
    self.unit = unit
    self.data = data
    trim = data
  }
}

/// The raw frame and its parts.
struct FrameGeometry: Equatable {
  var width: Int
  var height: Int
  var trim: PixelRectangle
  var overscan: PixelRectangle?
  var amplifiers: [Amplifier] = []
  /// Empty where the one image of the file is the raw frame.
  var pieces: [ReadoutPiece] = []
  /// Means of the outputs, where all have their own.
  var gain: Decoded<Double>?
  var readNoise: Decoded<Double>?
}
