import ElnathCore
import ElnathFITS
import FoundationEssentials

/// `wcs.fits`: a header without data that tells where the trimmed reference frame lies on the sky. astropy and DS9 read
/// it as they read the results of astrometry.net.
enum SolutionFile {
  static let name = "wcs.fits"

  static func bytes(_ solution: SkySolution, _ alignment: Alignment) -> [UInt8] {
    HeaderFile.bytes(
      cards(solution, width: alignment.width, height: alignment.height, file: alignment.referenceFile))
  }

  static func cards(_ solution: SkySolution, width: Int, height: Int, file: String) -> [HeaderCard] {
    var cards =
      solution.projection.cards + [
        HeaderCard("IMAGEW", .integer(width), "width of the trimmed frame"),
        HeaderCard("IMAGEH", .integer(height), "height of the trimmed frame"),
        HeaderCard("REFFRAME", .text(file), "the frame that this is about"),
        HeaderCard("SOLVER", .text(solution.method.rawValue), "how it was matched"),
        HeaderCard("N_MATCH", .integer(solution.matched), "stars matched to the catalogue"),
      ]
    for (key, value, comment) in [
      ("RESIDPX", solution.residual, "rms along one axis (px)"),
      ("RESIDAS", solution.residualArcsec, "rms along one axis (arcsec)"),
      ("PFALSE", solution.falseMatch, "probability of a false match"),
    ] where value.isFinite { cards.append(HeaderCard(key, .real(value), comment)) }
    cards.append(HeaderCard("DISTORD", .integer(solution.order), "order of the distortion"))
    return cards + [HeaderCard("CREATOR", .text("elnath \(ElnathVersion.current)"))]
  }

  /// Nil where there is none, or one for another frame.
  static func read(_ path: String, for alignment: Alignment) throws(PipelineError) -> SkySolution? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let header: FITSHeader
    do throws(FITSError) {
      header = try HeaderFile.read(path)
    } catch {
      throw PipelineError(.badData, path, "\(error.message); run elnath solve again")
    }
    guard header.text("REFFRAME") == alignment.referenceFile, header.integer("IMAGEW") == alignment.width,
      header.integer("IMAGEH") == alignment.height
    else { return nil }
    var reading = HeaderReading(header)
    let whole = PixelRectangle(x: 0, y: 0, width: alignment.width, height: alignment.height)
    guard let projection = reading.projection(trim: whole),
      let method = header.text("SOLVER").flatMap(SkySolution.Method.init(rawValue:))
    else { throw PipelineError(.badData, path, "holds no coordinate system; run elnath solve again") }
    var solution = SkySolution(projection, method)
    solution.matched = header.integer("N_MATCH") ?? 0
    solution.residual = header.number("RESIDPX") ?? .nan
    solution.residualArcsec = header.number("RESIDAS") ?? .nan
    solution.falseMatch = header.number("PFALSE") ?? .nan
    solution.order = header.integer("DISTORD") ?? 1
    return solution
  }
}
