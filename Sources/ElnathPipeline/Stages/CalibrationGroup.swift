import ElnathCore

/// Calibration frames that belong together: one master is made of them.
public struct CalibrationGroup: Sendable, Equatable {
  public var kind: Observation.Kind
  /// Of flats; empty for all else.
  public var filter: String
  /// Of darks, s; 0 for all else.
  public var exposure: Double
  /// The night on which the frames were taken; empty where their headers do not tell.
  public var night: String
  /// How the frames were read out.
  public var readout: ReadoutFormat
  /// Median of the frames, degrees Celsius; NaN where their headers do not tell.
  public var temperature: Double
  /// By path.
  public var files: [ScannedFile]
  /// Of the master, as `flat_R.fits`.
  public var fileName: String

  public init(
    kind: Observation.Kind, filter: String = "", exposure: Double = 0, night: String = "", readout: ReadoutFormat,
    temperature: Double = .nan, files: [ScannedFile], fileName: String = ""
  ) {
    self.kind = kind
    self.filter = filter
    self.exposure = exposure
    self.night = night
    self.readout = readout
    self.temperature = temperature
    self.files = files
    self.fileName = fileName
  }
}

/// What two frames must have in common before the one can calibrate the other: size, binning, readout mode, and the
/// outputs that the pixels were read through.
public struct ReadoutFormat: Sendable, Hashable {
  /// Of the trimmed frame.
  public var size: PixelSize
  /// As `1x1`.
  public var binning: String
  /// Empty where unknown.
  public var mode: String
  /// Areas of the amplifiers, and which parts of the frame have an overscan: a master of frames without one holds the
  /// zero level that the others have lost.
  public var layout: String

  public init(size: PixelSize, binning: String = "1x1", mode: String = "", layout: String = "") {
    self.size = size
    self.binning = binning
    self.mode = mode
    self.layout = layout
  }

  public init(_ observation: Observation) {
    size = PixelSize(width: observation.trim.width, height: observation.trim.height)
    binning = observation.binning
    mode = observation.readoutMode
    let areas = observation.amplifiers.map { $0.area.section + ($0.overscan == nil ? "" : " with overscan") }
    layout = areas.isEmpty ? (observation.overscan == nil ? "" : "with overscan") : areas.joined(separator: ", ")
  }

  /// True where a master of this readout may serve frames of the other. An unknown mode may be any.
  public func serves(_ other: ReadoutFormat) -> Bool {
    size == other.size && binning == other.binning && layout == other.layout
      && (mode == other.mode || mode.isEmpty || other.mode.isEmpty)
  }
}

extension ReadoutFormat: CustomStringConvertible {
  /// `512x512 px, binning 2x2, mode fast, with overscan`.
  public var description: String {
    let parts = [
      "\(size) px", binning == "1x1" ? "" : "binning \(binning)", mode.isEmpty ? "" : "mode \(mode)", layout,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
