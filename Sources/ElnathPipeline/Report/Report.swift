import ElnathCore

/// What a whole run came to, on one page that needs nothing beside it.
struct Report {
  let product: LightCurves
  let table: PhotometryTable
  let scan: Scan
  let settings: SettingsLayers
  /// The files that went in, with what identifies them.
  let inputs: [Provenance.Input]
  /// Folder of the products, from which tables and plots are taken.
  let folder: String
  /// By number of the frame: a small picture of a frame that is not simply used, as PNG in base 64.
  let thumbnails: [Int: String]

  var files: CurveFiles { CurveFiles(product.curves) }
  var pictures: ReportPicture { ReportPicture(folder: folder + "/plots") }

  /// A part of the page.
  struct Section {
    var name: String
    var title: String
    var body: HTML
  }

  /// The page.
  func page() throws(PipelineError) -> String {
    let sections = [
      try targetSection(), nightSection(), try frameSection(), try comparisonSection(), try errorSection(),
      try calibrationSection(), try cameraSection(), settingsSection(), inputSection(), wordSection(),
    ].compactMap { $0 }
    let links = HTML(sections.map { "<a href=\"#\(HTML(markup: $0.name))\">\($0.title)</a>\n" })
    let bodies = HTML(
      sections.map { "<section id=\"\(HTML(markup: $0.name))\"><h2>\($0.title)</h2>\n\($0.body)</section>\n" })
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="Elnath \(ElnathVersion.current)">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>
      \(HTML(markup: ReportStyle.sheet))
      </style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      \(try summary())
      <nav aria-label="Sections">
      \(links)</nav>
      </header>
      <main>
      \(bodies)</main>
      </body>
      </html>

      """
    return page.markup
  }

  private var title: String {
    let targets = product.curves.map(\.target.name)
    guard !targets.isEmpty else { return "Frames of \(nights.first ?? "one run")" }
    let shown = targets.prefix(4).joined(separator: ", ") + (targets.count > 4 ? " and \(targets.count - 4) more" : "")
    return "Light curves of \(shown)"
  }

  var nights: [String] { Set(table.frames.map(\.night)).filter { !$0.isEmpty }.sorted() }

  /// Median FWHM in words: px, and arcsec where the scale is known.
  func seeing(_ frames: [FrameSummary]) -> String {
    let width = Median.of(frames.map(\.fwhm).filter(\.isFinite))
    guard width.isFinite else { return "\u{2013}" }
    let scale = scan.lights.lazy.compactMap(\.observation.pixelScale?.value).first ?? .nan
    return HTML.number(width) + " px" + (scale.isFinite ? " (\(HTML.number(width * scale, decimals: 1))\u{2033})" : "")
  }
}
