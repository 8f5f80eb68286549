import ElnathCore
import ElnathFITS

/// A FITS binary table of all points: TIME, FLUX, FLUX_ERR, QUALITY and USED first, then every column of the light
/// curve, with the time keywords of FITS 4.0 (section 9; Rots et al. 2015, A&A 574, A36).
struct FITSTableFormat: CurveFormat {
  let keepsEveryPoint = true

  /// TIME counts from here, as Kepler's do: a double near 2.46 million holds 40 microseconds, without it 0.1.
  private static let origin = 2_450_000

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let points = curve.points
    let time = options.time ?? .bjd
    let start = Double(Self.origin)
    let standard: [FITSTable.Column] = [
      .init(
        "TIME", "d", "\(time.rawValue) minus \(Self.origin), mid-exposure.",
        .real(points.map { DecimalRounding.decimals(curve.time($0, time) - start, 8) })),
      .init("FLUX", "", "Flux relative to the comparison stars.", .real(points.map(\.relativeFlux))),
      .init(
        "FLUX_ERR", "", "Error of FLUX, \(options.errors.rawValue).",
        .real(points.map { curve.relativeError($0, options) })
      ),
      .init(
        "QUALITY", "", "Sum of the bits of star and frame.", .integer(points.map { Int(clamping: $0.flags.rawValue) })),
      .init("USED", "", "True for a point to use.", .logical(points.map(\.used))),
    ]
    let table = CellTable(points, LightCurveColumns.all)
    let others = table.columns.filter { !["flags", "used"].contains($0.name) }.map(Self.column)
    let content = FITSTable(
      name: "LIGHTCURVE", columns: standard + others, cards: cards(curve, options, time: time))
    return [ExportProduct(ending: ".fits", content: .table(content), rows: points.count)]
  }

  private static func column(_ column: CellTable.Column) -> FITSTable.Column {
    let values: FITSTable.Values =
      switch column.kind {
      case .text: .text(column.cells.map(\.plain))
      case .real: .real(column.cells.map(\.number))
      case .boolean: .logical(column.cells.map { $0 == .boolean(true) })
      case .integer:
        .integer(
          column.cells.map {
            if case .integer(let value) = $0 { value } else { nil }
          })
      }
    return FITSTable.Column(column.name.uppercased(), column.unit, column.sentence, values)
  }

  private func cards(_ curve: ExportedCurve, _ options: ExportOptions, time: ExportOptions.Time) -> [HeaderCard] {
    let (scale, place) =
      switch time {
      case .jd: ("UTC", "TOPOCENTER")
      case .hjd: ("UTC", "HELIOCENTER")
      case .bjd: ("TDB", "BARYCENTER")
      }
    var cards = [
      HeaderCard("OBJECT", .text(curve.name(options))), HeaderCard("FILTER", .text(curve.filter)),
      HeaderCard("ORIGIN", .text("elnath \(ElnathVersion.current)")),
      HeaderCard("TIMESYS", .text(scale), "time scale of TIME"),
      HeaderCard("TREFPOS", .text(place), "place where the time holds"),
      HeaderCard("JDREFI", .integer(Self.origin), "Julian date at which TIME is 0"),
      HeaderCard("JDREFF", .real(0), "and its fraction"), HeaderCard("TIMEUNIT", .text("d")),
      HeaderCard("TIMEPIXR", .real(0.5), "times are mid-exposure"),
    ]
    if time == .bjd {
      cards += [
        HeaderCard("TIMEREF", .text("SOLARSYSTEM"), "barycentric, as Kepler says it"),
        HeaderCard("BJDREFI", .integer(Self.origin)), HeaderCard("BJDREFF", .real(0)),
      ]
    }
    if curve.target.rightAscension.isFinite, curve.target.declination.isFinite {
      cards += [
        HeaderCard("RADESYS", .text("ICRS")), HeaderCard("RA_OBJ", .real(curve.target.rightAscension), "[deg]"),
        HeaderCard("DEC_OBJ", .real(curve.target.declination), "[deg]"),
        // Where the light travel time of TIME points to.
        HeaderCard("TREFDIR", .text("RA_OBJ,DEC_OBJ")),
      ]
    }
    let exposures = Set(curve.points.map(\.frame.exposure).filter(\.isFinite))
    if exposures.count == 1, let exposure = exposures.first {
      cards += [
        HeaderCard("EXPOSURE", .real(exposure / 86400), "[d] of each frame"),
        HeaderCard("XPOSURE", .real(exposure), "[s] of each frame"),
      ]
    }
    for remark in curve.remarks(options).dropFirst(3) {
      cards.append(HeaderCard("COMMENT", nil, "\(remark.key): \(remark.text)"))
    }
    return cards
  }
}
