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
    try writeSources(alignment)
    try writeTable("trails.csv", TrailColumns.all, rows: alignment.trails)
    try writeTable("hot_pixels.csv", HotPixelColumns.all, rows: alignment.hotPixels)
  }

  /// The stars of the field, as `align` found them on the single frames or as `stack` did on all of them together, with
  /// their places on the sky where these are known.
  public func writeSources(_ alignment: Alignment) throws(PipelineError) {
    let solution = try savedSolution(alignment)
    try writeTable("sources.csv", SourceColumns.all, rows: alignment.located(by: solution).sources)
  }

  /// What `measure` and `flag` give to the next steps.
  public func writePhotometry(_ table: PhotometryTable) throws(PipelineError) {
    try writeTable("frames.csv", FrameColumns.all, rows: table.frames)
    try writeTable("stars.csv", StarColumns.all, rows: table.stars)
    try AtomicFile.write(
      pieces: CSVFormat.photometryPieces(table.measurements, stars: table.stars), to: "\(output)/photometry.csv")
  }

  /// How light grows with the radius, frame by frame, from what `measure` found.
  public func writeGrowth(_ table: PhotometryTable) throws(PipelineError) {
    try writeTable(
      "growth.csv", GrowthColumns.all,
      rows: table.measurements.flatMap { measured in
        let summary = table.summary(of: measured)
        return GrowthCurve(measured, stars: table.stars).points.map {
          GrowthRow(point: $0, filter: summary.filter, fwhm: summary.fwhm)
        }
      })
  }

  /// Light curves, one file a target and one a target and filter where there are several filters. Returns the names.
  public func writeLightCurves(_ product: LightCurves) throws(PipelineError) -> [String] {
    try writeTable("comparisons.csv", ComparisonColumns.all, rows: product.comparisons)
    try writeTable("variability.csv", VariabilityColumns.all, rows: product.variability)
    try writeTable("slopes.csv", SlopeColumns.all, rows: product.slopes)
    try writeTable("segments.csv", SegmentColumns.all, rows: product.segmentSteps)
    try writeTable("aperture_scan.csv", ApertureScanColumns.all, rows: ApertureScanRow.rows(product.apertureScans))
    try writeTable("distrust.csv", DistrustColumns.all, rows: product.distrustVerdicts)
    if product.extendedComparisons.isEmpty {
      AtomicFile.remove("\(output)/comparisons_extended.csv")
    } else {
      try writeTable("comparisons_extended.csv", ComparisonColumns.all, rows: product.extendedComparisons)
    }
    if product.extendedRadii.isEmpty {
      AtomicFile.remove("\(output)/radii.csv")
    } else {
      try writeTable("radii.csv", ExtendedRadiusColumns.all, rows: product.extendedRadii)
    }
    var written: [String] = []
    let files = CurveFiles(product.curves)
    for curve in product.curves {
      let name = TableFile.name(for: curve.target.name) + ".csv"
      try writeTable("distrust_" + name, DistrustColumns.points, rows: product.distrust[curve.target.name] ?? [])
      let radii = product.extendedRadii.filter { $0.target == curve.target.name }
      if radii.isEmpty {
        AtomicFile.remove("\(output)/radii_\(name)")
      } else {
        try writeTable("radii_" + name, ExtendedRadiusColumns.points, rows: ExtendedRadiusRow.rows(radii))
      }
      if let excess = product.excesses[curve.target.name] {
        try writeTable("excess_" + name, ExcessColumns.all, rows: excess)
        written.append("excess_" + name)
      } else {
        AtomicFile.remove("\(output)/excess_\(name)")
      }
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
