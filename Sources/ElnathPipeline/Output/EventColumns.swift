import ElnathCore

/// `trails.csv`: one row for each trail of a satellite.
public enum TrailColumns {
  public static let all: [Column<FrameTrail>] = [
    Column("frame", "", "Number of the frame.") { .integer($0.frame) },
    Column("x1_px", "px", "Where the trail begins.") { .real($0.trail.start.fits.x) },
    Column("y1_px", "px", "Where the trail begins.") { .real($0.trail.start.fits.y) },
    Column("x2_px", "px", "Where the trail ends.") { .real($0.trail.end.fits.x) },
    Column("y2_px", "px", "Where the trail ends.") { .real($0.trail.end.fits.y) },
    Column("width_px", "px", "Full width at half maximum across the trail.") { .real($0.trail.width) },
    Column("brightness_e_px", "e-/px", "Median light of the trail per pixel of length.") { .real($0.trail.brightness) },
  ]
}

/// `hot_pixels.csv`: one row for each pixel that is bright on most frames while the sky moves.
public enum HotPixelColumns {
  public static let all: [Column<HotPixel>] = [
    Column("x_px", "px", "Column of the trimmed frame.") { .integer($0.x + 1) },
    Column("y_px", "px", "Row of the trimmed frame.") { .integer($0.y + 1) },
    Column("rate_e_s", "e-/s", "Charge of the pixel above its surroundings, which is subtracted.") { .real($0.rate) },
    Column("scatter_e_s", "e-/s", "Scatter of the charge from frame to frame, noise included.") { .real($0.scatter) },
  ]
}

extension TableReader {
  public static func trails(_ reader: CSVReader) throws(PipelineError) -> [FrameTrail] {
    let frame = try reader.column("frame")
    let (x1, y1) = (try reader.column("x1_px"), try reader.column("y1_px"))
    let (x2, y2) = (try reader.column("x2_px"), try reader.column("y2_px"))
    let (width, brightness) = (try reader.column("width_px"), try reader.column("brightness_e_px"))
    var trails: [FrameTrail] = []
    try reader.forEachRow { row throws(PipelineError) in
      let trail = SatelliteTrail(
        start: PixelPoint(fits: (try row.real(x1), try row.real(y1))),
        end: PixelPoint(fits: (try row.real(x2), try row.real(y2))), width: try row.real(width),
        brightness: try row.real(brightness))
      trails.append(FrameTrail(frame: try row.integer(frame), trail: trail))
    }
    return trails
  }

  public static func hotPixels(_ reader: CSVReader) throws(PipelineError) -> [HotPixel] {
    let (x, y) = (try reader.column("x_px"), try reader.column("y_px"))
    let (rate, scatter) = (try reader.column("rate_e_s"), try reader.column("scatter_e_s"))
    var pixels: [HotPixel] = []
    try reader.forEachRow { row throws(PipelineError) in
      pixels.append(
        HotPixel(
          x: try row.integer(x) - 1, y: try row.integer(y) - 1, rate: try row.real(rate),
          scatter: try row.real(scatter)))
    }
    return pixels
  }
}
