import ElnathCore

/// What the plot of the measured camera shows, taken from `photon_transfer.csv` and `camera.csv`.
struct PhotonTransferPlot {
  private struct Point {
    var level: Double
    var variance: Double
    var amplifier: Int
    var isUsed: Bool
  }

  private var points: [Point] = []
  /// In the order of the table.
  private var names: [String] = []
  private var gains: [String: Double] = [:]
  private var noises: [String: Double] = [:]

  /// Nil where the folder has no such tables, or tables without a pair.
  init?(folder: String) throws(PipelineError) {
    guard let pairs = try Self.reader("\(folder)/photon_transfer.csv"),
      let camera = try Self.reader("\(folder)/camera.csv")
    else { return nil }
    let (amplifier, readout) = (try pairs.column("amplifier"), try pairs.column("readout"))
    let (level, variance) = (try pairs.column("level_adu"), try pairs.column("variance_adu2"))
    let (readVariance, used) = (try pairs.column("read_variance_adu2"), try pairs.column("used"))
    var points: [Point] = []
    var names: [String] = []
    try pairs.forEachRow { row throws(PipelineError) in
      let name = Self.name(try row.text(amplifier), try row.text(readout))
      if !names.contains(name) { names.append(name) }
      points.append(
        Point(
          level: try row.real(level), variance: try row.real(variance) + (try row.real(readVariance)),
          amplifier: (names.firstIndex(of: name) ?? 0) + 1, isUsed: try row.text(used) == "1"))
    }
    let (owner, place) = (try camera.column("amplifier"), try camera.column("readout"))
    let (quantity, value) = (try camera.column("quantity"), try camera.column("value"))
    var gains: [String: Double] = [:]
    var noises: [String: Double] = [:]
    try camera.forEachRow { row throws(PipelineError) in
      let name = Self.name(try row.text(owner), try row.text(place))
      switch CameraRow.Quantity(rawValue: try row.text(quantity)) {
      case .gain: gains[name] = try row.optionalReal(value)
      case .readNoiseADU: noises[name] = try row.optionalReal(value)
      default: break
      }
    }
    points.removeAll { !($0.level > 0 && $0.variance > 0) }
    guard !points.isEmpty else { return nil }
    (self.points, self.names, self.gains, self.noises) = (points, names, gains, noises)
  }

  var plot: Plot {
    let data = CSVFormat.bytes(
      of: points,
      columns: [
        Column("level", "ADU", "Level of one flat above zero.") { .real($0.level) },
        Column("variance", "ADU^2", "Variance of one flat, read noise included.") { .real($0.variance) },
        Column("amplifier", "", "Number of the amplifier.") { .integer($0.amplifier) },
        Column("used", "", "1 where the pair counts for the gain.") { .boolean($0.isUsed) },
      ])
    func words(_ values: [String: Double]) -> String {
      Gnuplot.quoted(names.map { "\(values[$0] ?? 0)" }.joined(separator: " "))
    }
    let levels = points.map(\.level)
    return Plot(
      name: "photon_transfer", script: "photon_transfer.gp",
      variables: [
        ("data", Gnuplot.quoted("photon_transfer.csv")), ("count", "\(names.count)"),
        ("names", Gnuplot.quoted(names.joined(separator: " "))), ("gains", words(gains)), ("noises", words(noises)),
        ("level_min", "\(Self.decade(below: levels.min() ?? 1))"),
        ("level_max", "\(10 * Self.decade(below: levels.max() ?? 1))"),
      ],
      tables: [Plot.Table(name: "photon_transfer.csv", bytes: data)])
  }

  /// The power of ten that is less, so that the axis has two numbers at least.
  private static func decade(below level: Double) -> Double {
    var decade = 1.0
    while decade >= level { decade /= 10 }
    while 10 * decade < level { decade *= 10 }
    return decade
  }

  /// One word: gnuplot splits the list at blanks.
  private static func name(_ amplifier: String, _ readout: String) -> String {
    let name = [amplifier, readout].filter { !$0.isEmpty }.joined(separator: ",")
    return name.isEmpty ? "pairs" : String(name.map { $0.isWhitespace ? "_" : $0 })
  }

  private static func reader(_ path: String) throws(PipelineError) -> CSVReader? {
    do throws(PipelineError) {
      return try CSVReader(path: path)
    } catch {
      guard error.code == .noInput else { throw error }
      return nil
    }
  }
}
