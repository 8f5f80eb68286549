#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rules on what frames look like: seeing, elongation, sky, few_stars.
struct ImageRules {
  let limits: FlagLimits
  let frames: [FrameSummary]
  /// FWHM of each frame, px; NaN where not known.
  let fwhm: [Double]
  /// e-/px that a pixel holds when saturated, one for each frame; NaN where not known.
  let saturation: [Double]

  /// Seeing grows with airmass to this power (Fried 1966, J. Opt. Soc. Am. 56, 1372: r0 as the -3/5).
  static let seeingExponent = 0.6

  /// FWHM at the zenith is the FWHM over this; 1 where the airmass is not known.
  static func seeingFactor(airmass: Double) -> Double { airmass >= 1 ? pow(airmass, seeingExponent) : 1 }

  /// Judges a run and its groups.
  func apply(run: [Int], groups: [[Int]], to findings: inout FrameFindings) {
    // What stars look like in frames that hardly show any is noise.
    let shown = run.filter { !findings.isUnused($0) }
    judgeSeeing(run, shown: shown, &findings)
    judgeElongation(run, &findings)
    judgeSaturation(run, &findings)
    for group in groups {
      judgeStarCounts(group, run: run, &findings)
      guard group.count >= limits.minGroup else { continue }
      judgeSpikes(group, &findings)
    }
  }

  private func factor(_ frame: Int) -> Double { Self.seeingFactor(airmass: frames[frame].airmass) }

  private func judgeSeeing(_ run: [Int], shown: [Int], _ findings: inout FrameFindings) {
    let quartile = SeriesLimits.lowerPercentile(shown.map { fwhm[$0] / factor($0) }, 0.25)
    guard !quartile.isNaN else { return }
    for frame in run {
      // As it would be at the airmass of this frame, so that it compares with the measured FWHM.
      let usual = quartile * factor(frame)
      if fwhm[frame].isNaN {
        findings.add(
          frame, .seeing, .unusesByRun,
          "no star sharp enough for a FWHM (the run's 25th percentile is "
            + "\(usual.fixed(1)) px)")
      } else if let most = limits.maxFWHMPx, fwhm[frame] > most {
        findings.add(frame, .seeing, .unuses, "FWHM \(fwhm[frame].fixed(1)) px beyond \(most)")
      } else if fwhm[frame] > limits.maxFWHMRatio * usual {
        findings.add(
          frame, .seeing, .unusesByRun,
          "FWHM \(fwhm[frame].fixed(1)) px beyond \(limits.maxFWHMRatio) x the run's 25th percentile "
            + usual.fixed(1))
      }
    }
  }

  private func judgeElongation(_ run: [Int], _ findings: inout FrameFindings) {
    let undersampled = Median.of(run.map { fwhm[$0] }) < 2.5
    let most = undersampled ? limits.maxElongationUndersampled : limits.maxElongation
    for frame in run where frames[frame].elongation > most {
      findings.add(
        frame, .elongation, .unuses, "elongation \(frames[frame].elongation.fixed(2)) beyond \(most.fixed(2))")
    }
  }

  private func judgeSaturation(_ run: [Int], _ findings: inout FrameFindings) {
    for frame in run where frames[frame].sky > limits.maxSkySaturation * saturation[frame] {
      findings.add(
        frame, .sky, .unuses,
        "sky \(frames[frame].sky.fixed(0)) e-/px beyond \(limits.maxSkySaturation) of saturation "
          + saturation[frame].fixed(0))
    }
  }

  /// A group without enough frames to know its own field borrows those of the run with the same exposure.
  private func judgeStarCounts(_ group: [Int], run: [Int], _ findings: inout FrameFindings) {
    let alike =
      group.count >= limits.minGroup
      ? group : run.filter { abs(frames[$0].exposure / frames[group[0]].exposure - 1) < 0.1 }
    let rich = Median.percentile((alike.isEmpty ? group : alike).map { Double(frames[$0].detections) }, 0.90)
    // Where the field itself has fewer stars than the least number, most of them will do.
    let least = min(Double(limits.minDetections), max(0.7 * rich, 1))
    let limit = max(least, limits.minDetectionFraction * rich)
    for frame in group where Double(frames[frame].detections) < limit {
      findings.add(frame, .fewStars, .warns, "\(frames[frame].detections) stars detected, below \(limit.fixed(0))")
    }
  }

  private func judgeSpikes(_ group: [Int], _ findings: inout FrameFindings) {
    let isShown = group.map { !findings.isUnused($0) || fwhm[$0].isFinite && !isCloudedOut($0, findings) }
    let factors = group.map(factor)
    let seeing = SeriesLimits.spikes(zip(group, factors).enumerated().map { isShown[$0] ? fwhm[$1.0] / $1.1 : .nan })
    let elongation = SeriesLimits.spikes(group.enumerated().map { isShown[$0] ? frames[$1].elongation : .nan })
    let sky = SeriesLimits.spikes(group.map { frames[$0].sky / frames[$0].exposure })
    for (place, frame) in group.enumerated() {
      let seeingLimit = max(limits.spikeSigma * seeing.sigma, limits.seeingSpike * seeing.levels[place])
      if seeing.departures[place] > seeingLimit {
        let f = factors[place]
        findings.add(
          frame, .seeing, .warns,
          "FWHM \(fwhm[frame].fixed(1)) px beyond \((f * (seeing.levels[place] + seeingLimit)).fixed(1)), its neighbours "
            + "have \((f * seeing.levels[place]).fixed(1))")
      }
      let elongationLimit = max(limits.spikeSigma * elongation.sigma, limits.elongationSpike)
      if elongation.departures[place] > elongationLimit {
        findings.add(
          frame, .elongation, .warns,
          "elongation \(frames[frame].elongation.fixed(2)) beyond "
            + "\((elongation.levels[place] + elongationLimit).fixed(2)), its neighbours have "
            + elongation.levels[place].fixed(2))
      }
      let skyLimit = max(limits.skySpikeSigma * sky.sigma, limits.skySpike * abs(sky.levels[place]))
      if sky.departures[place] > skyLimit {
        findings.add(
          frame, .sky, .warns,
          "sky \((frames[frame].sky / frames[frame].exposure).brief) e-/px/s beyond "
            + "\((sky.levels[place] + skyLimit).brief), its neighbours have \(sky.levels[place].brief)")
      }
    }
  }

  private func isCloudedOut(_ frame: Int, _ findings: FrameFindings) -> Bool {
    findings.byFrame[frame].contains { $0.flag == .transparency && $0.weight != .warns }
  }
}
