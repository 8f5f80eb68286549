import ElnathCore

/// Table [reduce] of the project file.
public struct ReduceSettings: Codable, Sendable, Equatable {
  /// How the zero level comes from the overscan: `fit` by a polynomial along the readout, the least noisy that follows a
  /// drift; `median` by one median of the section; `rows` by the median of each line, for levels that jump.
  public var overscan = Overscan.Method.fit
  /// Order of the polynomial along the overscan; 1 follows the slow drift of most amplifiers at no cost in noise.
  public var overscanOrder = 1
  /// How the calibration frames of a master are combined. By the noise model a cosmic ray is recognised in as few as
  /// three frames, which no method can that takes the scatter from the values themselves.
  public var combine = CombinationMethod.noise
  /// Values of calibration frames further than this many standard deviations from the median are left out; 4 keeps
  /// practically all good values of a master of 20 frames.
  public var rejectLimit = 4.0
  /// Set one to false to leave a kind of calibration frames aside although the project names them.
  public var bias = true
  public var dark = true
  public var flat = true
  /// Cosmic rays by their sharp edges: `auto` where stars are broad enough to be told from them (FWHM of 2.5 px and more),
  /// `on` everywhere, `off` nowhere.
  public var cosmicRays = CosmicRayChoice.auto
  /// Whose gain and read noise are taken: stated ones (project, header, profile), or those measured from the calibration
  /// frames, where these tell them to 5 per cent. Stated, since a measurement is as good as the frames of one night.
  public var detector = Detector.stated
  /// Pairs of biases and of flats that gain and read noise are measured from, to compare them with the stated ones; 0
  /// for no measurement. Three tell the gain to some tenths of a per cent, at the cost of reading twelve frames.
  public var cameraPairs = 3

  /// Whose gain and read noise are taken.
  public enum Detector: String, Codable, Sendable, CaseIterable {
    case stated, measured
  }

  enum CodingKeys: String, CodingKey {
    case overscan
    case overscanOrder = "overscan_order"
    case rejectLimit = "reject_limit"
    case combine, bias, dark, flat, detector
    case cosmicRays = "cosmic_rays"
    case cameraPairs = "camera_pairs"
  }

  public init() {}

  func check() throws(SettingsProblem) {
    guard (0...5).contains(overscanOrder) else {
      throw SettingsProblem(
        path: ["reduce", "overscan_order"], message: "\(overscanOrder) is no order of a polynomial from 0 to 5")
    }
    guard rejectLimit >= 1 && rejectLimit.isFinite else {
      throw SettingsProblem(
        path: ["reduce", "reject_limit"],
        message: "\(rejectLimit) standard deviations would reject good values; give 1 or more (usually 3 to 5)")
    }
  }

  /// The rule for the zero level of every frame, calibration frames and lights alike.
  public var overscanRule: Overscan { Overscan(order: overscanOrder, method: overscan) }
}

/// Where cosmic rays are looked for.
public enum CosmicRayChoice: String, Sendable, CaseIterable, Codable {
  case auto, on, off

  /// What to look for on a frame of this FWHM (px) and elongation, NaN when unknown; nil for nothing.
  public func search(fwhm: Double, elongation: Double) -> CosmicRays? {
    let fwhm = CosmicRays.narrowest(fwhm: fwhm, elongation: elongation)
    return switch self {
    case .off: nil
    case .auto: CosmicRays(fwhm: fwhm)
    case .on: CosmicRays(fwhm: fwhm) ?? CosmicRays(undersampled: fwhm)
    }
  }
}
