import ElnathCore

extension Report {
  /// Every frame that is not simply used, with its reason.
  func frameSection() throws(PipelineError) -> Section? {
    let doubtful = table.frames.filter { $0.status != .used }
    let quality = try pictures.plot(
      "quality",
      caption: """
        The frames against time: width and shape of the stars, sky, transparency, stars matched with the reference frame,
        airmass, and how far the field moved. What is not used keeps its place, with a cross.
        """)
    guard !doubtful.isEmpty else {
      return Section(name: "frames", title: "Frames", body: "<p>Every frame is used without a remark.</p>\n" + quality)
    }
    var rows = HTMLTable(["Frame", "", "Verdict", "Why", "File"], numeric: [0])
    for frame in doubtful {
      rows.add([
        "\(frame.frame)", thumbnail(frame),
        "<span class=\"\(HTML(markup: frame.status.rawValue))\">\(words(frame.status))</span>",
        "\(frame.reason.isEmpty ? "\u{2013}" : frame.reason)\(meanings(of: frame.flags))", "<code>\(frame.file)</code>",
      ])
    }
    let note: HTML = """
      <p>A flagged frame is used and deserves a look; one that is not used was measured, and its values stand in the tables;
      a rejected one could not be measured. Nothing is deleted: <code>[flag] verdicts</code> overrules any of it.</p>
      """
    return Section(name: "frames", title: "Frames", body: note + rows.html + quality)
  }

  private func words(_ status: FrameSummary.Status) -> String { status == .unused ? "not used" : status.rawValue }

  private func meanings(of flags: QualityFlags) -> HTML {
    let known = QualityFlags.definitions.filter { flags.contains($0.flag) }
    guard !known.isEmpty else { return "" }
    return "<br>" + HTML(known.map { "<span class=\"soft\" title=\"\($0.sentence)\">\($0.name)</span> " })
  }

  private func thumbnail(_ frame: FrameSummary) -> HTML {
    guard let picture = thumbnails[frame.frame] else { return "<span class=\"soft\">no picture</span>" }
    return "<img src=\"data:image/png;base64,\(HTML(markup: picture))\" alt=\"frame \(frame.frame)\" loading=\"lazy\">"
  }
}
