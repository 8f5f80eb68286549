import ElnathCore

/// AstroImageJ's `.radec`: right ascension, declination, comparison star or not, centroid or not, magnitude. Decimal right
/// ascensions are hours there. Stars to avoid stay behind, as do those that are only measured.
struct RadecFormat: StarListFormat {
  func product(of stars: [Star], _ options: ExportOptions) throws(PipelineError) -> ExportProduct {
    var lines = [
      "#RA in decimal or sexagesimal HOURS", "#Dec in decimal or sexagesimal DEGREES",
      "#Ref Star=0,1,missing (0=target star, 1=ref star, missing->first ap=target, others=ref)",
      "#Centroid=0,1,missing (0=do not centroid, 1=centroid, missing=centroid)",
      "#Apparent Magnitude or missing (value = apparent magnitude, or value > 99 or missing = no mag info)",
    ]
    let head = lines.count
    // Where two stars share a number, T comes before C.
    for roles in [[Star.Role.target], [.comparison, .check]] {
      for star in stars where roles.contains(star.role) {
        guard let ra = DecimalText.fixed(star.rightAscension / 15, 8), let dec = DecimalText.fixed(star.declination, 7)
        else { continue }
        let magnitude = DecimalText.fixed(star.magnitude, 3) ?? "99.999"
        lines.append("\(ra), \(dec), \(star.role == .target ? 0 : 1), \(star.extended ? 0 : 1), \(magnitude)")
      }
    }
    guard lines.count > head else { throw StarListFault.nowhere }
    return ExportProduct(
      ending: ".radec", content: .text(lines.joined(separator: "\n") + "\n"), rows: lines.count - head)
  }
}

/// A DS9 region file: one circle a star, targets green, comparison stars red, others yellow. On the sky where all stars
/// have coordinates, else in FITS pixels of the reference frame.
struct RegionsFormat: StarListFormat {
  /// Of the circles; the list of stars tells no aperture.
  private static let (arcseconds, pixels) = (5.0, 10.0)

  func product(of stars: [Star], _ options: ExportOptions) throws(PipelineError) -> ExportProduct {
    let shown = stars.filter { $0.role != .measure || !$0.detected }
    let listed = shown.isEmpty ? stars : shown
    let onSky = listed.allSatisfy { $0.rightAscension.isFinite && $0.declination.isFinite }
    var lines = ["# Region file format: DS9 version 4.1", "global color=yellow", onSky ? "icrs" : "image"]
    let head = lines.count
    for star in listed {
      let place =
        onSky
        ? [DecimalText.fixed(star.rightAscension, 7), DecimalText.fixed(star.declination, 7)]
        : [DecimalText.fixed(star.position.fits.x, 3), DecimalText.fixed(star.position.fits.y, 3)]
      guard let x = place[0], let y = place[1] else { continue }
      let radius = onSky ? "\(Self.arcseconds)\"" : "\(Self.pixels)"
      lines.append(
        "circle(\(x),\(y),\(radius)) # color=\(colour(star.role)) text={\(label(star.name))} tag={\(star.role.rawValue)}"
      )
    }
    guard lines.count > head else { throw StarListFault.nowhere }
    return ExportProduct(ending: ".reg", content: .text(lines.joined(separator: "\n") + "\n"), rows: lines.count - head)
  }

  private func colour(_ role: Star.Role) -> String {
    switch role {
    case .target: "green"
    case .comparison: "red"
    case .check: "magenta"
    case .measure: "yellow"
    case .avoid: "blue"
    }
  }

  /// Braces end a text in DS9.
  private func label(_ name: String) -> String {
    String(CSVText.cleaned(name).map { $0 == "{" ? "(" : $0 == "}" ? ")" : $0 })
  }
}

enum StarListFault {
  static var nowhere: PipelineError {
    PipelineError(
      .badData, "stars.csv",
      "no star with a place that this format takes; give ra and dec of the stars, or solve a frame")
  }
}
