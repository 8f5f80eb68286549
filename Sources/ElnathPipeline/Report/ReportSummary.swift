import ElnathCore

extension Report {
  /// What a reader must know first.
  func summary() throws(PipelineError) -> HTML {
    let filters = files.filters.filter { !$0.isEmpty }
    let width = seeing(table.frames.filter { $0.status == .used || $0.status == .flagged })
    let used = product.comparisons.filter(\.used)
    let comparisons = files.filters.map { filter in
      "\(used.count { $0.filter == filter })" + (filter.isEmpty ? "" : " in \(filter)")
    }
    let facts = [
      nights.isEmpty
        ? "night unknown"
        : nights.count > 4
          ? "\(nights.count) nights from \(nights[0]) to \(nights[nights.count - 1])" : nights.joined(separator: ", "),
      filters.isEmpty
        ? "no filter told" : (filters.count == 1 ? "filter " : "filters ") + filters.joined(separator: ", "),
      "exposures of \(exposures)", "FWHM \(width)",
      used.isEmpty ? "no comparison stars" : "comparison stars: " + comparisons.joined(separator: ", "),
    ]
    return """
      <p class="soft">\(facts.joined(separator: " \u{00B7} "))</p>
      \(try warnings())\(try answers())
      """
  }

  private var exposures: String {
    let lengths = Set(table.frames.map(\.exposure).filter(\.isFinite)).sorted()
    guard let shortest = lengths.first, let longest = lengths.last else { return "unknown" }
    func seconds(_ value: Double) -> String { "\(HTML.number(value, decimals: value < 10 ? 1 : 0)) s" }
    return lengths.count <= 4
      ? lengths.map(seconds).joined(separator: ", ") : "\(seconds(shortest)) to \(seconds(longest))"
  }

  /// What should make a reader careful.
  private func warnings() throws(PipelineError) -> HTML {
    var texts = try distrusted()
    let counts = FrameCounts(table.frames)
    if counts.total > 0, 2 * (counts.unused + counts.rejected) > counts.total {
      texts.append("More than half of the frames are not used; the frames below say why.")
    }
    for curve in product.curves where !curve.points.contains(where: \.used) {
      texts.append("No frame gives \(curve.target.name) a value that is used.")
    }
    if product.curves.isEmpty { texts.append("No star has the role target, so there is no light curve.") }
    if table.frames.contains(where: \.jdUTC.isFinite), try pictures.plot("quality", caption: "").markup.isEmpty {
      texts.append("The plots were not drawn: gnuplot is missing or failed. Their scripts and data are in plots/.")
    }
    return HTML(texts.map { "<p class=\"warning\" role=\"note\">\($0)</p>\n" })
  }

  /// The curves that another way to the same curve contradicts.
  private func distrusted() throws(PipelineError) -> [String] {
    guard let table = try SavedTable(path: folder + "/distrust.csv") else { return [] }
    return table.rows.filter { table.text($0, "distrusted") == "1" }.map { row in
      let filter = table.text(row, "filter")
      let largest = HTML.number(1000 * abs(table.real(row, "largest_mag")), decimals: 1)
      return
        "The curve of \(table.text(row, "target"))\(filter.isEmpty ? "" : " in \(filter)") depends on how it is made: "
        + "\(table.text(row, "what")), it differs by up to \(largest) mmag (frame \(table.text(row, "frame"))), more than "
        + "its error bar in \(table.text(row, "exceeding")) of \(table.text(row, "n")) points."
    }
  }

  /// The nights one by one.
  func nightSection() -> Section? {
    guard !table.frames.isEmpty else { return nil }
    var rows = HTMLTable(
      [
        "Night", "Filter", "Frames", "Used", "Flagged", "Not used", "Rejected", "Airmass", "FWHM", "Sky (e\u{207B}/px)",
        "Transparency",
      ], numeric: [2, 3, 4, 5, 6, 7, 9, 10])
    for night in Set(table.frames.map(\.night)).sorted() {
      for filter in Set(table.frames.filter { $0.night == night }.map(\.filter)).sorted() {
        let frames = table.frames.filter { $0.night == night && $0.filter == filter }
        let counts = FrameCounts(frames)
        rows.add([
          "\(night.isEmpty ? "unknown" : night)", "\(filter)", "\(counts.total)", "\(counts.used)", "\(counts.flagged)",
          "\(counts.unused)", "\(counts.rejected)", "\(span(frames.map(\.airmass)))", "\(seeing(frames))",
          "\(HTML.number(Median.of(frames.map(\.sky).filter(\.isFinite)), decimals: 1))",
          "\(HTML.number(Median.of(frames.map(\.transparency).filter(\.isFinite))))",
        ])
      }
    }
    return Section(name: "nights", title: "Nights", body: rows.html)
  }

  private func span(_ values: [Double]) -> String {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return "\u{2013}" }
    return HTML.number(low) + "\u{2013}" + HTML.number(high)
  }
}
