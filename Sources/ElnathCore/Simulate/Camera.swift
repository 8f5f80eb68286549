/// A simulated CCD camera, as its data sheet would describe it.
public struct Camera: Sendable, Equatable {
  /// The part that sees the sky, pixels.
  public var width: Int
  public var height: Int
  /// Columns that do not: to the right of it, or with several outputs at each outer edge, read after the last pixel of
  /// a row.
  public var overscanColumns = 48
  /// Rows above it that do not, and columns to the left of it that are read first; for a single output only.
  public var overscanRows = 0
  public var prescanColumns = 0
  /// The outputs through which halves (left, right) or quadrants (lower left, lower right, upper left, upper right) are
  /// read; empty for a single one with the gain, read noise and bias level given here.
  public var outputs: [Output] = []
  /// On-chip binning in x and y; the figures here are those of the binned pixels.
  public var binning = 2
  /// Arcsec.
  public var pixelScale = 0.85
  /// Micrometres from one pixel to the next.
  public var pixelPitch = 30.0
  /// Depth of the silicon that collects charge, micrometres: how long the track of a particle gets.
  public var thickness = 40.0
  /// e-/ADU.
  public var gain = 1.3
  /// Electrons.
  public var readNoise = 7.3
  /// ADU.
  public var biasLevel = 3000.0
  /// Electrons that a pixel holds before charge spills along the column.
  public var fullWell = 80_000.0
  /// e-/px/s.
  public var darkCurrent = 0.02
  /// Loss of light in the corners.
  public var vignetting = 0.10
  /// Standard deviation of the response from pixel to pixel.
  public var pixelResponse = 0.01
  /// Shadows of dust grains.
  public var dustRings = 5
  /// Pixels whose dark current lies between 1 and 300 e-/s.
  public var hotPixels = 500
  /// Pixels that see under 30 % of their light.
  public var deadPixels = 120
  /// Pixels whose dark current comes and goes from frame to frame, by 5 to 100 e-/s.
  public var unstablePixels = 0
  /// Columns that are spoilt from some row to the far end of their readout: by turns blind and bright.
  public var badColumns = 0
  /// Particles per square centimetre and minute; about 1 at sea level.
  public var cosmicRays = 0.0
  /// Coefficients c1, c2, ... of the response: of a signal s the camera writes the m that solves
  /// s = m (1 + c1 m + c2 m^2 ...), both in ADU above the zero level. Empty for a straight one.
  public var linearity: [Double] = []
  /// Share of the charge of a row's last pixel that is read with the first overscan column, a third of it with the
  /// next, and so on.
  public var deferredCharge = 0.0
  /// Overscan columns of each output, the last ones read, that hold nothing: 0 ADU.
  public var damagedOverscanColumns = 0
  /// Standard deviation of the bias level from column to column, ADU.
  public var biasColumns = 1.5
  /// Climb of the bias level from the first to the last row, ADU.
  public var biasSlope = 3.0
  /// Standard deviation of the bias level from one readout to the next, ADU.
  public var biasDrift = 2.0

  /// One of several outputs.
  public struct Output: Sendable, Equatable {
    public var name: String
    /// e-/ADU.
    public var gain: Double
    /// Electrons.
    public var readNoise: Double
    /// ADU.
    public var biasLevel: Double
    /// Change of the zero level from the first line read to the last, overscan included, ADU: standard deviation from
    /// frame to frame.
    public var ramp: Double

    public init(name: String = "", gain: Double, readNoise: Double, biasLevel: Double, ramp: Double = 0) {
      self.name = name
      self.gain = gain
      self.readNoise = readNoise
      self.biasLevel = biasLevel
      self.ramp = ramp
    }
  }

  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a camera has pixels")
    self.width = width
    self.height = height
  }

  /// Raw ADU, bias included, from which a pixel of this camera must count as saturated: a little below full well and
  /// the end of 16 bits, for the output where that comes first.
  public var saturation: Double {
    let levels = everyOutput.map { output in
      min(response(to: 0.97 * fullWell / output.gain) + output.biasLevel, 65_000)
    }
    return (levels.min() ?? 65_000).rounded(.down)
  }

  /// ADU above the zero level that the camera writes for a signal in ADU, see ``linearity``.
  public func response(to signal: Double) -> Double {
    guard !linearity.isEmpty else { return signal }
    var measured = signal
    // Newton's method; the response is nearly straight, so three steps reach the last digit.
    for _ in 0..<4 {
      var (value, slope, power) = (measured, 1.0, measured)
      for (k, c) in linearity.enumerated() {
        slope += c * Double(k + 2) * power
        power *= measured
        value += c * power
      }
      measured -= (value - signal) / slope
    }
    return measured
  }

  /// `outputs`, or the only one.
  var everyOutput: [Output] {
    outputs.isEmpty ? [Output(gain: gain, readNoise: readNoise, biasLevel: biasLevel)] : outputs
  }
}
