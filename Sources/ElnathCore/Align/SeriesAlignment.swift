/// Registers a series of frames to the best of them, from their sources alone.
///
/// The ladder: the coordinates of the headers; the known transform of the neighbour in time with a shift voted by the
/// bright stars; star patterns; the same against the stars of all frames registered so far, which reach beyond the edges
/// of the reference; the transform predicted from neighbours in time, held against whatever stars there are. Each rung
/// must prove its answer (`MatchProof`). Frames that no rung proves may be looked at once more on their pixels
/// (`RegisteredSeries`), else they are rejected.
public struct SeriesAlignment: Sendable {
  /// Candidates tried for the reference, until one registers most frames.
  public var referenceCandidates: Int
  /// How much freedom transforms may have.
  public var transform: TransformChoice

  public init(referenceCandidates: Int = 4, transform: TransformChoice = .auto) {
    self.referenceCandidates = referenceCandidates
    self.transform = transform
  }

  /// - Parameter reference: number of the frame that the user wants as reference.
  /// - Returns: every frame's row in the order given; nil when no frame (or not that one) can serve as reference.
  public func callAsFunction(_ series: [SeriesFrame], reference: Int? = nil) -> Alignment? {
    guard let registered = registered(series, reference: reference), registered.isProven else { return nil }
    return registered.alignment()
  }

  /// The same, open to what pixels may add.
  public func registered(_ series: [SeriesFrame], reference: Int? = nil) -> RegisteredSeries? {
    // By number, so that the order in which frames are given does not matter.
    let order = series.indices.sorted { (series[$0].summary.frame, $0) < (series[$1].summary.frame, $1) }
    let frames = order.map { series[$0].summary.status == .rejected ? nil : series[$0].sources }
    var candidates = Array(ReferenceChoice.ranking(frames).prefix(max(1, referenceCandidates)))
    if let reference {
      guard let wanted = order.firstIndex(where: { series[$0].summary.frame == reference }), frames[wanted] != nil
      else { return nil }
      candidates = [wanted]
    }
    guard let first = candidates.first, let size = frames[first].map({ ($0.width, $0.height) }) else { return nil }

    let members = frames.indices.filter { frames[$0].map { ($0.width, $0.height) == size } ?? false }
    let sources = members.compactMap { frames[$0] }
    let fixed = FixedPixels.find(in: sources, reference: members.firstIndex(of: first) ?? 0)
    var best: SeriesRegistration?
    for candidate in candidates {
      guard let place = members.firstIndex(of: candidate) else { continue }
      var registration = SeriesRegistration(
        sources: sources, fixed: fixed, times: members.map { series[order[$0]].summary.jdUTC },
        reference: place, choice: transform)
      registration.run()
      if registration.registered > best?.registered ?? 0 { best = registration }
      // Of another field, or spoilt: most frames do not match it. Try the next one.
      if 2 * registration.registered >= members.count { break }
    }
    return best.map { RegisteredSeries(series: series, order: order, members: members, registration: $0) }
  }
}

/// A series of which some frames have a proven transform: the others may still get one from their pixels.
public struct RegisteredSeries: Sendable {
  let series: [SeriesFrame]
  let order: [Int]
  let members: [Int]
  private(set) var registration: SeriesRegistration

  init(series: [SeriesFrame], order: [Int], members: [Int], registration: SeriesRegistration) {
    self.series = series
    self.order = order
    self.members = members
    self.registration = registration
  }

  /// Places in the series of the reference frame, and of the frames that could be read but not registered.
  public var reference: Int { order[members[registration.reference]] }

  public var unregistered: [Int] {
    members.indices.filter { registration.transform(of: $0) == nil }.map { order[members[$0]] }
  }

  /// False where nothing was registered to a reference that shows no star.
  public var isProven: Bool {
    registration.registered > 1 || !registration.sources[registration.reference].sources.isEmpty
  }

  /// Places on a frame of what stands still on the detector while the sky moves.
  public func fixedPlaces(on frame: Int) -> [PixelPoint] {
    guard let member = members.firstIndex(where: { order[$0] == frame }) else { return [] }
    let sources = registration.sources[member]
    return registration.fixed.sources[member].sorted().map { sources.sources[$0].position }
      + sources.spikes.map { PixelPoint(x: Double($0.x), y: Double($0.y)) }
  }

  /// Takes what the correlation of images found; then frames near these in time may be predicted.
  public mutating func add(_ answers: [(frame: Int, answer: CorrelationAnswer)]) {
    for (frame, answer) in answers {
      guard let member = members.firstIndex(where: { order[$0] == frame }),
        registration.transform(of: member) == nil
      else { continue }
      switch answer {
      case .proven(let found): registration.accept(member, found)
      case .refused(let reason): registration.fail(member, also: reason)
      }
    }
    registration.byPrediction()
  }

  /// Every frame's row in the order given, and the stars of the field.
  public func alignment() -> Alignment { result(series, order: order, members: members, registration) }

  private func result(
    _ series: [SeriesFrame], order: [Int], members: [Int], _ registration: SeriesRegistration
  ) -> Alignment {
    let reference = registration.sources[registration.reference]
    var rows = order.map { series[$0].summary }
    for (k, row) in rows.enumerated() where row.status != .rejected {
      guard let sources = series[order[k]].sources else { continue }
      rows[k].fwhm = sources.fwhm
      rows[k].elongation = sources.elongation
      rows[k].sky = sources.sky
      rows[k].detections = sources.sources.count
      if sources.width != reference.width || sources.height != reference.height {
        rows[k].reject(
          .wrongSize,
          "\(sources.width) x \(sources.height) px where the reference frame has \(reference.width) x "
            + "\(reference.height)")
      }
    }
    let centre = PixelPoint(x: Double(reference.width - 1) / 2, y: Double(reference.height - 1) / 2)
    for (i, k) in members.enumerated() {
      rows[k].detections = registration.lists[i].stars.count
      switch registration.outcomes[i] {
      case .registered(let found):
        rows[k].registration = found
        let moved = found.transform(centre)
        rows[k].shiftX = moved.x - centre.x
        rows[k].shiftY = moved.y - centre.y
        if found.method == .predicted { rows[k].flags.insert(.predictedTransform) }
      case .failed(let reason):
        rows[k].registration = nil
        rows[k].reject(.notRegistered, reason)
      }
    }
    numberSegments(&rows)
    let catalogue = catalogue(registration, members: members, &rows)
    var frames = series.map(\.summary)
    for (k, i) in order.enumerated() { frames[i] = rows[k] }
    var alignment = Alignment(
      frames: frames, reference: rows[members[registration.reference]].frame, width: reference.width,
      height: reference.height, sources: catalogue)
    alignment.trails = passing(
      order.flatMap { k in
        (series[k].sources?.trails ?? []).map { FrameTrail(frame: series[k].summary.frame, trail: $0) }
      })
    alignment.hotPixels = HotPixels.find(
      in: registration.sources, still: registration.fixed.sources,
      transforms: members.indices.map { registration.transform(of: $0) })
    return alignment
  }

  /// A camera turned by about 180 degrees since the frame before: the mount was flipped.
  private func numberSegments(_ rows: inout [FrameSummary]) {
    var segment = 1
    var previous: Double?
    for k in rows.indices {
      if let rotation = rows[k].registration?.transform.rotation {
        if let previous {
          let turn = abs(rotation - previous)
          if min(turn, 2 * .pi - turn) > 0.8 * .pi { segment += 1 }
        }
        previous = rotation
      }
      rows[k].segment = segment
    }
  }

  /// Without lines that stand at one place of the detector on three frames or more: no satellite does that.
  private func passing(_ trails: [FrameTrail]) -> [FrameTrail] {
    let play = 6.0
    func same(_ a: SatelliteTrail, _ b: SatelliteTrail) -> Bool {
      a.start.distance(to: b.start) < play && a.end.distance(to: b.end) < play
    }
    return trails.filter { one in
      Set(trails.filter { same($0.trail, one.trail) }.map(\.frame)).count < 3
    }
  }

  private func catalogue(
    _ registration: SeriesRegistration, members: [Int], _ rows: inout [FrameSummary]
  ) -> [CatalogSource] {
    let field = registration.fieldSources()
    let kept = registration.registeredFrames
    let transparency = FirstTransparency(
      field, filters: kept.map { rows[members[$0]].filter }, exposures: kept.map { rows[members[$0]].exposure })
    let shapes = field.shapes()
    for (n, i) in kept.enumerated() {
      // Where no other frame shows the stars that this one does there is nothing to tell them from cosmic rays.
      if kept.count > 1 {
        rows[members[i]].fwhm = shapes[n].fwhm
        rows[members[i]].elongation = shapes[n].elongation
      }
      rows[members[i]].transparency = transparency.relative[n]
      rows[members[i]].detectedTransparency = transparency.relative[n]
    }
    let own = kept.firstIndex(of: registration.reference) ?? 0
    return field.catalogue(responses: transparency.responses(relativeTo: own))
  }
}

extension FrameSummary {
  /// Takes the frame out of the series, for a reason.
  public mutating func reject(_ flag: QualityFlags, _ why: String) {
    status = .rejected
    flags.insert(flag)
    reason = reason.isEmpty ? why : reason + "; " + why
  }
}
