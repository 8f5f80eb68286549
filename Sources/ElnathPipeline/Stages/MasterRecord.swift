import ElnathCore

/// How a master came about: a row of `masters.csv`.
public struct MasterRecord: Sendable, Equatable {
  public var kind: Observation.Kind
  /// Of a flat; empty for all else.
  public var filter: String
  /// Of a dark, s; 0 for all else.
  public var exposure: Double
  public var night: String
  public var binning: String
  public var readoutMode: String
  public var size: PixelSize
  /// Degrees Celsius; NaN where unknown.
  public var temperature: Double
  /// As `bias.fits`, `dark_60s.fits`, `flat_R.fits`; the file is there only if `frames` is not 0.
  public var fileName: String
  /// Frames combined; 0 where none of the group was usable.
  public var frames = 0
  /// Pixel values rejected.
  public var rejected = 0
  /// Median: ADU of a bias or dark, about 1 for a flat; NaN without a master.
  public var level = Double.nan
  /// Typical error of a pixel, in the unit of the level; NaN without a master.
  public var sigma = Double.nan
  /// Of one frame and pixel, ADU, from pairs of bias frames; NaN where there are none.
  public var readNoise = Double.nan
  /// What went in.
  public var files: [String] = []
  /// How the frames were combined; nil where the record does not tell.
  public var method: CombinationMethod?
  /// Standard deviations beyond which values were rejected.
  public var limit = Double.nan
  /// e-/ADU by which the photon noise was computed, mean of the outputs; NaN where unknown.
  public var gain = Double.nan
  /// Frames that were not used, and why.
  public var leftOut: [LeftOut] = []
  /// What people should know: frames left out and why.
  public var remarks: [String] = []

  public struct LeftOut: Sendable, Equatable {
    public var file: String
    public var reason: String

    /// As tables have it: `dark7.fits (no pixel has a value)`.
    var text: String { reason.isEmpty ? file : "\(file) (\(reason))" }

    init(file: String, reason: String) {
      self.file = file
      self.reason = reason
    }

    init(text: String) {
      let parts = text.split(separator: " (", maxSplits: 1)
      file = String(parts.first ?? "")
      reason = parts.count > 1 ? String(parts[1].dropLast()) : ""
    }
  }

  public init(_ group: CalibrationGroup) {
    kind = group.kind
    filter = group.filter
    exposure = group.exposure
    night = group.night
    binning = group.readout.binning
    readoutMode = group.readout.mode
    size = group.readout.size
    temperature = group.temperature
    fileName = group.fileName
  }

  mutating func leaveOut(_ file: String, _ why: String) {
    // Clauses are parted by semicolons where they are written.
    let reason = why.split(separator: "; ").joined(separator: ", ")
    leftOut.append(LeftOut(file: file, reason: reason))
    remarks.append("\(file): \(reason), not used")
  }

  mutating func describe(_ master: Master) {
    frames = master.frames
    rejected = master.rejected
    level = master.level
    sigma = master.meanVariance.squareRoot()
  }
}
