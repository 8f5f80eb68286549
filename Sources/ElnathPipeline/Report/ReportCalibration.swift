import ElnathCore

extension Report {
  /// What the frames were calibrated with, and what was missing.
  func calibrationSection() throws(PipelineError) -> Section? {
    let masters = try SavedTable(path: folder + "/masters.csv")
    let applied = try SavedTable(path: folder + "/calibration.csv")
    var parts: [HTML] = []
    if let masters, !masters.rows.isEmpty {
      var rows = HTMLTable(
        ["Master", "Kind", "Filter", "Exposure (s)", "Night", "Frames", "Level", "Sigma", "Left out", "Remarks"],
        numeric: [3, 5, 6, 7])
      for row in masters.rows {
        rows.add([
          "<code>\(masters.text(row, "file"))</code>", "\(masters.text(row, "kind"))", "\(masters.text(row, "filter"))",
          "\(masters.text(row, "exposure_s"))", "\(masters.text(row, "night"))", "\(masters.text(row, "frames"))",
          "\(HTML.number(masters.real(row, "level"), decimals: 3))",
          "\(HTML.number(masters.real(row, "sigma"), decimals: 4))",
          "\(masters.text(row, "left_out"))", "\(masters.text(row, "remarks"))",
        ])
      }
      parts.append(rows.html)
    } else {
      parts.append("<p class=\"warning\" role=\"note\">No bias, dark or flat frames were given.</p>\n")
    }
    if let applied {
      for kind in ["bias", "dark", "flat"] {
        let lacking = applied.rows.count { applied.text($0, kind).isEmpty }
        if lacking > 0 {
          parts.append(
            "<p>No \(kind) was applied to \(lacking) of \(applied.rows.count) frames.</p>\n")
        }
      }
      let borrowed = Set(applied.rows.map { applied.text($0, "borrowed") }).filter { !$0.isEmpty }.sorted()
      for text in borrowed { parts.append("<p>Borrowed from another night: \(text).</p>\n") }
    }
    return Section(name: "calibration", title: "Calibration", body: HTML(parts))
  }

  /// The camera as stated and as its own frames tell.
  func cameraSection() throws(PipelineError) -> Section? {
    guard let camera = try SavedTable(path: folder + "/camera.csv"), !camera.rows.isEmpty else { return nil }
    var rows = HTMLTable(
      ["Amplifier", "Quantity", "Measured", "Error", "Unit", "Header", "Profile", "Project", "Used", "Verdict"],
      numeric: [2, 3, 5, 6, 7, 8])
    for row in camera.rows {
      func number(_ column: String) -> HTML { "\(Self.significant(camera.real(row, column)))" }
      rows.add([
        "\(camera.text(row, "amplifier"))", "\(camera.text(row, "quantity").replacing("_", with: " "))",
        number("value"),
        number("error"), "\(camera.text(row, "unit"))", number("header"), number("profile"), number("project"),
        number("used"), "\(camera.text(row, "verdict"))",
      ])
    }
    let plot = try pictures.plot("photon_transfer", caption: "Variance of flat pairs against their level.")
    return Section(name: "camera", title: "Camera", body: rows.html + plot)
  }

  /// Four significant digits.
  private static func significant(_ value: Double) -> String {
    guard value.isFinite else { return "\u{2013}" }
    var decimals = 3
    var size = abs(value)
    while size >= 10 && decimals > 0 { (size, decimals) = (size / 10, decimals - 1) }
    while size > 0 && size < 1 && decimals < 9 { (size, decimals) = (size * 10, decimals + 1) }
    return HTML.number(value, decimals: decimals)
  }
}
