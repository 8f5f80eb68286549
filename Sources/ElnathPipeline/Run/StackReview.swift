import ElnathCore

/// Which frames may enter a stack: what is usual is told by all frames of a filter, so that a spoilt cycle is not held
/// against itself.
struct StackReview: Sendable {
  private(set) var kept: [FrameSummary] = []
  private(set) var leftOut: [(file: String, reason: String)] = []

  /// - Parameters:
  ///   - rows: those of the group.
  ///   - all: every frame of its filter.
  init(_ rows: [FrameSummary], of all: [FrameSummary], settings: StackSettings) {
    let registered = all.filter { $0.registration != nil && $0.status != .rejected && !$0.flags.contains(.duplicate) }
    let width = Median.of(registered.map(\.fwhm).filter(\.isFinite))
    let elongation = Median.of(registered.map(\.elongation).filter(\.isFinite))
    func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
    for row in rows {
      if row.registration == nil || row.status == .rejected {
        leftOut.append((row.file, row.reason.isEmpty ? "not registered" : row.reason))
      } else if row.flags.contains(.duplicate) {
        leftOut.append((row.file, "repeats another frame"))
      } else if row.registration?.method == .predicted {
        leftOut.append((row.file, "its place is predicted, not proved by its own stars"))
      } else if row.transparency < settings.minimumTransparency {
        leftOut.append((row.file, "transparency \(rounded(row.transparency))"))
      } else if row.fwhm > settings.maximumWidening * width {
        leftOut.append((row.file, "FWHM \(rounded(row.fwhm)) px where \(rounded(width)) is usual"))
      } else if row.elongation > settings.maximumStretching * elongation {
        leftOut.append((row.file, "elongation \(rounded(row.elongation)) where \(rounded(elongation)) is usual"))
      } else {
        kept.append(row)
      }
    }
  }
}
