/// A simulated CCD camera, as its data sheet would describe it.
public struct Camera: Sendable, Equatable {
  /// The part that sees the sky, pixels.
  public var width: Int
  public var height: Int
  /// Columns to the right of it that do not.
  public var overscanColumns = 48
  /// On-chip binning in x and y; the figures here are those of the binned pixels.
  public var binning = 2
  /// Arcsec.
  public var pixelScale = 0.85
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
  /// Standard deviation of the bias level from column to column, ADU.
  public var biasColumns = 1.5
  /// Climb of the bias level from the first to the last row, ADU.
  public var biasSlope = 3.0
  /// Standard deviation of the bias level from one readout to the next, ADU.
  public var biasDrift = 2.0

  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a camera has pixels")
    self.width = width
    self.height = height
  }

  public var rawWidth: Int { width + overscanColumns }
  /// The part of the raw frame that sees the sky.
  public var trim: PixelRectangle { PixelRectangle(x: 0, y: 0, width: width, height: height) }
  /// Nil without overscan columns.
  public var overscan: PixelRectangle? {
    overscanColumns > 0 ? PixelRectangle(x: width, y: 0, width: overscanColumns, height: height) : nil
  }
  /// Raw ADU, bias included, from which a pixel of this camera must count as saturated: a little below full well and
  /// the end of 16 bits.
  public var saturation: Double { min(0.97 * fullWell / gain + biasLevel, 65_000).rounded(.down) }
}
