import ElnathCore

/// `masters.csv`: one row for each group of calibration frames of which a master was to be made.
public enum MasterColumns {
  public static let all: [Column<MasterRecord>] = [
    Column("file", "", "Path within the folder of the products; empty where no frame was usable.") {
      $0.frames > 0 ? .path("masters/" + $0.fileName) : .empty
    },
    Column("kind", "", "bias, dark or flat.") { .text($0.kind.rawValue) },
    Column("filter", "", "Name of the filter of a flat.") { .text($0.filter) },
    Column("exposure_s", "s", "Exposure of a dark.") { .real($0.kind == .dark ? $0.exposure : nil) },
    Column("frames", "", "Frames combined.") { .integer($0.frames) },
    Column("rejected", "", "Pixel values rejected.") { .integer($0.rejected) },
    Column("level", "", "Median: ADU of a bias or dark, 1 for a flat.") { .real($0.level) },
    Column("sigma", "", "Typical error of a pixel.") { .real($0.sigma) },
    Column("files", "", "What went in, separated by blanks.") { .text($0.files.joined(separator: " ")) },
    Column("night", "", "Night of the frames, noon to noon at the site.") { .text($0.night) },
    Column("width", "px", "Columns of the trimmed frame.") { .integer($0.size.width) },
    Column("height", "px", "Rows of the trimmed frame.") { .integer($0.size.height) },
    Column("binning", "", "Pixels of the chip in one pixel of the image, as 1x1.") { .text($0.binning) },
    Column("readout_mode", "", "Name of the readout mode.") { .text($0.readoutMode) },
    Column("temperature_c", "deg C", "Temperature of the detector.") { .real($0.temperature) },
    Column("read_noise_adu", "ADU", "Noise of one pixel of one bias frame, from pairs of frames.") {
      .real($0.readNoise)
    },
    Column("method", "", "How the frames were combined.") { $0.method.map { .text($0.rawValue) } ?? .empty },
    Column("limit", "sigma", "Distance from the median beyond which values were rejected.") {
      .real($0.method?.rejects == true ? $0.limit : nil)
    },
    Column("gain", "e-/ADU", "By which the photon noise was computed.") { .real($0.gain) },
    Column("left_out", "", "Frames that were not used, each with the reason in brackets, joined by '; '.") {
      .text($0.leftOut.map(\.text).joined(separator: "; "))
    },
    Column("remarks", "", "Frames left out and why, joined by '; '.") {
      .text($0.remarks.joined(separator: "; "))
    },
  ]
}

extension TableReader {
  /// The masters that are there as files.
  public static func masters(_ reader: CSVReader) throws(PipelineError) -> [MasterRecord] {
    let (file, kind, filter) = (try reader.column("file"), try reader.column("kind"), try reader.column("filter"))
    let (exposure, night) = (try reader.column("exposure_s"), try reader.column("night"))
    let (width, height) = (try reader.column("width"), try reader.column("height"))
    let (binning, mode) = (try reader.column("binning"), try reader.column("readout_mode"))
    let temperature = try reader.column("temperature_c")
    let (frames, rejected) = (try reader.column("frames"), try reader.column("rejected"))
    let (level, sigma) = (try reader.column("level"), try reader.column("sigma"))
    let readNoise = try reader.column("read_noise_adu")
    let (method, limit) = (try reader.column("method"), try reader.column("limit"))
    let (gain, leftOut) = (try reader.column("gain"), try reader.column("left_out"))
    let (files, remarks) = (try reader.column("files"), try reader.column("remarks"))
    var records: [MasterRecord] = []
    try reader.forEachRow { row throws(PipelineError) in
      guard !row.isEmpty(file) else { return }
      let readout = ReadoutFormat(
        size: PixelSize(width: try row.integer(width), height: try row.integer(height)),
        binning: try row.text(binning), mode: try row.text(mode))
      let group = CalibrationGroup(
        kind: try row.word(kind, as: Observation.Kind.self), filter: try row.text(filter),
        exposure: try row.optionalReal(exposure) ?? 0, night: try row.text(night), readout: readout,
        temperature: try row.real(temperature), files: [], fileName: ProjectFolder.split(try row.text(file)).name)
      var record = MasterRecord(group)
      record.frames = try row.integer(frames)
      record.rejected = try row.integer(rejected)
      record.level = try row.real(level)
      record.sigma = try row.real(sigma)
      record.readNoise = try row.real(readNoise)
      record.method = CombinationMethod(rawValue: try row.text(method))
      record.limit = try row.real(limit)
      record.gain = try row.real(gain)
      record.leftOut = try row.text(leftOut).splitByClauses().map(MasterRecord.LeftOut.init(text:))
      record.files = try row.text(files).split(separator: " ").map(String.init)
      record.remarks = try row.text(remarks).splitByClauses()
      records.append(record)
    }
    return records
  }
}
