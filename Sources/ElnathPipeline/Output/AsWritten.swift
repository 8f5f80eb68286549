import ElnathCore

// Values as they read back from their tables. A run passes them on in this form, so that it and the chain of single
// commands, which read tables, agree to the last bit. Where nothing else is said, doubles are kept as they are.

extension PixelPoint {
  /// Counting from 1 and back can cost the last bit.
  public var asWritten: PixelPoint { PixelPoint(fits: fits) }
}

extension Observation {
  public var asWritten: Observation {
    var result = self
    result.file = CSVText.cleaned(path: file)
    result.object = CSVText.cleaned(object)
    result.filter = CSVText.cleaned(filter)
    result.readoutMode = CSVText.cleaned(readoutMode)
    result.jdUTC = jdUTC.roundedTime
    result.sources = CSVText.cleaned(sources.map(\.clause).joined(separator: "; ")).splitByClauses()
      .compactMap(Observation.Source.init(clause:))
    // Not in the table.
    result.projection = nil
    result.problems = CSVText.cleaned(problems.joined(separator: "; ")).splitByClauses()
    return result
  }
}

extension FrameSummary {
  /// Times rounded to 1e-8 d; a registration by no method is none.
  public var asWritten: FrameSummary {
    var result = self
    result.file = CSVText.cleaned(path: file)
    result.filter = CSVText.cleaned(filter)
    result.jdUTC = jdUTC.roundedTime
    result.reason = CSVText.cleaned(reason)
    result.registration = registration.flatMap { $0.method == .none ? nil : $0 }
    if let transform = registration?.transform { result.registration?.transform = transform.asWritten }
    return result
  }
}

extension FrameTransform {
  /// Zeros without sign.
  fileprivate var asWritten: FrameTransform {
    FrameTransform(numbers: numbers.map { $0 + 0 }, mirrored: mirrored) ?? self
  }
}

extension Star {
  public var asWritten: Star {
    var result = self
    result.name = CSVText.cleaned(name)
    result.band = CSVText.cleaned(band)
    result.variable = CSVText.cleaned(variable)
    result.position = position.asWritten
    return result
  }
}

extension CatalogSource {
  public var asWritten: CatalogSource {
    var result = self
    result.position = position.asWritten
    return result
  }
}

extension SatelliteTrail {
  public var asWritten: SatelliteTrail {
    var result = self
    result.start = start.asWritten
    result.end = end.asWritten
    return result
  }
}

extension FrameMeasurements {
  /// The flags of a star are those that all its apertures have.
  public var asWritten: FrameMeasurements {
    var result = self
    for star in stars.indices {
      result.stars[star].position = stars[star].position.asWritten
      result.stars[star].forced = stars[star].forced.asWritten
      guard radii > 0 else { continue }
      result.stars[star].flags = (0..<radii).reduce(self[star, 0].flags) { $0.intersection(self[star, $1].flags) }
    }
    return result
  }
}

extension LightCurvePoint {
  /// Times rounded to 1e-8 d; as it reads back beside the rows of `frames.csv`.
  public var asWritten: LightCurvePoint {
    var result = self
    result.frame = frame.asWritten
    result.hjdUTC = hjdUTC.roundedTime
    result.bjdTDB = bjdTDB.roundedTime
    result.position = position.asWritten
    result.reason = CSVText.cleaned(reason)
    return result
  }
}

extension ComparisonVerdict {
  public var asWritten: ComparisonVerdict {
    var result = self
    result.star = CSVText.cleaned(star)
    result.filter = CSVText.cleaned(filter)
    result.reason = CSVText.cleaned(reason)
    return result
  }
}
