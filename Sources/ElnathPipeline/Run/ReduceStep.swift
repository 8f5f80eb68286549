import ElnathCore
import ElnathFITS

extension Workspace {
  /// The masters of this project and how they came about.
  public func masters() async throws -> MasterBuilder.Product {
    try checkDetector()
    let understood = scan.observations.filter { $0.error == nil }
    let paths = Dictionary(understood.map { ($0.observation.file, $0.path) }, uniquingKeysWith: { first, _ in first })
    var product = try await MasterBuilder(configuration.reduce, runner: runner)(
      understood.map(\.observation).filter { $0.kind != .light },
      lights: lights.filter { $0.error == nil }.map(\.observation)
    ) { observation in
      try PixelReader.read(observation, path: paths[observation.file] ?? observation.file)
    }
    product.masters.badPixels = try badPixels()
    for remark in product.remarks { log.warning("\(remark)") }
    return product
  }

  /// The user's masks of bad pixels in one; nil without any. A mask may have the size of the raw or of the trimmed
  /// frames; whatever is not 0 is bad.
  private func badPixels() throws(PipelineError) -> PixelGrid<PixelMask>? {
    guard let light = lights.first(where: { $0.error == nil })?.observation else { return nil }
    var mask: PixelGrid<PixelMask>?
    for path in scan.badPixelMaps {
      let image: FITSImage
      do {
        image = try FITSFile.readImage(path: path).image
      } catch {
        throw PipelineError(.badData, path, "cannot be used as a mask of bad pixels: \(error.message)")
      }
      var grid = PixelGrid(
        width: image.width, height: image.height, pixels: image.pixels.map { $0 == 0 ? PixelMask() : PixelMask.bad })
      if grid.width == light.width && grid.height == light.height { grid = grid.cropped(to: light.trim) }
      guard grid.width == light.trim.width && grid.height == light.trim.height else {
        throw PipelineError(
          .badData, path,
          "has \(image.width)x\(image.height) px, the light frames \(light.width)x\(light.height) "
            + "(trimmed \(light.trim.width)x\(light.trim.height)); give a mask of one of these sizes")
      }
      mask = mask.map { $0.union(grid) } ?? grid
    }
    return mask
  }

  public func reduceStage(_ masters: Masters) -> ReduceStage {
    ReduceStage(
      configuration.reduce, masters: masters, readNoiseIncludesDigitisation: scan.camera.readNoiseIncludesDigitisation)
  }

  /// Writes `masters/*.fits` and `masters.csv`.
  public func writeMasters(_ product: MasterBuilder.Product) throws {
    let folder = output + "/masters"
    try OutputFolder.create(folder)
    for record in product.records {
      try MasterFile.write(record, to: "\(folder)/\(record.fileName)")
    }
    try writeTable("masters.csv", MasterColumns.all, rows: product.records)
  }

  /// Writes every light frame reduced: image in electrons, VARIANCE, MASK.
  public func writeReduced(_ stage: ReduceStage) async throws {
    let folder = output + "/reduced"
    try OutputFolder.create(folder)
    let numbered = Array(lights.enumerated())
    let failures = try await runner.map(numbered) { number, light -> String? in
      guard light.error == nil else { return nil }
      do throws(StageError) {
        let frame = try stage(PixelReader.read(light.observation, path: light.path))
        try ReducedFile.write(frame, to: "\(folder)/\(ReducedFile.name(number: number + 1, file: light.path))")
        return nil
      } catch {
        return "\(light.observation.file): \(error.reason)"
      }
    }
    for failure in failures.compactMap({ $0 }) { log.warning("\(failure)") }
  }
}
