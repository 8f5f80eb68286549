/// What signal to noise a star of the catalogue will reach on a frame, before any pixel of pass 2 is read: from its flux
/// in the catalogue and the frame's row.
struct SignalPrediction {
  private let readNoise: Double
  private let exposure: Double
  private let transparency: Double

  /// `readNoise` in e-.
  init(alignment: Alignment, readNoise: Double) {
    self.readNoise = readNoise
    let filter = alignment.frames.first { $0.frame == alignment.reference }?.filter
    let frames = alignment.frames.filter { $0.isRegistered && $0.filter == filter }
    exposure = Median.of(frames.map(\.exposure))
    transparency = Median.of(frames.map(\.detectedTransparency))
  }

  /// For a star with the catalogue flux `flux` in an aperture of 1.25 FWHM. NaN where the frame has no FWHM or sky.
  ///
  /// Catalogue fluxes are those of the reference frame's filter; in other filters they are taken as they stand.
  func signalToNoise(flux: Double, on frame: FrameSummary) -> Double {
    func ratio(_ a: Double, _ b: Double) -> Double { a > 0 && b > 0 ? a / b : 1 }
    guard frame.fwhm > 0 else { return .nan }
    let light = flux * ratio(frame.exposure, exposure) * ratio(frame.detectedTransparency, transparency)
    let area = CircularAperture(radius: 1.25 * max(frame.fwhm, 1)).area
    let sky = max(frame.sky, 0)
    return light / (light + area * (sky + readNoise * readNoise)).squareRoot()
  }
}

extension FrameSummary {
  /// True where a transform was proven and the frame was not rejected.
  var isRegistered: Bool { registration != nil && status != .rejected }
}
