import ElnathCore

/// Makes one raw frame of several outputs: as they stand in the image where their parts of the sky lie side by side
/// there, else put together as on the detector, with the overscan moved to the right and above.
struct FrameAssembly {
  let outputs: [OutputSections]
  /// Size of the image that holds all outputs; nil where there are several images.
  let image: (width: Int, height: Int)?

  /// Nil where the outputs do not make one frame: unknown places, gaps or overlaps.
  func geometry() -> FrameGeometry? {
    let detector = OutputPlaces.onDetector(outputs).flatMap { $0.tile ? $0 : nil }
    guard let image else { return detector.flatMap(assembled) }
    let places = OutputPlaces.inImage(outputs)
    if places.tile && detector.map({ places.areSame(as: $0) }) ?? true {
      return inPlace(places, width: image.width, height: image.height)
    }
    if let detector { return assembled(detector) }
    guard let joined = OutputPlaces.joined(outputs), joined.tile else { return nil }
    return assembled(joined)
  }

  private func inPlace(_ places: OutputPlaces, width: Int, height: Int) -> FrameGeometry {
    let trim = PixelRectangle(
      x: outputs.map(\.trim.x).min() ?? 0, y: outputs.map(\.trim.y).min() ?? 0, width: places.width,
      height: places.height)
    var geometry = FrameGeometry(width: width, height: height, trim: trim)
    geometry.amplifiers = amplifiers(places, overscans: outputs.map(\.overscan))
    return described(geometry)
  }

  private func assembled(_ places: OutputPlaces) -> FrameGeometry {
    var columns = StripSlots()
    var rows = StripSlots()
    var pieces: [ReadoutPiece] = []
    var overscans: [PixelRectangle?] = []
    func add(_ output: OutputSections, _ index: Int, _ source: PixelRectangle, x: Int, y: Int) {
      pieces.append(
        ReadoutPiece(
          unit: output.unit, source: source, x: x, y: y, flipsX: places.flipsX[index], flipsY: places.flipsY[index]))
    }
    for (index, output) in outputs.enumerated() {
      let area = places.areas[index]
      let trim = output.trim
      add(output, index, trim, x: area.x, y: area.y)
      guard let strip = output.overscan else {
        overscans.append(nil)
        continue
      }
      if strip.height >= strip.width, let part = strip.rows(of: trim) {
        let low = places.flipsY[index] ? trim.y + trim.height - part.y - part.height : part.y - trim.y
        let y = area.y + low
        let x = places.width + columns.take(part.width, y..<(y + part.height))
        add(output, index, part, x: x, y: y)
        overscans.append(PixelRectangle(x: x, y: y, width: part.width, height: part.height))
      } else if strip.height < strip.width, let part = strip.columns(of: trim) {
        let low = places.flipsX[index] ? trim.x + trim.width - part.x - part.width : part.x - trim.x
        let x = area.x + low
        let y = places.height + rows.take(part.height, x..<(x + part.width))
        add(output, index, part, x: x, y: y)
        overscans.append(PixelRectangle(x: x, y: y, width: part.width, height: part.height))
      } else {
        overscans.append(nil)
      }
    }
    let (width, height) = (places.width, places.height)
    var geometry = FrameGeometry(
      width: width + columns.depth, height: height + rows.depth,
      trim: PixelRectangle(x: 0, y: 0, width: width, height: height))
    geometry.pieces = pieces
    geometry.amplifiers = amplifiers(places, overscans: overscans)
    return described(geometry)
  }

  private func amplifiers(_ places: OutputPlaces, overscans: [PixelRectangle?]) -> [Amplifier] {
    outputs.indices.map { index in
      Amplifier(
        name: outputs[index].name, area: places.areas[index], overscan: overscans[index],
        gain: outputs[index].gain?.value, readNoise: outputs[index].readNoise?.value)
    }
  }

  private func described(_ geometry: FrameGeometry) -> FrameGeometry {
    var geometry = geometry
    geometry.gain = mean(outputs.map(\.gain))
    geometry.readNoise = mean(outputs.map(\.readNoise))
    if geometry.amplifiers.count == 1 { geometry.overscan = geometry.amplifiers[0].overscan }
    return geometry
  }

  private func mean(_ values: [Decoded<Double>?]) -> Decoded<Double>? {
    let known = values.compactMap { $0 }
    guard let first = known.first, known.count == values.count else { return nil }
    return Decoded(known.reduce(0) { $0 + $1.value } / Double(known.count), from: first.origin)
  }
}

/// Room beside the frame for the overscan of each output: outputs that lie above each other share columns.
private struct StripSlots {
  private var slots: [(start: Int, depth: Int, taken: [Range<Int>])] = []

  var depth: Int { slots.map { $0.start + $0.depth }.max() ?? 0 }

  /// Where a strip of that depth may start.
  mutating func take(_ wanted: Int, _ lines: Range<Int>) -> Int {
    if let free = slots.firstIndex(where: { slot in
      slot.depth == wanted && !slot.taken.contains { $0.overlaps(lines) }
    }) {
      slots[free].taken.append(lines)
      return slots[free].start
    }
    let start = depth
    slots.append((start, wanted, [lines]))
    return start
  }
}

extension PixelRectangle {
  /// The part in the rows of another rectangle; nil for none.
  fileprivate func rows(of other: PixelRectangle) -> PixelRectangle? {
    intersection(PixelRectangle(x: x, y: other.y, width: width, height: other.height))
  }

  fileprivate func columns(of other: PixelRectangle) -> PixelRectangle? {
    intersection(PixelRectangle(x: other.x, y: y, width: other.width, height: height))
  }
}
