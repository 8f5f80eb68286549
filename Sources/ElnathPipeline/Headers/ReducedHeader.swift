import ElnathCore
import ElnathFITS

extension HeaderDecoder {
  /// Decodes the header of a frame that was reduced before, by the keywords that `ReducedCards` writes and the usual ones.
  /// What the project says of the camera is about raw frames and does not count.
  ///
  /// - Parameter planes: units of its variance and its mask.
  func decodeReduced(
    _ image: FITSImageHeader, file: String, planes: (variance: Int, mask: Int), listed: Observation.Kind?
  ) -> Result {
    let header = image.header
    let isOurs = header.text("CREATOR")?.hasPrefix("elnath") == true
    let decoder = HeaderDecoder(
      profile: reducedProfile, project: reducedProject(isOurs: isOurs), observatory: observatory, home: home)
    var result = decoder.decode(
      header, file: file, width: image.width, height: image.height, images: [image], listed: listed)
    let noise = ReducedCards.noise(in: header)
    result.observation.reduction = PastReduction(
      noise: noise.whole, amplifierNoise: noise.outputs, varianceUnit: planes.variance, maskUnit: planes.mask)
    if let flat = header.text("FLATFILE"), !flat.isEmpty, !flat.hasPrefix("/") {
      result.observation.reduction?.flatFile = flat
    }
    result.observation.gain = Decoded(1, from: .header("BUNIT"))
    if let site = result.observation.site, site.aperture.isNaN, let size = header.number("APTDIA"), size > 0 {
      result.observation.site?.aperture = size / 1000
    }
    // Decoded a second time the header would be doubted for what a raw frame needs.
    let needless = ["no gain", "no read noise", "no saturation"]
    result.observation.problems.removeAll { problem in needless.contains { problem.hasPrefix($0) } }
    return result
  }

  private var reducedProfile: CameraProfile {
    var reduced = generic ?? profile
    reduced.time.mid.insert("MJD-AVG", at: 0)
    func value(_ keyword: String) -> CameraValue {
      var value = CameraValue()
      value.keywords = [keyword]
      return value
    }
    reduced.gain = value("GAIN")
    reduced.readNoise = value("RDNOISE")
    reduced.saturation = value("SATURATE")
    reduced.pedestal = CameraValue()
    reduced.pixelScale = value("PIXSCALE")
    reduced.geometry = GeometryRule()
    reduced.modes = []
    reduced.linearity = generic?.linearity ?? reduced.linearity
    reduced.site.aperture = profile.site.aperture
    return reduced
  }

  /// What of the project is about the sky and not about the camera. The times of frames that this program reduced are
  /// corrected already.
  private func reducedProject(isOurs: Bool) -> InputSettings {
    var reduced = InputSettings()
    (reduced.latitude, reduced.longitude, reduced.altitude) = (project.latitude, project.longitude, project.altitude)
    (reduced.aperture, reduced.exposure, reduced.filter) = (project.aperture, project.exposure, project.filter)
    reduced.pixelScale = project.pixelScale
    if !isOurs { reduced.clockOffset = project.clockOffset }
    return reduced
  }
}
