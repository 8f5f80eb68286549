/// Rules on where the telescope pointed and when: registration, tracking_jump, twilight, high_airmass.
struct PointingRules {
  let limits: FlagLimits
  let frames: [FrameSummary]
  /// FWHM of each frame, px; NaN where not known.
  let fwhm: [Double]

  func apply(run: [Int], to findings: inout FrameFindings) {
    let f = Median.of(run.map { fwhm[$0] })
    let residuals = run.map { frame -> Double in
      guard let registration = frames[frame].registration, registration.method != .reference else { return .nan }
      return registration.residual
    }
    let usual = Median.of(residuals)
    let warn =
      [limits.warnResidualFWHM * f, limits.warnResidualPx, limits.warnResidualRatio * usual]
      .filter { !$0.isNaN }.max() ?? .infinity
    for (frame, residual) in zip(run, residuals) {
      if residual > limits.maxResidualFWHM * f {
        findings.add(
          frame, .registration, .unuses,
          "registration residual \(residual.fixed(2)) px beyond \((limits.maxResidualFWHM * f).fixed(2)) px")
      } else if residual > warn {
        findings.add(
          frame, .registration, .warns, "registration residual \(residual.fixed(2)) px beyond \(warn.fixed(2)) px")
      }
      if let distance = frames[frame].registration?.disagreement, distance > warn {
        findings.add(
          frame, .registration, .warns,
          "the images correlate \(distance.fixed(0)) px away from where the stars put the frame")
      }
      judgeSunAndAirmass(frame, &findings)
    }
  }

  private func judgeSunAndAirmass(_ frame: Int, _ findings: inout FrameFindings) {
    let sun = frames[frame].sunAltitude
    if sun > limits.maxSunAltitude {
      findings.add(
        frame, .twilight, .unuses, "Sun at \(sun.fixed(1)) deg, above \(limits.maxSunAltitude)")
    } else if sun > limits.warnSunAltitude {
      findings.add(frame, .twilight, .warns, "Sun at \(sun.fixed(1)) deg, above \(limits.warnSunAltitude)")
    }
    let airmass = frames[frame].airmass
    if airmass > Airmass.largest {
      findings.add(
        frame, .highAirmass, .warns, "airmass \(airmass.fixed(1)) cannot be: site, time or coordinates are wrong")
    } else if airmass > limits.warnAirmass {
      findings.add(
        frame, .highAirmass, .warns, "airmass \(airmass.fixed(2)) beyond \(limits.warnAirmass)")
    }
  }

  /// The telescope moves in time whatever filter is in: `track` is all frames of one night and segment, in time.
  ///
  /// A frame departs if it lies far from where the frames before lead and from where those after come from. A step
  /// after which all frames stay at their new place is a new pointing and departs from neither.
  func applyToTrack(_ track: [Int], to findings: inout FrameFindings) {
    let members = track.filter { frames[$0].shiftX.isFinite && frames[$0].shiftY.isFinite }
    guard members.count >= limits.minGroup else { return }
    let times = members.enumerated().map { frames[$1].jdUTC.isNaN ? Double($0) : frames[$1].jdUTC }
    let x = members.map { frames[$0].shiftX }
    let y = members.map { frames[$0].shiftY }
    let departures = members.indices.map { place -> Double in
      let nearby = max(0, place - 5)..<min(members.count, place + 6)
      let vx = Self.speed(x, times, nearby)
      let vy = Self.speed(y, times, nearby)
      let sides = [max(0, place - 3)..<place, (place + 1)..<max(place + 1, min(members.count, place + 4))]
      return sides.filter { !$0.isEmpty }.map { side in
        let px = Median.of(side.map { x[$0] + vx * (times[place] - times[$0]) })
        let py = Median.of(side.map { y[$0] + vy * (times[place] - times[$0]) })
        return ((x[place] - px) * (x[place] - px) + (y[place] - py) * (y[place] - py)).squareRoot()
      }.min() ?? 0
    }
    // A dithered series departs all the time; only what goes beyond its own habit is a jump.
    let habit = limits.spikeSigma * RobustScale.sigma(departures, about: 0)
    for (frame, departure) in zip(members, departures) {
      let f = fwhm[frame].isNaN ? 0 : fwhm[frame]
      let limit = max(limits.warnJumpFWHM * f, limits.warnJumpPx, habit)
      if departure > limit {
        findings.add(
          frame, .trackingJump, .warns,
          "\(departure.fixed(0)) px away from the motion of its neighbours, beyond \(limit.fixed(0)) px")
      }
    }
  }

  /// Median of the speeds between frames next to each other.
  private static func speed(_ values: [Double], _ times: [Double], _ range: Range<Int>) -> Double {
    let speeds = range.dropFirst().compactMap { place -> Double? in
      let step = times[place] - times[place - 1]
      return step > 0 ? (values[place] - values[place - 1]) / step : nil
    }
    let middle = Median.of(speeds)
    return middle.isNaN ? 0 : middle
  }
}
