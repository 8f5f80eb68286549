import ElnathCore

/// `observations.csv`: one row for each input file.
public enum ObservationColumns {
  public static let all: [Column<Observation>] = promised + more

  private static let promised: [Column<Observation>] = [
    Column("file", "", "Path, relative to the project file.") { .path($0.file) },
    Column("kind", "", "light, bias, dark, flat or unknown.") { .text($0.kind.rawValue) },
    Column("object", "", "What the header says was pointed at.") { .text($0.object) },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("exposure_s", "s", "Exposure time.") { .real($0.exposure) },
    Column("jd_utc", "d", "Mid-exposure, Julian date in UTC.") { .time($0.jdUTC) },
    Column("gain", "e-/ADU", "Gain of the camera.") { .real($0.gain?.value) },
    Column("read_noise", "e-", "Read noise.") { .real($0.readNoise?.value) },
    Column("width", "px", "Columns of the image in the file.") { .integer($0.width) },
    Column("height", "px", "Rows of the image in the file.") { .integer($0.height) },
    Column("trim_x", "px", "Columns cut off at the left: x in the file is x in tables plus this.") {
      .integer($0.trim.x)
    },
    Column("trim_y", "px", "Rows cut off at the bottom: y in the file is y in tables plus this.") {
      .integer($0.trim.y)
    },
    Column("binning", "", "Pixels of the chip in one pixel of the image, as 1x1.") { .text($0.binning) },
    Column("night", "", "Night, noon to noon at the site, by the date of its evening.") { .text($0.night) },
    Column("problems", "", "What was not understood or contradicts itself, joined by '; '.") {
      .text($0.problems.joined(separator: "; "))
    },
  ]

  private static let more: [Column<Observation>] = [
    Column("trim_width", "px", "Columns left after trimming.") { .integer($0.trim.width) },
    Column("trim_height", "px", "Rows left after trimming.") { .integer($0.trim.height) },
    Column("overscan", "", "The part that saw no sky, as a FITS section.") { .text($0.overscan?.section ?? "") },
    Column("saturation", "ADU", "Level from which a raw pixel counts as saturated.") { .real($0.saturation?.value) },
    Column("pedestal", "ADU", "Level of an exposure without light, where the profile declares it.") {
      .real($0.pedestal?.value)
    },
    Column("gain_origin", "", "Where the gain comes from.") { origin($0.gain) },
    Column("read_noise_origin", "", "Where the read noise comes from.") { origin($0.readNoise) },
    Column("saturation_origin", "", "Where the saturation level comes from.") { origin($0.saturation) },
    Column("pedestal_origin", "", "Where the pedestal comes from.") { origin($0.pedestal) },
    Column("sources", "", "Where each of the other values comes from, joined by '; '.") {
      .text($0.sources.map(\.clause).joined(separator: "; "))
    },
    Column("ra_deg", "deg", "Pointing, right ascension (ICRS).") { .real($0.rightAscension) },
    Column("dec_deg", "deg", "Pointing, declination (ICRS).") { .real($0.declination) },
    Column("pixel_scale", "arcsec/px", "Pixel scale of the image as read out.") { .real($0.pixelScale?.value) },
    Column("pixel_scale_origin", "", "Where the pixel scale comes from.") { origin($0.pixelScale) },
    Column("longitude_deg", "deg", "Longitude of the telescope, east positive.") { .real($0.site?.longitude) },
    Column("latitude_deg", "deg", "Latitude of the telescope.") { .real($0.site?.latitude) },
    Column("altitude_m", "m", "Height of the telescope above the ellipsoid.") { .real($0.site?.altitude) },
    Column("aperture_m", "m", "Free aperture of the telescope.") { .real($0.site?.aperture) },
    Column("readout_mode", "", "Name of the readout mode.") { .text($0.readoutMode) },
    Column("temperature_c", "deg C", "Temperature of the detector.") { .real($0.temperature) },
  ]

  private static func origin(_ value: Decoded<Double>?) -> Cell { .text(value?.origin.description ?? "") }
}
