import ElnathCore
import ElnathFITS

/// All that the steps of a run are made of, each step's own: what the steps before it gave is part of its key anyway.
extension Workspace {
  /// What every step depends on: program and libraries, the camera and the site, how headers are read.
  var basis: [String] {
    let program = CatalogLocator.runningProgram
    return [
      "\(ElnathVersion.all) \(String(describing: FileStamp(path: program)))",
      settings("input", without: "stars"), SettingsTree.encode(scan.camera).json, "\(String(describing: site))",
    ]
  }

  var cameraIngredients: [String] {
    // Of the lights what decides which calibration frames serve them.
    let table = CSVFormat.bytes(of: scan.observations.map(\.observation), columns: ObservationColumns.all)
    return [settings("reduce"), String(decoding: table, as: UTF8.self)]
      + marks(scan.observations.filter { $0.observation.kind != .light })
  }

  var reduceIngredients: [String] { stamps(scan.badPixelMaps) }

  var alignIngredients: [String] {
    // Airmass and the distance from the Moon are those of the first target.
    let target = stars.first { $0.role == .target && $0.rightAscension != nil && $0.declination != nil }
    return [settings("align"), coordinates(of: target)] + marks(lights)
  }

  /// Stars that are given without pixels decide how far the sky is looked for, the first with coordinates where.
  var solveIngredients: [String] {
    let own = configuration.solve.catalog.map { [ProjectFolder(project.folder).absolute($0)] } ?? []
    let place = stars.first { $0.rightAscension != nil && $0.declination != nil }
    return [settings("solve"), "\(stars.contains { $0.position == nil })", coordinates(of: place)]
      + stamps(catalogs.files(in: "stars", ending: ".csv").map(\.path) + own)
  }

  var stackIngredients: [String] { [settings("stack")] }

  var measureIngredients: [String] {
    [settings("measure"), "\(measuresAllStars)"] + stars.map { SettingsTree.encode($0).json }
  }

  func flagIngredients() throws(PipelineError) -> [String] {
    guard let file = configuration.flag.verdicts else { return [settings("flag")] }
    return [settings("flag"), try FileBytes.text(of: ProjectFolder(project.folder).absolute(file))]
  }

  var lightCurveIngredients: [String] { [settings("lightcurve")] }

  var plotIngredients: [String] { stamps(plotScripts.files(in: ".", ending: ".gp").map(\.path)) }

  private func coordinates(of star: StarSettings?) -> String {
    star.map { "\(String(describing: $0.rightAscension)) \(String(describing: $0.declination))" } ?? ""
  }

  /// A table of the project with all its defaults.
  private func settings(_ table: String, without key: String? = nil) -> String {
    guard var found = project.layers.tree[[table]]?.table else { return "" }
    if let key { found[key] = nil }
    return SettingsTree.table(found).json
  }

  /// Files by name, size and time of change.
  private func stamps(_ paths: [String]) -> [String] {
    paths.map { "\($0) \(String(describing: FileStamp(path: $0)))" }
  }

  /// The same with what their headers tell (a DATASUM among it), and what was found against them.
  private func marks(_ files: [ScannedFile]) -> [String] {
    zip(stamps(files.map(\.path)), files).map { stamp, file in
      let header = file.contentMark.map { "\($0.header)" } ?? "\(file.observation)"
      return "\(stamp) \(header) \(file.flags.rawValue) \(file.error ?? "")"
    }
  }
}
