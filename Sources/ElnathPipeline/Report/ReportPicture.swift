/// Pictures within the page.
struct ReportPicture {
  /// Where the plots lie.
  let folder: String

  /// The plot of this name as SVG, or nothing where it was not drawn.
  func plot(_ name: String, caption: HTML) throws(PipelineError) -> HTML {
    let text: String
    do throws(PipelineError) {
      text = try FileBytes.text(of: "\(folder)/\(name).svg")
    } catch {
      guard error.code == .noInput else { throw error }
      return ""
    }
    guard let picture = Self.inline(text, name: name) else { return "" }
    return "<figure>\(HTML(markup: picture))<figcaption>\(caption)</figcaption></figure>\n"
  }

  /// The `<svg>` element alone, its names made unique on the page. Nil for what is no plain picture.
  static func inline(_ text: String, name: String) -> String? {
    // Pictures are large: bytes are looked through many times faster than characters.
    let bytes = Array(text.utf8)
    guard let start = place(of: "<svg", in: bytes, from: 0), let end = bytes.lastIndex(of: UInt8(ascii: ">")),
      bytes[...end].suffix(6).elementsEqual("</svg>".utf8)
    else { return nil }
    let small = bytes.map { (65...90).contains($0) ? $0 | 32 : $0 }
    for forbidden in ["<script", "javascript:", "<foreignobject", "<!entity", "https:", "file:"]
    where place(of: forbidden, in: small, from: 0) != nil { return nil }
    var next = 0
    while let link = place(of: "http:", in: small, from: next) {
      // The names of the two languages; nothing is fetched from there.
      guard small[link...].starts(with: "http://www.w3.org/".utf8) else { return nil }
      next = link + 5
    }
    let prefix = TableFile.name(for: name).replacing(".", with: "_") + "-"
    var picture: [UInt8] = []
    picture.reserveCapacity(bytes.count + bytes.count / 8)
    var from = start
    for i in start...end {
      for (before, after) in [("id='", prefix), ("id=\"", prefix), ("href='#", prefix), ("url(#", prefix)]
      where bytes[i] == before.utf8.first && bytes[i...].starts(with: before.utf8) {
        picture += bytes[from..<(i + before.utf8.count)]
        picture += after.utf8
        from = i + before.utf8.count
      }
    }
    picture += bytes[from...end]
    return String(decoding: picture, as: UTF8.self)
      .replacing("<title>Gnuplot</title>", with: "<title>\(HTML.escaped(name))</title>", maxReplacements: 1)
  }

  private static func place(of word: String, in bytes: [UInt8], from: Int) -> Int? {
    let word = Array(word.utf8)
    guard let first = word.first, bytes.count - from >= word.count else { return nil }
    return bytes.withUnsafeBufferPointer { bytes in
      for i in from...(bytes.count - word.count) where bytes[i] == first {
        var k = 1
        while k < word.count && bytes[i + k] == word[k] { k += 1 }
        if k == word.count { return i }
      }
      return nil
    }
  }
}
