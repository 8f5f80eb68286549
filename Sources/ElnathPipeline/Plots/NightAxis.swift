import ElnathCore

/// A time axis without seven-digit dates: counted from a whole day, and broken between nights, each a panel of its own.
struct NightAxis: Sendable {
  /// A panel: what it shows, days since `zero`, and where it lies, as part of the picture's width.
  struct Panel: Sendable, Equatable {
    var from: Double
    var to: Double
    var left = 0.0
    var right = 0.0
  }

  /// True for BJD_TDB, false for JD_UTC, which serves where no place or site is known.
  let isBarycentric: Bool
  /// The whole day from which times are counted.
  let zero: Double
  let panels: [Panel]
  /// Between two numbers on the axis, d.
  let step: Double

  /// Width of a number on the axis, as part of the picture's.
  private let labels: Double

  /// A longer gap, d, breaks the axis.
  private static let longestGap = 0.3
  /// More nights would leave none of them room; then the axis is whole.
  private static let mostPanels = 8
  /// Between two panels, as part of the picture's width.
  private static let gap = 0.012

  /// - Parameters:
  ///   - times: BJD_TDB and JD_UTC of each point; NaN where unknown. Nil without any time, or with an absurd one.
  ///   - width: Of the picture.
  init?(_ times: [(bjd: Double, jd: Double)], width: Plot.Width = .oneColumn) {
    let barycentric = times.map(\.bjd).filter(\.isFinite)
    isBarycentric = !barycentric.isEmpty
    let known = (isBarycentric ? barycentric : times.map(\.jd).filter(\.isFinite)).sorted()
    guard let first = known.first, let last = known.last, max(abs(first), abs(last)) < 1e9 else { return nil }
    zero = first.rounded(.down)
    panels = Self.placed(Self.nights(known.map { [zero] in $0 - zero }), on: width)
    labels = width == .oneColumn ? 0.13 : 0.07
    step = Self.step(panels, labels: labels)
  }

  /// What each night spans, with a margin.
  private static func nights(_ times: [Double]) -> [Panel] {
    var panels: [Panel] = []
    for time in times {
      if let last = panels.indices.last, time - panels[last].to <= longestGap {
        panels[last].to = time
      } else {
        panels.append(Panel(from: time, to: time))
      }
    }
    if panels.count > mostPanels { panels = [Panel(from: panels[0].from, to: panels[panels.count - 1].to)] }
    let longest = panels.map { $0.to - $0.from }.max() ?? 0
    return panels.map {
      let margin = max(0.03 * longest, 0.002)
      // A night of few frames still needs room for a number below it.
      let lacking = max(0, 0.3 * longest - ($0.to - $0.from)) / 2
      return Panel(from: $0.from - margin - lacking, to: $0.to + margin + lacking)
    }
  }

  /// The panels beside each other, as wide as they are long.
  private static func placed(_ panels: [Panel], on width: Plot.Width) -> [Panel] {
    let (left, right) = width.axes
    let days = panels.reduce(0) { $0 + $1.to - $1.from }
    let scale = (right - left - gap * Double(panels.count - 1)) / days
    var place = left
    return panels.map { panel in
      var panel = panel
      panel.left = place
      panel.right = place + scale * (panel.to - panel.from)
      place = panel.right + gap
      return panel
    }
  }

  /// The smallest round step at which numbers of this width have room.
  private static func step(_ panels: [Panel], labels: Double) -> Double {
    guard let panel = panels.first else { return 1 }
    let least = labels * (panel.to - panel.from) / (panel.right - panel.left)
    return RoundStep.atLeast(least)
  }

  /// The first and the last number below a panel: clear of those of its neighbours, one in its middle where it is too
  /// narrow for that.
  func numbers(of panel: Int) -> (first: Double, last: Double) {
    let (from, to) = (panels[panel].from, panels[panel].to)
    let room = max(0, labels - Self.gap) / 2 * (to - from) / (panels[panel].right - panels[panel].left)
    let first = ((panel == 0 ? from : from + room) / step - 1e-6).rounded(.up) * step
    let last = ((panel == panels.count - 1 ? to : to - room) / step + 1e-6).rounded(.down) * step
    if first <= last { return (first, last) }
    let middle = ((from + to) / 2 / step).rounded() * step
    return (middle, middle)
  }

  /// A time on the axis.
  func place(_ bjd: Double, _ jd: Double) -> Double {
    DecimalRounding.decimals((isBarycentric ? bjd : jd) - zero, 8)
  }

  /// In gnuplot's markup.
  var label: String { (isBarycentric ? "BJD_{TDB}" : "JD_{UTC}") + " \u{2212} \(Int(zero)) (d)" }

  /// What the scripts know of the axis.
  var variables: [(name: String, value: String)] {
    func words(_ value: (Panel) -> Double) -> String { Self.words(panels.map(value)) }
    return [
      ("time_label", Gnuplot.quoted(label)), ("time_step", "\(step)"), ("nights", "\(panels.count)"),
      ("night_from", words(\.from)), ("night_to", words(\.to)), ("night_left", words(\.left)),
      ("night_right", words(\.right)),
      ("night_first", Self.words(panels.indices.map { numbers(of: $0).first })),
      ("night_last", Self.words(panels.indices.map { numbers(of: $0).last })),
    ]
  }

  private static func words(_ values: [Double]) -> String {
    Gnuplot.quoted(values.map { "\(DecimalRounding.decimals($0, 6))" }.joined(separator: " "))
  }
}
