#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rules on the light that frames got: transparency, zero_point_error, few_comparisons, patchy_cloud.
struct LightRules {
  let limits: FlagLimits
  let frames: [FrameSummary]

  /// Judges the frames of one run; `lights` has an entry for each that was measured. Frames that share no stars are judged
  /// each among their own.
  func apply(run: [Int], lights: [Int: FrameZeroPoint], to findings: inout FrameFindings) {
    let ensemble = lights.values.map(\.ensemble).max() ?? 0
    guard ensemble > 0 else {
      for frame in run {
        findings.add(frame, .fewComparisons, .warns, "no star but the targets tells how much light came through")
      }
      return
    }
    for number in Set(lights.values.map(\.component)).sorted() {
      let members = run.filter { lights[$0]?.component == number }
      judgeTransparency(members, lights, &findings)
      judgeErrors(members, lights, &findings)
    }
    judgeCounts(run, lights, &findings)
    for frame in run { if let light = lights[frame] { judgeAgreement(frame, light, &findings) } }
  }

  /// Loss that is left when the extinction line of the filter is taken out, mag; without an airmass nothing is.
  func residualLoss(_ frame: Int, _ light: FrameZeroPoint) -> Double {
    light.loss - extinction(frame)
  }

  private func extinction(_ frame: Int) -> Double {
    let airmass = frames[frame].airmass
    return airmass.isNaN ? 0 : Extinction.coefficient(filter: frames[frame].filter, given: limits.extinction) * airmass
  }

  /// Losses known well enough to tell what clear is; all, where none is.
  static func trusted(_ losses: [(loss: Double, variance: Double)]) -> [Double] {
    let sure = losses.filter { $0.loss.isFinite && $0.variance < 0.01 }
    return (sure.isEmpty ? losses : sure).map(\.loss)
  }

  private func judgeTransparency(_ members: [Int], _ lights: [Int: FrameZeroPoint], _ findings: inout FrameFindings) {
    let clear = SeriesLimits.clearEnd(
      Self.trusted(members.compactMap { frame in lights[frame].map { (residualLoss(frame, $0), $0.variance) } }))
    guard !clear.isNaN else { return }
    for frame in members {
      guard let light = lights[frame], !light.flux.isNaN else { continue }
      let transparency = light.flux * pow(10, 0.4 * (extinction(frame) + clear))
      if transparency < limits.minTransparency {
        findings.add(
          frame, .transparency, .unuses, "transparency \(transparency.fixed(2)) below \(limits.minTransparency)")
      } else if transparency < limits.warnTransparency {
        findings.add(
          frame, .transparency, .warns, "transparency \(transparency.fixed(2)) below \(limits.warnTransparency)")
      }
    }
  }

  private func judgeErrors(_ members: [Int], _ lights: [Int: FrameZeroPoint], _ findings: inout FrameFindings) {
    func error(_ frame: Int) -> Double { lights[frame].map { $0.variance.squareRoot() } ?? .nan }
    func skyRate(_ frame: Int) -> Double { frames[frame].sky / frames[frame].exposure }
    // Short exposures between long ones have larger errors by nature.
    let levels = Dictionary(
      uniqueKeysWithValues: Set(members.map { frames[$0].exposure }).map { exposure in
        let same = members.filter { abs(frames[$0].exposure / exposure - 1) < 0.1 }
        let alike = same.count >= limits.minGroup ? same : members
        return (exposure, (error: Median.of(alike.map(error)), sky: Median.of(alike.map(skyRate))))
      })
    for frame in members {
      guard let light = lights[frame], let level = levels[frames[frame].exposure] else { continue }
      // Moonlight alone raises the error with the root of the sky level, and is nothing against a frame.
      let brightening = skyRate(frame) / level.sky
      let usual = level.error * (brightening > 1 ? brightening.squareRoot() : 1)
      let warn = max(limits.warnZeroPointErrorMag, limits.warnZeroPointErrorRatio * usual)
      let most = max(limits.maxZeroPointErrorMag, limits.maxZeroPointErrorRatio * usual)
      let whole = light.variance.squareRoot()
      // A disagreement of the stars that chance may have made has raised the error, but does not condemn the frame.
      let sure =
        light.agreement.ratio > max(limits.warnPatchyRatio, light.agreement.chance)
        ? light.variance : light.formalVariance
      if whole.isNaN {
        findings.add(frame, .zeroPointError, .unuses, "no star rises above the noise: no zero point")
      } else if sure.squareRoot() > most {
        findings.add(
          frame, .zeroPointError, .unusesByRun, "zero point error \(whole.fixed(4)) mag beyond \(most.fixed(4))")
      } else if whole > warn {
        findings.add(frame, .zeroPointError, .warns, "zero point error \(whole.fixed(4)) mag beyond \(warn.fixed(4))")
      }
    }
  }

  private func judgeCounts(_ run: [Int], _ lights: [Int: FrameZeroPoint], _ findings: inout FrameFindings) {
    for frame in run {
      let valid = lights[frame]?.valid ?? 0
      let ensemble = lights[frame]?.ensemble ?? lights.values.map(\.ensemble).max() ?? 0
      let part = Double(valid) / Double(ensemble)
      // A field of few stars cannot offer three.
      let least = ensemble <= 4 ? min(2, ensemble) : limits.minComparisons
      let clause = "\(valid) of \(ensemble) comparison stars measured"
      if valid < least || (ensemble > 4 && part < limits.minComparisonFraction) {
        let needed =
          ensemble <= 4 ? least : max(least, Int((limits.minComparisonFraction * Double(ensemble)).rounded(.up)))
        findings.add(frame, .fewComparisons, .unuses, "\(clause), below \(needed)")
      } else if part < limits.warnComparisonFraction {
        findings.add(
          frame, .fewComparisons, .warns, "\(clause), below \((100 * limits.warnComparisonFraction).fixed(0)) %")
      }
    }
  }

  private func judgeAgreement(_ frame: Int, _ light: FrameZeroPoint, _ findings: inout FrameFindings) {
    let stars = light.agreement
    let clause = "comparison stars disagree by \(stars.rms.fixed(3)) mag, \(stars.ratio.fixed(1)) times their errors"
    if stars.ratio > max(limits.maxPatchyRatio, stars.chance) && stars.rms > limits.maxPatchyMag {
      findings.add(
        frame, .patchyCloud, .unuses,
        "\(clause), beyond \(limits.maxPatchyMag) mag and \(limits.maxPatchyRatio)")
    } else if stars.ratio > max(limits.warnPatchyRatio, stars.chance) && stars.rms > limits.warnPatchyMag {
      findings.add(
        frame, .patchyCloud, .warns,
        "\(clause), beyond \(limits.warnPatchyMag) mag and \(limits.warnPatchyRatio)")
    } else if light.plane > limits.warnPatchyPlaneMag && light.planeSignificance > limits.warnPatchyPlaneSigma {
      findings.add(
        frame, .patchyCloud, .warns,
        "light lost across the field changes by \(light.plane.fixed(3)) mag, \(light.planeSignificance.fixed(1)) sigma, "
          + "beyond \(limits.warnPatchyPlaneMag) mag")
    }
  }
}
