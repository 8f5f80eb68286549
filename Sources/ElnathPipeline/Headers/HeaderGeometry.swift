import ElnathCore
import ElnathFITS

/// Finds which part of a frame saw the sky, which gives the bias level, and through which outputs it was read: by the
/// project, else the header, else the layouts of the profile, else the whole image, one output and no overscan.
struct HeaderGeometry {
  let profile: CameraProfile
  let project: InputSettings

  private var rule: GeometryRule { profile.geometry }
  private var outputs: HeaderOutputs {
    HeaderOutputs(rule: rule, gain: profile.gain, readNoise: profile.readNoise)
  }

  /// The geometry of a frame of these images, or why they make none.
  func geometry(
    of images: [FITSImageHeader], _ reading: inout HeaderReading
  ) -> (geometry: FrameGeometry, refusal: String?) {
    let first = images[0]
    if images.count > 1 {
      let whole = PixelRectangle(x: 0, y: 0, width: first.width, height: first.height)
      guard var geometry = joined(images, &reading) else {
        return (FrameGeometry(width: first.width, height: first.height, trim: whole), refusal(images))
      }
      overrideSections(&geometry, &reading)
      return (geometry, nil)
    }
    var geometry = severalOutputs(first, &reading) ?? oneOutput(first, &reading)
    if geometry.pieces.isEmpty && project.imageExtension != nil {
      let whole = PixelRectangle(x: 0, y: 0, width: first.width, height: first.height)
      geometry.pieces = [ReadoutPiece(unit: first.unit, source: whole, x: 0, y: 0)]
    }
    overrideSections(&geometry, &reading)
    return (geometry, nil)
  }

  // MARK: Several outputs

  private func joined(_ images: [FITSImageHeader], _ reading: inout HeaderReading) -> FrameGeometry? {
    let keyword = rule.detector.first { keyword in
      images.allSatisfy { HeaderReading($0.header).text(keyword).flatMap(DirectedSection.init) != nil }
    }
    var found: [OutputSections] = []
    for image in images { found += outputs.all(in: image, detector: keyword, &reading) }
    // Sections of one CCD join only its own images.
    guard Set(images.map { HeaderReading($0.header).text("CCDNAME") ?? "" }).count == 1 || keyword != "CCDSEC" else {
      return nil
    }
    return FrameAssembly(outputs: overridden(found, &reading), image: nil).geometry()
  }

  private func refusal(_ images: [FITSImageHeader]) -> String {
    let list = images.prefix(6).map { "\($0.unit)\($0.name.isEmpty ? "" : " '\($0.name)'") \($0.width)x\($0.height)" }
    let rest = images.count > 6 ? " ..." : ""
    let keywords = rule.detector.joined(separator: " or ")
    let isPlaced = images.allSatisfy { image in
      rule.detector.contains { HeaderReading(image.header).text($0) != nil }
    }
    let why =
      isPlaced
      ? "by \(keywords) they leave gaps or overlap, as several detectors do" : "no \(keywords) joins them to one frame"
    return "holds \(images.count) images (\(list.joined(separator: ", "))\(rest)); \(why); "
      + "name one: extension = number or \"NAME\" under [input]"
  }

  /// Nil for one output.
  private func severalOutputs(_ image: FITSImageHeader, _ reading: inout HeaderReading) -> FrameGeometry? {
    func geometry(_ found: [OutputSections], _ reading: inout HeaderReading) -> FrameGeometry? {
      guard found.count > 1 else { return nil }
      return FrameAssembly(outputs: overridden(found, &reading), image: (image.width, image.height)).geometry()
    }
    let own = ownOutputs(image, &reading)
    if !own.isEmpty {
      let joined = FrameAssembly(outputs: own, image: (image.width, image.height)).geometry()
      if joined == nil { reading.note("the data sections of input.amplifier do not make one frame; they are not used") }
      if let joined { return joined }
    }
    let written = outputs.several(in: image, &reading)
    if written.count > 1 {
      if let geometry = geometry(written, &reading) { return geometry }
      reading.note("the sections of \(written.count) amplifiers in the header do not make one frame; they are not used")
    }
    let saysAnything = reading.text(among: rule.trim + rule.overscan + rule.overscanColumns) != nil
    guard written.isEmpty, !saysAnything, let layout = layout(of: image) else { return nil }
    return geometry(sections(layout.amplifiers ?? [], "the profile", image, isProject: false, &reading), &reading)
  }

  private func layout(of image: FITSImageHeader) -> GeometryLayout? {
    rule.layouts.first { $0.holds(image.width, image.height) }
  }

  /// Those that the project lists with their sections.
  private func ownOutputs(_ image: FITSImageHeader, _ reading: inout HeaderReading) -> [OutputSections] {
    guard project.amplifier.contains(where: { $0.data != nil }) else { return [] }
    return sections(project.amplifier, "input.amplifier", image, isProject: true, &reading)
  }

  private func sections(
    _ layouts: [AmplifierLayout], _ source: String, _ image: FITSImageHeader, isProject: Bool,
    _ reading: inout HeaderReading
  ) -> [OutputSections] {
    let origin: Decoded<Double>.Origin = isProject ? .project : .profile
    var outputs: [OutputSections] = []
    for (index, layout) in layouts.enumerated() {
      let name = layout.name ?? "\(index + 1)"
      guard
        let data = reading.section(
          layout.data, "data of amplifier \(name) in \(source)", width: image.width, height: image.height)
      else { return [] }
      var output = OutputSections(name: name, unit: image.unit, data: data)
      output.overscan = reading.section(
        layout.overscan, "overscan of amplifier \(name) in \(source)", width: image.width, height: image.height)
      output.detector = layout.detector.flatMap(DirectedSection.init)
      output.gain = layout.gain.map { Decoded($0, from: origin) }
      output.readNoise = layout.readNoise.map { Decoded($0, from: origin) }
      outputs.append(output)
    }
    return outputs
  }

  /// What the project says of gain, read noise and overscan of the outputs.
  private func overridden(_ outputs: [OutputSections], _ reading: inout HeaderReading) -> [OutputSections] {
    var outputs = outputs
    for index in outputs.indices {
      // A value of the project for the whole frame wins over those of header and profile.
      if project.gain != nil { outputs[index].gain = nil }
      if project.readNoise != nil { outputs[index].readNoise = nil }
    }
    for own in project.amplifier {
      let name = own.name ?? ""
      guard let index = outputs.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
        let known = outputs.map(\.name).joined(separator: ", ")
        reading.note("input.amplifier: the frame has no amplifier '\(name)' (it has \(known))")
        continue
      }
      if let gain = own.gain { outputs[index].gain = Decoded(gain, from: .project) }
      if let readNoise = own.readNoise { outputs[index].readNoise = Decoded(readNoise, from: .project) }
      if let overscan = own.overscan.flatMap({ PixelRectangle(section: $0) }) { outputs[index].overscan = overscan }
    }
    return outputs
  }

  // MARK: One output

  private func oneOutput(_ image: FITSImageHeader, _ reading: inout HeaderReading) -> FrameGeometry {
    let (width, height) = (image.width, image.height)
    let whole = PixelRectangle(x: 0, y: 0, width: width, height: height)
    var found = header(&reading, width: width, height: height)
    if found.trim == nil && found.overscan == nil, let layout = layout(of: image) {
      if let problem = layout.problem { reading.note(problem) }
      found.trim = reading.section(layout.trim, "trim of the profile", width: width, height: height)
      found.overscan = reading.section(layout.overscan, "overscan of the profile", width: width, height: height)
    }
    if let text = project.trim { found.trim = reading.section(text, "input.trim", width: width, height: height) }
    if let text = project.overscan {
      found.overscan = reading.section(text, "input.overscan", width: width, height: height)
    }
    if project.amplifier.contains(where: { $0.data == nil }) {
      reading.note("input.amplifier: header and profile know no amplifiers of this frame; give each its data section")
    }
    let trim = found.trim ?? whole
    var geometry = FrameGeometry(width: width, height: height, trim: trim, overscan: found.overscan)
    if let overscan = found.overscan, overscan.overlaps(trim) {
      // Without a stated trim, what is not overscan is image: true of the usual strip along one side.
      if found.trim == nil, let rest = whole.cut(by: overscan) {
        geometry.trim = rest
      } else {
        reading.note("overscan \(overscan.section) overlaps the image \(trim.section); the overscan is not used")
        geometry.overscan = nil
      }
    }
    return geometry
  }

  private func header(
    _ reading: inout HeaderReading, width: Int, height: Int
  ) -> (trim: PixelRectangle?, overscan: PixelRectangle?) {
    var image: PixelRectangle?
    var strip: PixelRectangle?
    if let (keyword, text) = reading.text(among: rule.trim) {
      image = reading.section(text, keyword, width: width, height: height)
    }
    if let (keyword, text) = reading.text(among: rule.overscan) {
      strip = reading.section(text, keyword, width: width, height: height)
    }
    let rows = count(rule.overscanRows, below: height, "rows", &reading) ?? 0
    if strip == nil, let columns = count(rule.overscanColumns, below: width, "columns", &reading) {
      strip = PixelRectangle(
        x: width - columns, y: image?.y ?? 0, width: columns, height: image?.height ?? height - rows)
      if image == nil && rows > 0 {
        image = PixelRectangle(x: 0, y: 0, width: width - columns, height: height - rows)
      }
    } else if image == nil && strip == nil && rows > 0 {
      image = PixelRectangle(x: 0, y: 0, width: width, height: height - rows)
      strip = PixelRectangle(x: 0, y: height - rows, width: width, height: rows)
    }
    return (image, strip)
  }

  /// A number of overscan columns or rows; nil for none.
  private func count(
    _ keywords: [String], below most: Int, _ lines: String, _ reading: inout HeaderReading
  ) -> Int? {
    guard let keyword = keywords.first(where: { reading.text($0) != nil }),
      let count = reading.header.integer(keyword), count > 0
    else { return nil }
    guard count < most else {
      reading.note("\(keyword) = \(count) overscan \(lines) do not fit into an image of \(most)")
      return nil
    }
    return count
  }

  // MARK: Sections of the project

  /// Lays the project's own sections over a frame of several outputs.
  private func overrideSections(_ geometry: inout FrameGeometry, _ reading: inout HeaderReading) {
    guard !geometry.amplifiers.isEmpty else { return }
    let (width, height) = (geometry.width, geometry.height)
    if let wanted = reading.section(project.trim, "input.trim", width: width, height: height) {
      guard let trim = wanted.intersection(geometry.trim) else {
        reading.note("input.trim = '\(wanted.section)' lies outside what saw the sky; it is not used")
        return
      }
      geometry.amplifiers = geometry.amplifiers.compactMap { amplifier in
        var amplifier = amplifier
        let area = amplifier.area.moved(x: geometry.trim.x, y: geometry.trim.y)
        guard let rest = area.intersection(trim) else { return nil }
        amplifier.area = rest.moved(x: -trim.x, y: -trim.y)
        return amplifier
      }
      geometry.trim = trim
    }
    if let strip = reading.section(project.overscan, "input.overscan", width: width, height: height) {
      reading.note("input.overscan serves all \(geometry.amplifiers.count) amplifiers of the frame")
      for index in geometry.amplifiers.indices { geometry.amplifiers[index].overscan = strip }
    }
  }
}

extension GeometryLayout {
  func holds(_ imageWidth: Int, _ imageHeight: Int) -> Bool {
    (width.map { $0 == imageWidth } ?? true) && (height.map { $0 == imageHeight } ?? true)
      && imageWidth >= leastWidth ?? 0 && imageHeight >= leastHeight ?? 0
  }
}

extension PixelRectangle {
  func overlaps(_ other: PixelRectangle) -> Bool { intersection(other) != nil }

  fileprivate func moved(x dx: Int, y dy: Int) -> PixelRectangle {
    PixelRectangle(x: x + dx, y: y + dy, width: width, height: height)
  }

  /// What a strip along one whole side leaves; nil when `strip` is anything else.
  fileprivate func cut(by strip: PixelRectangle) -> PixelRectangle? {
    if strip.height == height && strip.y == y && strip.width < width {
      if strip.x == x { return PixelRectangle(x: x + strip.width, y: y, width: width - strip.width, height: height) }
      if strip.x + strip.width == x + width {
        return PixelRectangle(x: x, y: y, width: width - strip.width, height: height)
      }
    }
    if strip.width == width && strip.x == x && strip.height < height {
      if strip.y == y { return PixelRectangle(x: x, y: y + strip.height, width: width, height: height - strip.height) }
      if strip.y + strip.height == y + height {
        return PixelRectangle(x: x, y: y, width: width, height: height - strip.height)
      }
    }
    return nil
  }
}
