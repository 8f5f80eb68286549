import ElnathCore

extension GeometryRule {
  /// Which part of an image of this size saw the sky and which gives the bias level: by the project, else the header,
  /// else the layouts of the profile, else the whole image and none.
  func sections(
    in reading: inout HeaderReading, width: Int, height: Int, project: InputSettings
  ) -> (trim: PixelRectangle, overscan: PixelRectangle?) {
    let whole = PixelRectangle(x: 0, y: 0, width: width, height: height)
    var found = header(&reading, width: width, height: height)
    if found.trim == nil && found.overscan == nil, let layout = layouts.first(where: { $0.holds(width, height) }) {
      if let problem = layout.problem { reading.note(problem) }
      found.trim = section(layout.trim, "trim of the profile", &reading, width, height)
      found.overscan = section(layout.overscan, "overscan of the profile", &reading, width, height)
    }
    if let text = project.trim { found.trim = section(text, "input.trim", &reading, width, height) }
    if let text = project.overscan { found.overscan = section(text, "input.overscan", &reading, width, height) }

    let trim = found.trim ?? whole
    if let overscan = found.overscan, overscan.overlaps(trim) {
      // Without a stated trim, what is not overscan is image: true of the usual strip along one side.
      if found.trim == nil, let rest = whole.cut(by: overscan) { return (rest, overscan) }
      reading.note("overscan \(overscan.section) overlaps the image \(trim.section); the overscan is not used")
      return (trim, nil)
    }
    return (trim, found.overscan)
  }

  private func header(
    _ reading: inout HeaderReading, width: Int, height: Int
  ) -> (trim: PixelRectangle?, overscan: PixelRectangle?) {
    var image: PixelRectangle?
    var strip: PixelRectangle?
    if let (keyword, text) = reading.text(among: trim) { image = section(text, keyword, &reading, width, height) }
    if let (keyword, text) = reading.text(among: overscan) { strip = section(text, keyword, &reading, width, height) }
    if strip == nil, let keyword = overscanColumns.first(where: { reading.text($0) != nil }),
      let columns = reading.header.integer(keyword), columns > 0
    {
      if columns < width {
        strip = PixelRectangle(x: width - columns, y: image?.y ?? 0, width: columns, height: image?.height ?? height)
      } else {
        reading.note("\(keyword) = \(columns) overscan columns do not fit into \(width)x\(height) pixels")
      }
    }
    return (image, strip)
  }

  private func section(
    _ text: String?, _ source: String, _ reading: inout HeaderReading, _ width: Int, _ height: Int
  ) -> PixelRectangle? {
    guard let text else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let closed =
      parts.count == 2
      ? parts[0].replacing("*", with: "\(width)") + "," + parts[1].replacing("*", with: "\(height)") : text
    guard let rectangle = PixelRectangle(section: closed) else {
      reading.note("\(source) = '\(text)' is not a section [x1:x2,y1:y2]")
      return nil
    }
    guard rectangle.fits(width: width, height: height) else {
      reading.note("\(source) = '\(text)' lies outside the \(width)x\(height) pixels of the image")
      return nil
    }
    return rectangle
  }
}

extension GeometryLayout {
  func holds(_ imageWidth: Int, _ imageHeight: Int) -> Bool {
    (width.map { $0 == imageWidth } ?? true) && (height.map { $0 == imageHeight } ?? true)
      && imageWidth >= leastWidth ?? 0 && imageHeight >= leastHeight ?? 0
  }
}

extension PixelRectangle {
  func overlaps(_ other: PixelRectangle) -> Bool {
    x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
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
