import ElnathCore
import FoundationEssentials

extension Workspace {
  /// Writes `report.html`; returns its name. Plots that were not drawn are left out.
  public func report(_ product: LightCurves, table: PhotometryTable) async throws -> String {
    try await report(product, table: table, inputs: try await inputs())
  }

  func report(_ product: LightCurves, table: PhotometryTable, inputs: [Provenance.Input]) async throws -> String {
    let report = Report(
      product: product, table: table, scan: scan, settings: project.layers, inputs: inputs, folder: output,
      thumbnails: try await thumbnails(of: table.frames))
    try AtomicFile.write(try report.page(), to: output + "/report.html")
    return "report.html"
  }

  /// More pictures would make the page too heavy to open.
  private static let mostThumbnails = 100
  /// px of the longer side.
  private static let thumbnailSize = 160

  /// Small pictures of the frames that are not simply used, by frame: PNG in base 64. What cannot be read has none.
  private func thumbnails(of frames: [FrameSummary]) async throws -> [Int: String] {
    let doubtful = frames.filter { $0.status != .used && lights[$0.frame - 1].error == nil }.prefix(Self.mostThumbnails)
    let pictures = try await runner.map(doubtful.map(\.frame)) { number -> String? in
      let light = lights[number - 1]
      guard let raw = try? PixelReader.read(light.observation, path: light.path),
        let picture = Thumbnail(raw.adu.cropped(to: light.observation.trim), longest: Self.thumbnailSize)
      else { return nil }
      let bytes = try PNGFile.encoded(
        picture.grey, width: picture.width, height: picture.height, colours: .grey, path: light.observation.file)
      return Data(bytes).base64EncodedString()
    }
    return Dictionary(
      zip(doubtful.map(\.frame), pictures).compactMap { frame, text in text.map { (frame, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}
