import ElnathCore

/// Where the wanted parts of several outputs lie in one trimmed frame.
struct OutputPlaces: Equatable {
  /// In the order of the outputs. The least column and row are 0.
  private(set) var areas: [PixelRectangle]
  private(set) var flipsX: [Bool]
  private(set) var flipsY: [Bool]

  private init(_ areas: [PixelRectangle], flipsX: [Bool]? = nil, flipsY: [Bool]? = nil) {
    let left = areas.map(\.x).min() ?? 0
    let bottom = areas.map(\.y).min() ?? 0
    self.areas = areas.map { PixelRectangle(x: $0.x - left, y: $0.y - bottom, width: $0.width, height: $0.height) }
    self.flipsX = flipsX ?? areas.map { _ in false }
    self.flipsY = flipsY ?? areas.map { _ in false }
  }

  var width: Int { areas.map { $0.x + $0.width }.max() ?? 0 }
  var height: Int { areas.map { $0.y + $0.height }.max() ?? 0 }

  /// True where every pixel of the frame belongs to one output.
  var tile: Bool {
    for (i, area) in areas.enumerated() where areas[..<i].contains(where: { $0.intersection(area) != nil }) {
      return false
    }
    return areas.reduce(0) { $0 + $1.width * $1.height } == width * height
  }

  /// As they lie in the one image that holds them.
  static func inImage(_ outputs: [OutputSections]) -> OutputPlaces { OutputPlaces(outputs.map(\.trim)) }

  /// As they lie in the image, pushed together where something lies between: their columns and rows must line up.
  static func joined(_ outputs: [OutputSections]) -> OutputPlaces? {
    guard let across = bands(outputs.map { $0.trim.x..<($0.trim.x + $0.trim.width) }),
      let up = bands(outputs.map { $0.trim.y..<($0.trim.y + $0.trim.height) })
    else { return nil }
    return OutputPlaces(
      zip(outputs, zip(across, up)).map {
        PixelRectangle(x: $1.0, y: $1.1, width: $0.trim.width, height: $0.trim.height)
      })
  }

  /// Where each range starts when nothing lies between them; nil where two overlap in part.
  private static func bands(_ ranges: [Range<Int>]) -> [Int]? {
    var distinct: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !distinct.contains(range) {
      if let last = distinct.last, range.lowerBound < last.upperBound { return nil }
      distinct.append(range)
    }
    return ranges.map { range in
      distinct.prefix { $0 != range }.reduce(0) { $0 + $1.count }
    }
  }

  /// As they lie on the detector; nil where not all of them tell. Binned pixels may be any whole number of the
  /// detector's, the same for all.
  static func onDetector(_ outputs: [OutputSections]) -> OutputPlaces? {
    let sections = outputs.compactMap(\.detector)
    guard sections.count == outputs.count, let first = sections.first,
      let x = binning(first.block.width, outputs[0].data.width),
      let y = binning(first.block.height, outputs[0].data.height)
    else { return nil }
    let left = sections.map(\.block.x).min() ?? 0
    let bottom = sections.map(\.block.y).min() ?? 0
    var areas: [PixelRectangle] = []
    for (output, section) in zip(outputs, sections) {
      guard binning(section.block.width, output.data.width) == x,
        binning(section.block.height, output.data.height) == y
      else { return nil }
      let (data, trim) = (output.data, output.trim)
      let fromLeft = section.isReversedX ? data.x + data.width - trim.x - trim.width : trim.x - data.x
      let fromBottom = section.isReversedY ? data.y + data.height - trim.y - trim.height : trim.y - data.y
      // A binned pixel at the edge may be of fewer of the detector's.
      areas.append(
        PixelRectangle(
          x: (section.block.x - left + x / 2) / x + fromLeft, y: (section.block.y - bottom + y / 2) / y + fromBottom,
          width: trim.width, height: trim.height))
    }
    return OutputPlaces(areas, flipsX: sections.map(\.isReversedX), flipsY: sections.map(\.isReversedY))
  }

  private static func binning(_ detector: Int, _ image: Int) -> Int? {
    let factor = max(1, (detector + image / 2) / image)
    return factor <= 16 && abs(detector - factor * image) < factor ? factor : nil
  }

  /// True where these places are the others as they are, or seen in a mirror as a whole.
  func areSame(as other: OutputPlaces) -> Bool {
    [(false, false), (true, false), (false, true), (true, true)].contains { other.mirrored($0, $1) == self }
  }

  private func mirrored(_ inX: Bool, _ inY: Bool) -> OutputPlaces {
    let (width, height) = (width, height)
    return OutputPlaces(
      areas.map {
        PixelRectangle(
          x: inX ? width - $0.x - $0.width : $0.x, y: inY ? height - $0.y - $0.height : $0.y, width: $0.width,
          height: $0.height)
      }, flipsX: flipsX.map { $0 != inX }, flipsY: flipsY.map { $0 != inY })
  }
}
