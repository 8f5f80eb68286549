import ElnathCore

/// Table [align] of the project file.
public struct AlignSettings: Codable, Sendable, Equatable {
  /// File of the frame that all others are registered to. Left out: the best by stars, FWHM, elongation and sky.
  public var reference: String?
  /// Stars count from this many times the noise of the filtered frame: at 5, noise alone makes one false star in some
  /// hundred frames.
  public var threshold = 5.0
  /// Boxes of the background mesh, px: several stars wide, yet able to follow a nebula.
  public var backgroundBox = 64

  /// How much freedom the transforms of the frames may have: `similarity`, `affine`, `quadratic`, `cubic`, or `auto`, a
  /// similarity unless the residuals of the stars ask for more.
  public var transform = TransformChoice.auto

  enum CodingKeys: String, CodingKey {
    case reference, threshold, transform
    case backgroundBox = "background_box"
  }

  public init() {}
}

extension AlignSettings {
  /// The detection that these settings ask for; what makes no sense is refused.
  public func detection() throws(PipelineError) -> SourceDetection {
    guard threshold >= 2, threshold <= 1000 else {
      throw PipelineError(
        .configuration, "align.threshold", "\(threshold) is out of range; give 2 to 1000 times the noise, 5 is usual")
    }
    guard backgroundBox >= 16, backgroundBox <= 4096 else {
      throw PipelineError(
        .configuration, "align.background_box", "\(backgroundBox) px is out of range; give 16 to 4096, 64 is usual")
    }
    return SourceDetection(threshold: threshold, boxSize: backgroundBox)
  }
}
