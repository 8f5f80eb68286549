import ElnathCore

extension Workspace {
  func writeTable<Row>(_ name: String, _ columns: [Column<Row>], rows: [Row]) throws(PipelineError) {
    try AtomicFile.write(CSVFormat.bytes(of: rows, columns: columns), to: "\(output)/\(name)")
  }

  public func writeObservations() throws(PipelineError) {
    try writeTable("observations.csv", ObservationColumns.all, rows: scan.observations.map(\.observation))
  }

  /// What `align` gives to the next steps.
  public func writeAlignment(_ alignment: Alignment) throws(PipelineError) {
    try writeTable("frames.csv", FrameColumns.all, rows: alignment.frames)
    try writeTable("sources.csv", SourceColumns.all, rows: alignment.sources)
    try writeTable("trails.csv", TrailColumns.all, rows: alignment.trails)
    try writeTable("hot_pixels.csv", HotPixelColumns.all, rows: alignment.hotPixels)
  }

  /// What `measure` and `flag` give to the next steps.
  public func writePhotometry(_ table: PhotometryTable) throws(PipelineError) {
    try writeTable("frames.csv", FrameColumns.all, rows: table.frames)
    try writeTable("stars.csv", StarColumns.all, rows: table.stars)
    try AtomicFile.write(
      pieces: CSVFormat.photometryPieces(table.measurements, stars: table.stars), to: "\(output)/photometry.csv")
  }

  /// Light curves, one file a target and one a target and filter where there are several filters. Returns the names.
  public func writeLightCurves(_ product: LightCurves) throws(PipelineError) -> [String] {
    try writeTable("comparisons.csv", ComparisonColumns.all, rows: product.comparisons)
    var written: [String] = []
    let files = CurveFiles(product.curves)
    for curve in product.curves {
      let stem = files.stem(curve.target)
      try writeTable(stem + ".csv", LightCurveColumns.all, rows: curve.points)
      written.append(stem + ".csv")
      if case .of(let binning) = configuration.lightcurve.bin {
        try writeTable(stem + "_binned.csv", BinnedColumns.all, rows: curve.binned(binning))
        written.append(stem + "_binned.csv")
      }
      guard files.filters.count > 1 else { continue }
      for filter in files.filters {
        let name = files.stem(curve.target, filter: filter) + ".csv"
        try writeTable(name, LightCurveColumns.all, rows: curve.points.filter { $0.frame.filter == filter })
        written.append(name)
      }
    }
    return written
  }
}
