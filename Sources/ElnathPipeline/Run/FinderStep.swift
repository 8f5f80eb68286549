import ElnathCore
import ElnathFITS

extension Workspace {
  /// The finder chart: targets, check stars and the comparison stars in use on the deep stack, else on the reference frame.
  /// Nil where neither can be read, or has none of the stars.
  func finder(_ product: LightCurves, table: PhotometryTable) -> FinderPlot? {
    guard let alignment = try? savedAlignment(), let shown = finderImage(alignment) else { return nil }
    let used = Set(product.comparisons.filter(\.used).map(\.star))
    let radius = Median.of(product.curves.flatMap { $0.points.map(\.radius) })
    let marks = table.stars.compactMap { star -> FinderPlot.Mark? in
      switch star.role {
      case .target:
        let own = product.curves.first { $0.target.name == star.name }.map { Median.of($0.points.map(\.radius)) }
        return FinderPlot.Mark(star: star, kind: .target, radius: own.flatMap { $0.isFinite ? $0 : nil } ?? radius)
      case .check: return FinderPlot.Mark(star: star, kind: .check, radius: radius)
      case .comparison, .measure, .avoid:
        return used.contains(star.name) ? FinderPlot.Mark(star: star, kind: .comparison, radius: radius) : nil
      }
    }
    guard radius > 0 else { return nil }
    let solution = (try? savedSolution(alignment)) ?? nil
    let centre = PixelPoint(x: Double(alignment.width - 1) / 2, y: Double(alignment.height - 1) / 2)
    let scale = lights.lazy.compactMap(\.observation.pixelScale?.value).first ?? .nan
    return FinderPlot(
      shown.image, title: shown.title, marks: marks,
      annulus: (try? measureStage(alignment, solution: solution))?.plan
        .plan(for: alignment.frames[alignment.reference - 1].filter)?.annulus,
      orientation: solution?.projection.orientation(at: centre) ?? SkyOrientation(of: table.stars), pixelScale: scale)
  }

  /// The picture that lies on the pixels of the reference frame, and what it is.
  private func finderImage(_ alignment: Alignment) -> (image: PixelGrid<Float>, title: String)? {
    let (width, height) = (alignment.width, alignment.height)
    if let stack = try? FITSFile.readImage(path: output + "/stack.fits").image, stack.width == width,
      stack.height == height
    {
      return (PixelGrid(width: width, height: height, pixels: stack.pixels), "Stack of the registered frames")
    }
    let reference = lights[alignment.reference - 1]
    guard let raw = try? PixelReader.read(reference.observation, path: reference.path),
      reference.observation.trim.fits(width: raw.adu.width, height: raw.adu.height)
    else { return nil }
    let image = raw.adu.cropped(to: reference.observation.trim)
    guard image.width == width, image.height == height else { return nil }
    return (image, "Reference frame \(alignment.reference): \(reference.observation.file)")
  }
}
