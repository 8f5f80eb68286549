import ElnathCore
import ElnathFITS

extension Workspace {
  /// Matches the series to the sky and keeps the answer beside its tables; registers the frames first where that has not
  /// been done.
  public func solve() async throws -> (solution: SkySolution, alignment: Alignment) {
    let reduce = try await reduceStage(masters())
    let alignment: Alignment
    do throws(PipelineError) {
      alignment = try savedAlignment()
    } catch {
      guard error.code == .noInput else { throw error }
      alignment = try await align(reduce)
    }
    let solution: SkySolution
    do {
      solution = try await solve(alignment, reduce: reduce)
    } catch let error as StageError {
      try keep(nil, alignment)
      try writeAlignment(alignment)
      throw PipelineError(
        .badData, alignment.referenceFile,
        "not matched to the sky: \(error.reason); give a catalogue of the field (--catalog, columns ra, dec, mag), or "
          + "ra, dec, scale_low and scale_high under [solve]")
    }
    try keep(solution, alignment)
    try writeAlignment(alignment)
    return (solution, alignment)
  }

  /// Matches the reference frame to the sky; its registrations carry the answer to all others.
  ///
  /// - Parameter reduce: for astrometry.net's solve-field, which looks at pixels; nil not to run it.
  /// - Throws: `StageError` with the reason where the field is not matched.
  public func solve(_ alignment: Alignment, reduce: ReduceStage?) async throws -> SkySolution {
    let light = lights[alignment.reference - 1]
    let field = SolveField(
      FieldImage(alignment.sources, width: alignment.width, height: alignment.height), light.observation)
    let stage = try solveStage()
    let failure: StageError
    do throws(StageError) {
      return try stage(field).asWritten
    } catch {
      failure = error
    }
    guard let reduce, configuration.solve.solveField, let program = SolveFieldProgram() else { throw failure }
    log.info("\(failure.reason); running \(program.executable)")
    let frame = try reduce.prepared(light)
    let found = try await program(
      frame.image().image, hint: stage.hints(field).first, settings: configuration.solve, scratch: output)
    guard let found else {
      throw StageError([], "\(failure.reason); solve-field did not find it either")
    }
    return SkySolution(found, .solveField).asWritten
  }

  /// The catalogues of the package, and that of the project.
  func solveStage() throws(PipelineError) -> SolveStage {
    var catalog = starCatalog
    if let own = configuration.solve.catalog {
      catalog.stars += try StarCatalog.read(ProjectFolder(project.folder).absolute(own)).stars
    }
    let places = stars.compactMap { star in
      star.rightAscension.flatMap { ra in
        star.declination.map { SkyPoint(rightAscension: ra.degrees, declination: $0.degrees) }
      }
    }
    return SolveStage(configuration.solve, catalog: catalog, fallback: places.first)
  }

  /// The same after `align`, with the tables of both: nothing but stars without pixels need the sky, so that a field
  /// that is not matched is a remark. solve-field is run for such stars alone.
  @discardableResult
  public func solveAndWrite(_ alignment: Alignment, reduce: ReduceStage) async throws -> SkySolution? {
    let isNeeded = stars.contains { $0.position == nil }
    var solution: SkySolution?
    do {
      solution = try await solve(alignment, reduce: isNeeded ? reduce : nil)
    } catch let error as StageError {
      // What elnath solve has found before, perhaps with more catalogues, stays true of this frame.
      solution = try savedSolution(alignment)
      if solution == nil { log.info("not matched to the sky: \(error.reason)") }
    }
    if let solution { log.info("\(solution.summary)") }
    try keep(solution, alignment)
    try writeAlignment(alignment)
    return solution
  }

  /// Writes `wcs.fits`: the coordinate system of the trimmed reference frame.
  public func write(_ solution: SkySolution, _ alignment: Alignment) throws(PipelineError) {
    try AtomicFile.write(SolutionFile.bytes(solution, alignment), to: "\(output)/\(SolutionFile.name)")
  }

  /// The same, or no such file where nothing was found.
  func keep(_ solution: SkySolution?, _ alignment: Alignment) throws(PipelineError) {
    if let solution {
      try write(solution, alignment)
    } else {
      AtomicFile.remove("\(output)/\(SolutionFile.name)")
    }
  }

  /// What `solve` has found for this reference frame; nil where it has not, or for another one.
  public func savedSolution(_ alignment: Alignment) throws(PipelineError) -> SkySolution? {
    try SolutionFile.read("\(output)/\(SolutionFile.name)", for: alignment)
  }
}

extension Alignment {
  /// File of the reference frame, as tables name it.
  var referenceFile: String { CSVText.cleaned(path: frames[reference - 1].file) }

  /// With the stars of the field at their places on the sky.
  public func located(by solution: SkySolution?) -> Alignment {
    guard let solution else { return self }
    var result = self
    for (k, sky) in solution.projection.sky(at: sources.map(\.position)).enumerated() { result.sources[k].sky = sky }
    return result
  }
}

extension SkySolution {
  /// As its file holds it.
  var asWritten: SkySolution {
    var result = self
    let keywords = projection.keywords
    result.projection = SkyProjection(keywords) ?? projection
    return result
  }

  /// `matched to the sky: 25 stars of the catalogue, 0.09 px rms (0.04 arcsec), chance 1e-30`.
  public var summary: String {
    func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    let how =
      switch method {
      case .header: "by the header's coordinate system"
      case .trusted: "by the header's coordinate system, on trust: no catalogue covers the field"
      case .catalog: "by the patterns of its stars"
      case .solveField: "by solve-field"
      }
    guard matched > 0 else { return "matched to the sky \(how)" }
    let shape = order > 1 ? ", distortion of order \(order)" : ""
    return "matched to the sky \(how): \(matched) stars of the catalogue, \(rounded(residual)) px rms "
      + "(\(rounded(residualArcsec)) arcsec)\(shape), chance of a false match \(Self.power(falseMatch))"
  }

  /// `1e-30`, or `below 1e-300`.
  private static func power(_ probability: Double) -> String {
    guard probability > 1e-300 else { return "below 1e-300" }
    var exponent = 0
    var value = probability
    while value < 1 {
      value *= 10
      exponent += 1
    }
    return "1e-\(max(0, exponent - 1))"
  }

  /// `RA 67.9 Dec +18.2, 0.425 arcsec/px, y axis 12.3 degrees east of north`.
  public func place(width: Int, height: Int) -> String {
    let middle = PixelPoint(x: Double(width - 1) / 2, y: Double(height - 1) / 2)
    guard let sky = projection.sky(at: middle), let orientation = projection.orientation(at: middle) else { return "" }
    let angle = (orientation.angle * 180 / .pi * 100).rounded() / 100
    let scale = (orientation.scale * 10_000).rounded() / 10_000
    return "\(sky.text), \(scale) arcsec/px, y axis \(angle) degrees east of north"
      + (orientation.mirrored ? ", mirrored" : "")
  }
}
