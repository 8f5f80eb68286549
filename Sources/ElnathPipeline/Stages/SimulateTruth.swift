import ElnathCore
import ElnathFITS

/// The truth behind a simulated project as tables. Columns that `run` writes too carry the same name.
struct SimulatedTruth: Sendable {
  let simulation: Simulation
  /// The light frames, in order.
  let files: [SimulatedFile]
  let conditions: [Conditions]
  /// Index of the light frame that the places of stars refer to: the sharpest of those in the first filter without a mishap.
  let reference: Int

  init(_ simulation: Simulation, files: [SimulatedFile]) {
    self.simulation = simulation
    self.files = files.filter { $0.kind == .light }
    conditions = self.files.map { simulation.conditions($0.index) }
    let first = conditions.filter { simulation.night.passband(of: $0.index) == simulation.night.passband }
    let clear = first.filter { $0.mishap == nil }
    reference = (clear.isEmpty ? first : clear).min { $0.pointSpread.fwhm < $1.pointSpread.fwhm }?.index ?? 0
  }

  /// Stars on the reference frame or so near to its edge that they may drift onto others.
  var stars: [Simulation.StarImage] {
    let margin = 60.0
    return simulation.stars(in: reference).filter {
      PixelPoint(x: $0.place.x + margin, y: $0.place.y + margin)
        .lies(inWidth: simulation.camera.width + Int(2 * margin), height: simulation.camera.height + Int(2 * margin))
    }
  }

  /// Where the centre of the reference frame lies in each frame, what the air did to it, and what is to be expected.
  var framesTable: String {
    let (width, height) = (Double(simulation.camera.width), Double(simulation.camera.height))
    let centre = PixelPoint(x: (width - 1) / 2, y: (height - 1) / 2)
    let origin = conditions[reference].transform.inverse(centre)
    let angle = conditions[reference].rotation
    var table = TruthTable(
      "frame", "file", "filter", "jd_utc", "exposure_s", "airmass", "dx_px", "dy_px", "rotation_deg", "fwhm_px",
      "elongation", "sky_e_px", "transparency", "cloud_mag", "scintillation", "expected", "reason", "causes")
    for (file, truth) in zip(files, conditions) {
      let place = truth.transform(origin)
      table.add(
        .count(file.index + 1), .text(file.path), .text(file.filter), .time(truth.jdUTC),
        .number(file.exposure), .number(truth.airmass), .number(place.x - centre.x), .number(place.y - centre.y),
        .number(truth.rotation - angle), .number(truth.pointSpread.fwhm), .number(truth.pointSpread.elongation),
        .number(truth.sky), .number(truth.transparency), .number(truth.cloud), .number(truth.scintillation),
        .text(truth.expected.rawValue), .text(truth.mishap?.reason ?? ""), .text(truth.mishap?.causes.names ?? ""))
    }
    return table.text
  }

  /// Every star of the field with its place on the reference frame.
  var starsTable: String {
    var table = TruthTable(
      "star", "role", "ra_deg", "dec_deg", "x_px", "y_px", "mag", "band", "flux_above_e", "variable", "extended",
      "line_width_nm")
    for image in stars {
      let star = simulation.sky.stars[image.star]
      table.add(
        .text(star.name), .text(star.role?.rawValue ?? ""), .number(star.rightAscension), .number(star.declination),
        .number(image.place.fits.x), .number(image.place.fits.y), .number(star.magnitude),
        .text(simulation.night.passband.name), .number(simulation.fluxAbove(of: star)),
        .count(star.variability == .constant ? 0 : 1), .count(star.isExtended ? 1 : 0),
        .number(star.lineWidth))
    }
    return table.text
  }

  /// What a survey of the sky would list of the field, for `solve`: no star fainter than 19, and in one of twenty cases
  /// not the brighter ones either; positions and magnitudes with errors.
  var catalogTable: String {
    var random = SeededGenerator(seed: simulation.seed, part: 77)
    var table = TruthTable("ra", "dec", "mag", "band")
    for star in simulation.sky.stars where star.magnitude <= 19 {
      let (missing, east, north, error) = (random.uniform(), random.normal(), random.normal(), random.normal())
      guard missing > 0.05 else { continue }
      let arcsec = 0.05 / 3600
      let plane = TangentPlane(at: SkyPoint(rightAscension: star.rightAscension, declination: star.declination))
      let seen = plane.sky(at: PixelPoint(x: arcsec * east, y: arcsec * north))
      table.add(
        .number(Self.rounded(seen.rightAscension, 1e7)), .number(Self.rounded(seen.declination, 1e7)),
        .number(Self.rounded(star.magnitude + 0.03 * error, 1000)), .text(simulation.night.passband.name))
    }
    return table.text
  }

  private static func rounded(_ value: Double, _ steps: Double) -> Double { (value * steps).rounded() / steps }

  /// The true curve of every target.
  var lightCurvesTable: String {
    var table = TruthTable(
      "frame", "file", "star", "jd_utc", "x_px", "y_px", "delta_mag", "rel_flux", "mag", "flux_above_e", "flux_e",
      "scintillation")
    let targets = stars.map(\.star).filter { simulation.sky.stars[$0].role == .target }
    for (file, truth) in zip(files, conditions) {
      let images = simulation.stars(in: file.index)
      let band = simulation.night.passband(of: file.index)
      for target in targets {
        let (star, image) = (simulation.sky.stars[target], images[target])
        table.add(
          .count(file.index + 1), .text(file.path), .text(star.name), .time(truth.jdUTC), .number(image.place.fits.x),
          .number(image.place.fits.y), .number(image.magnitudeChange),
          .number(image.fluxAbove / simulation.fluxAbove(of: star, in: band)),
          .number(simulation.magnitude(of: star, in: band) + image.magnitudeChange),
          .number(image.fluxAbove), .number(image.flux), .number(image.scintillation))
      }
    }
    return table.text
  }

  /// The outputs of the camera and what is read through them.
  var amplifiersTable: String {
    var table = TruthTable(
      "amplifier", "x_px", "y_px", "width", "height", "overscan_x", "overscan_width", "gain", "read_noise",
      "bias_level_adu", "dark_current", "saturation")
    let camera = simulation.camera
    for (number, amplifier) in camera.amplifiers.enumerated() {
      let level = camera.outputs.isEmpty ? camera.biasLevel : camera.outputs[number].biasLevel
      table.add(
        .text(amplifier.name), .count(amplifier.area.x + 1), .count(amplifier.area.y + 1),
        .count(amplifier.area.width), .count(amplifier.area.height),
        .number(amplifier.overscan.map { Double($0.x + 1) } ?? .nan),
        .number(amplifier.overscan.map { Double($0.width) } ?? .nan), .number(amplifier.gain ?? .nan),
        .number(amplifier.readNoise ?? .nan), .number(level), .number(camera.darkCurrent), .number(camera.saturation))
    }
    return table.text
  }

  /// Every particle by its brightest pixel; nil for a camera that none comes through.
  static func cosmicRaysTable(_ simulation: Simulation, files: [SimulatedFile]) -> String? {
    guard simulation.camera.cosmicRays > 0 else { return nil }
    var table = TruthTable("file", "x_px", "y_px", "pixels", "electrons")
    for file in files {
      for ray in simulation.cosmicRays(file.kind, file.index) {
        guard let peak = ray.deposits.max(by: { $0.electrons < $1.electrons }) else { continue }
        table.add(
          .text(file.path), .count(peak.x + 1), .count(peak.y + 1), .count(ray.deposits.count),
          .number(ray.electrons.rounded()))
      }
    }
    return table.text
  }

  /// What the detector is like, pixel by pixel.
  var images: [(name: String, unit: FITSHDU)] {
    let detector = simulation.detector
    let (width, height) = (simulation.camera.width, simulation.camera.height)
    return [
      (
        "flat.fits",
        FITSHDU(
          width: width, height: height, pixels: .float(detector.response.pixels),
          cards: [HeaderCard("BUNIT", .text("relative"), "electrons per photo-electron of a perfect detector")])
      ),
      (
        "dark_rate.fits",
        FITSHDU(
          width: width, height: height, pixels: .float(detector.darkRate.pixels),
          cards: [HeaderCard("BUNIT", .text("electron/s"))])
      ),
      (
        "bad_pixels.fits",
        FITSHDU(
          width: width, height: height, pixels: .uint8(detector.defects.pixels.map(\.rawValue)),
          cards: [HeaderCard("COMMENT", nil, "1 hot, 2 dead, 4 unstable, 8 column; sums of these")])
      ),
    ]
  }

  static let readme = """
    # What this simulated night really was

    Pixels are FITS pixels of the trimmed frame, electrons are per exposure, an empty cell is no value. Nothing here was
    observed; the stars of the field other than the named ones are random.

    - `frames.csv`: dx_px, dy_px, rotation_deg as in the `frames.csv` of a run, from the frame named in PROJECT.toml;
      fwhm_px of the star images before pixels blur them; sky_e_px in the middle of the frame; transparency of clear air
      and cloud together; scintillation of one star, 1 sigma, relative.
      `expected` is the mildest verdict that is right: `used` = the frame must count (a warning is no harm),
      `flagged` = it must not pass in silence (flagged, unused or rejected), `rejected` = it must not count (unused or
      rejected). `causes` names the frame flags of which one should be set.
    - `stars.csv`: places on the frame named in PROJECT.toml, magnitudes and fluxes without the injected change;
      flux_above_e above the atmosphere; both in the first filter. line_width_nm is the equivalent width of the line of
      hydrogen, emission positive, which tells in a filter for it.
    - `lightcurves.csv`: delta_mag is the injected change (fainter = larger) and rel_flux the same as a factor;
      flux_above_e above the atmosphere and flux_e on a perfect detector, both with the change; scintillation is the factor
      by which the light of this star in this frame was changed on top.
    - `amplifiers.csv`: the outputs of the camera with the part of the trimmed frame that each of them reads; gain in
      e-/ADU, read noise in electrons, dark current of a good pixel in e-/px/s, saturation in raw ADU.
    - `flat.fits`: response of each pixel; `dark_rate.fits`: its dark current, e-/s; `bad_pixels.fits`: 1 hot (1 e-/s and
      more), 2 dead (under 30 % of its light), 4 unstable (dark current that comes and goes), 8 spoilt column.
    - `cosmic_rays.csv` (where there are any): each particle by its brightest pixel, whether anything shows or not.

    """
}

/// Lines of comma-separated values whose texts need no quotes.
private struct TruthTable {
  enum Cell {
    case text(String)
    case count(Int)
    case number(Double)
    /// A Julian date, rounded to 1e-8 d.
    case time(Double)
  }

  private(set) var text: String

  init(_ columns: String...) { text = columns.joined(separator: ",") + "\n" }

  mutating func add(_ cells: Cell...) {
    let line = cells.map { cell in
      switch cell {
      case .text(let text): text
      case .count(let count): "\(count)"
      case .number(let value): value.isFinite ? "\(value)" : ""
      case .time(let value): "\((value * 1e8).rounded() / 1e8)"
      }
    }
    text += line.joined(separator: ",") + "\n"
  }
}
