import ElnathCore
import ElnathFITS

/// The outputs that a header describes.
struct HeaderOutputs {
  let rule: GeometryRule
  /// What is believed of a gain and a read noise.
  let gain: CameraValue
  let readNoise: CameraValue

  /// Those of an image that holds several; empty where the header does not describe any, or not soundly.
  func several(in image: FITSImageHeader, _ reading: inout HeaderReading) -> [OutputSections] {
    let header = HeaderReading(image.header)
    var outputs: [OutputSections] = []
    for name in names(header) {
      guard let data = section(rule.amplifiers.data, name, header, image, &reading) else { continue }
      var output = OutputSections(name: name, unit: image.unit, data: data)
      if let trim = section(rule.amplifiers.trim, name, header, image, &reading) {
        if let wanted = trim.intersection(data) { output.trim = wanted }
      }
      output.overscan = section(rule.amplifiers.overscan, name, header, image, &reading)
      output.gain = number(rule.amplifiers.gain, name, gain, header) { $0 > 0 }
      output.readNoise = number(rule.amplifiers.readNoise, name, readNoise, header) { $0 >= 0 }
      outputs.append(output)
    }
    // The same keyword for all, or none: they count in different pixels.
    for pattern in rule.amplifiers.detector {
      let sections = outputs.map { header.text(Self.keyword(pattern, $0.name)).flatMap(DirectedSection.init) }
      guard !outputs.isEmpty, sections.allSatisfy({ $0 != nil }) else { continue }
      for index in outputs.indices { outputs[index].detector = sections[index] }
      break
    }
    return outputs
  }

  /// Of an image of a file with several: one output, or several that it describes.
  func all(in image: FITSImageHeader, detector keyword: String?, _ reading: inout HeaderReading) -> [OutputSections] {
    let header = HeaderReading(image.header)
    let place = keyword.flatMap { header.text($0) }.flatMap(DirectedSection.init)
    var inner = several(in: image, &reading)
    if inner.count > 1 {
      let prefix = image.name.isEmpty ? "\(image.unit)" : image.name
      for index in inner.indices { inner[index].name = "\(prefix) \(inner[index].name)" }
      return inner
    }
    let whole = PixelRectangle(x: 0, y: 0, width: image.width, height: image.height)
    let data = plain(["DATASEC"], header, image, &reading)
    let trim = plain(rule.trim, header, image, &reading)
    var output = OutputSections(
      name: image.name.isEmpty ? "\(image.unit)" : image.name, unit: image.unit, data: data ?? trim ?? whole)
    if let wanted = trim?.intersection(output.data) { output.trim = wanted }
    output.overscan = plain(rule.overscan, header, image, &reading)
    output.detector = place
    output.gain = number(gain.keywords, "", gain, header) { $0 > 0 }
    output.readNoise = number(readNoise.keywords, "", readNoise, header) { $0 >= 0 }
    return [output]
  }

  private func names(_ header: HeaderReading) -> [String] {
    func split(_ text: String) -> [String] { text.split { $0 == " " || $0 == "," }.map(String.init) }
    if let (_, list) = header.text(among: rule.amplifiers.list) { return split(list) }
    func found(_ names: [String]) -> [String] {
      names.filter { name in rule.amplifiers.data.contains { header.text(Self.keyword($0, name)) != nil } }
    }
    // `max` keeps the last of equals, and the set that stands first should win.
    return rule.amplifiers.names.map { found(split($0)) }.reversed().max { $0.count < $1.count } ?? []
  }

  private static func keyword(_ pattern: String, _ name: String) -> String {
    pattern.split(separator: "#", omittingEmptySubsequences: false).joined(separator: name)
  }

  private func section(
    _ patterns: [String], _ name: String, _ header: HeaderReading, _ image: FITSImageHeader,
    _ reading: inout HeaderReading
  ) -> PixelRectangle? {
    plain(patterns.map { Self.keyword($0, name) }, header, image, &reading)
  }

  private func plain(
    _ keywords: [String], _ header: HeaderReading, _ image: FITSImageHeader, _ reading: inout HeaderReading
  ) -> PixelRectangle? {
    guard let (keyword, text) = header.text(among: keywords) else { return nil }
    return reading.section(text, keyword, width: image.width, height: image.height)
  }

  private func number(
    _ patterns: [String], _ name: String, _ rule: CameraValue, _ header: HeaderReading,
    isPossible: (Double) -> Bool
  ) -> Decoded<Double>? {
    for keyword in patterns.map({ Self.keyword($0, name) }) {
      guard let value = header.number(keyword), isPossible(value), value <= rule.most ?? .infinity,
        !rule.unlessComment.contains(where: { NamePattern($0).matches(header.comment(keyword), ignoringCase: true) })
      else { continue }
      return Decoded(value, from: .header(keyword))
    }
    return nil
  }
}

extension HeaderReading {
  /// The block that a section names in an image of this size; nil and a note where it is none or lies outside. A `*` is
  /// the last column or row.
  mutating func section(_ text: String?, _ source: String, width: Int, height: Int) -> PixelRectangle? {
    guard let text else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let closed =
      parts.count == 2
      ? parts[0].replacing("*", with: "\(width)") + "," + parts[1].replacing("*", with: "\(height)") : text
    guard let rectangle = PixelRectangle(section: closed) else {
      note("\(source) = '\(text)' is not a section [x1:x2,y1:y2]")
      return nil
    }
    guard rectangle.fits(width: width, height: height) else {
      note("\(source) = '\(text)' lies outside the \(width)x\(height) pixels of the image")
      return nil
    }
    return rectangle
  }
}
