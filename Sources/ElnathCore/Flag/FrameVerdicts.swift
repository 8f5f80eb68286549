#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the verdicts need to know beside the table.
public struct FlagContext: Sendable, Equatable {
  /// Electrons in a pixel at which the camera saturates, one for each frame of the table (NaN where not known); empty where
  /// none is known.
  public var saturation: [Double]
  /// Bits that unuse a frame even where they only warn.
  public var exclude: QualityFlags
  /// What the user decided by hand.
  public var user: UserVerdicts

  public init(saturation: [Double] = [], exclude: QualityFlags = [], user: UserVerdicts = UserVerdicts()) {
    self.saturation = saturation
    self.exclude = exclude
    self.user = user
  }
}

/// Judges every frame by its own stars, seeing, sky and pointing, never by the brightness of a target.
///
/// Sets segment, transparency, zero point, comparisons, flags, status and reason of the frames. What it set before is
/// replaced, so that it may be repeated: applied twice it gives the same table as once. A rejected frame stays as it is.
public struct FrameVerdicts: Sendable {
  public var limits: FlagLimits
  public var context: FlagContext

  public init(limits: FlagLimits = FlagLimits(), context: FlagContext = FlagContext()) {
    self.limits = limits
    self.context = context
  }

  public func callAsFunction(_ table: PhotometryTable) -> PhotometryTable {
    var table = table
    clear(&table)
    for (index, number) in SeriesSegments.numbers(table.frames).enumerated() { table.frames[index].segment = number }
    let series = SeriesLimits(frames: table.frames)
    var findings = FrameFindings(count: table.frames.count)
    let saturation =
      context.saturation.isEmpty ? Array(repeating: .nan, count: table.frames.count) : context.saturation
    precondition(saturation.count == table.frames.count, "one saturation level for each frame")

    var measured: [Int: FrameMeasurements] = [:]
    let places = Dictionary(table.frames.enumerated().map { ($1.frame, $0) }, uniquingKeysWith: { first, _ in first })
    for measurements in table.measurements {
      if let place = places[measurements.frame] { measured[place] = measurements }
    }

    var fwhm = table.frames.map(\.fwhm)
    for run in series.runs {
      let rows = run.compactMap { frame in measured[frame].map { (frame: frame, measured: $0) } }
      let zeroPoints = RunZeroPoints(ZeroPointStars(table: table, rows: rows), table: table)
      let lights = Dictionary(uniqueKeysWithValues: zip(zeroPoints.stars.frames, zeroPoints.frames))
      write(zeroPoints, to: &table)
      let members = Set(run)
      let groups = series.groups.filter { members.contains($0[0]) }
      let trusted = CredibleAirmass.frames(table.frames, run: run)
      LightRules(limits: limits, frames: trusted)
        .apply(run: run, lights: lights, to: &findings)
      for row in rows where fwhm[row.frame].isNaN {
        fwhm[row.frame] = Median.of(zeroPoints.stars.stars.map { row.measured.stars[$0].fwhm })
      }
      ImageRules(limits: limits, frames: trusted, fwhm: fwhm, saturation: saturation)
        .apply(run: run, groups: groups, to: &findings)
      PointingRules(limits: limits, frames: table.frames, fwhm: fwhm).apply(run: run, to: &findings)
    }
    for track in series.tracks(table.frames) {
      PointingRules(limits: limits, frames: table.frames, fwhm: fwhm).applyToTrack(track, to: &findings)
    }
    findings.withdraw(groups: series.groups, fraction: limits.maxUnusedFraction)
    for index in table.frames.indices where table.frames[index].status != .rejected {
      settle(&table.frames[index], findings.byFrame[index])
    }
    return table
  }

  /// Takes out what an earlier application wrote.
  private func clear(_ table: inout PhotometryTable) {
    for index in table.frames.indices {
      table.frames[index].transparency = .nan
      table.frames[index].zeroPoint = .nan
      table.frames[index].zeroPointError = .nan
      table.frames[index].comparisons = nil
      table.frames[index].comparisonRMS = .nan
      guard table.frames[index].status != .rejected else { continue }
      table.frames[index].flags.subtract(.ownedByFlag)
      table.frames[index].status = .used
      table.frames[index].reason = ""
    }
  }

  /// Zero points on the scale of the catalogue where stars have magnitudes in this band, else with a median of 0; the
  /// transparency relative to the clearest frames, extinction included.
  private func write(_ zeroPoints: RunZeroPoints, to table: inout PhotometryTable) {
    let stars = zeroPoints.stars
    guard !stars.isEmpty else { return }
    let filter = table.frames[stars.frames[0]].filter
    let offsets = stars.stars.enumerated().compactMap { place, star -> Double? in
      table.stars[star].band == filter ? table.stars[star].magnitude - zeroPoints.means[place] : nil
    }
    let catalogue = Median.of(offsets)
    let scale = catalogue.isNaN ? Median.of(zeroPoints.frames.map(\.loss)) : catalogue
    let components = Set(zeroPoints.frames.map(\.component))
    for component in components {
      let members = zeroPoints.frames.indices.filter { zeroPoints.frames[$0].component == component }
      let clear = SeriesLimits.clearEnd(
        LightRules.trusted(members.map { (zeroPoints.frames[$0].loss, zeroPoints.frames[$0].variance) }))
      for member in members {
        let light = zeroPoints.frames[member]
        let index = stars.frames[member]
        // Noise may make the light of a dark frame negative.
        table.frames[index].transparency = light.flux < 0 ? 0 : light.flux * pow(10, 0.4 * clear)
        table.frames[index].zeroPoint = scale - light.loss
        table.frames[index].zeroPointError = light.variance.squareRoot()
        table.frames[index].comparisons = light.comparisons
        table.frames[index].comparisonRMS = light.rms
      }
    }
  }

  /// Flags, status and reason from all that speaks against a frame, and from the user's word.
  private func settle(_ frame: inout FrameSummary, _ findings: [FrameFinding]) {
    var clauses: [String] = []
    var isUnused = false
    for definition in QualityFlags.definitions where frame.flags.contains(definition.flag) {
      // A frame that repeats another would count the same photons twice.
      let unuses = definition.flag == .duplicate || context.exclude.contains(definition.flag)
      isUnused = isUnused || unuses
      clauses.append(Self.clause(definition, excluded: unuses && definition.flag != .duplicate))
    }
    // What takes the frame out of use is said first.
    for finding in findings.filter({ $0.weight != .warns }) + findings.filter({ $0.weight == .warns }) {
      frame.flags.insert(finding.flag)
      let excluded = finding.weight == .warns && !context.exclude.isDisjoint(with: finding.flag)
      isUnused = isUnused || excluded || finding.weight != .warns
      clauses.append(finding.clause + (excluded ? Self.excluded : ""))
    }
    if let verdict = context.user.byFrame[frame.frame] {
      let reason = verdict.reason.isEmpty ? "" : ": \(verdict.reason)"
      switch verdict.action {
      case .exclude:
        frame.flags.insert(.user)
        isUnused = true
        clauses.insert("excluded by the user\(reason)", at: 0)
      case .include:
        if isUnused { frame.flags.insert(.user) }
        isUnused = false
        clauses.insert("kept by the user\(reason)", at: 0)
      }
    }
    frame.status = isUnused ? .unused : frame.flags.isDisjoint(with: .frame) ? .used : .flagged
    frame.reason = clauses.joined(separator: "; ")
  }

  private static let excluded = " (excluded by the settings)"

  private static func clause(_ definition: QualityFlags.Definition, excluded: Bool) -> String {
    let sentence = definition.sentence.hasSuffix(".") ? String(definition.sentence.dropLast()) : definition.sentence
    return sentence.prefix(1).lowercased() + sentence.dropFirst() + (excluded ? Self.excluded : "")
  }
}
