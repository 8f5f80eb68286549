import ElnathCore
import Logging

/// What was decided about each frame and each comparison star, one line each, for those who want to follow a run
/// (`-v`). The tables hold all of it and more.
extension Workspace {
  /// How each frame was registered, or why it was not.
  func tellRegistrations(_ frames: [FrameSummary]) {
    guard log.logLevel <= .debug else { return }
    for row in frames { log.debug("align: \(Self.name(row)): \(Self.registration(row))") }
  }

  /// What became of each frame, and why.
  func tellVerdicts(_ frames: [FrameSummary]) {
    guard log.logLevel <= .debug else { return }
    for row in frames {
      log.debug("flag: \(Self.name(row)): \(row.status)\(row.reason.isEmpty ? "" : ": \(row.reason)")")
    }
  }

  /// Which stars the light curves are made against, and why others are not among them.
  func tellComparisons(_ verdicts: [ComparisonVerdict]) {
    guard log.logLevel <= .debug else { return }
    for verdict in verdicts {
      let band = verdict.filter.isEmpty ? "" : " in \(verdict.filter)"
      let share = verdict.used ? "comparison star with \((100 * verdict.weight).fixed(1)) % of the weight" : "not used"
      log.debug("lightcurve: \(verdict.star)\(band): \(share)\(verdict.reason.isEmpty ? "" : ": \(verdict.reason)")")
    }
  }

  private static func name(_ row: FrameSummary) -> String { "frame \(row.frame), \(row.file)" }

  /// `stars, 132 matched to 0.07 px, shift 3.21 -0.15 px`
  private static func registration(_ row: FrameSummary) -> String {
    guard row.status != .rejected, let found = row.registration else {
      return "rejected: \(row.reason.isEmpty ? "not registered" : row.reason)"
    }
    let shift = "shift \(row.shiftX.fixed(2)) \(row.shiftY.fixed(2)) px"
    let proof = found.matched > 0 ? ", \(found.matched) matched to \(found.residual.fixed(3)) px" : ""
    return "\(found.method)\(proof), \(shift), FWHM \(row.fwhm.fixed(2)) px"
  }
}
