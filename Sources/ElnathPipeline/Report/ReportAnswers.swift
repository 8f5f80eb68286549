import ElnathCore

/// What a reader asks first, answered before anything else.
extension Report {
  /// A question and its answer; `isGood` nil where there is nothing to judge.
  struct Answer {
    var question: String
    var isGood: Bool?
    var text: HTML
  }

  func answers() throws(PipelineError) -> HTML {
    let all = [
      workedAnswer, curveAnswer, errorAnswer, try distrustAnswer(), frameAnswer, try calibrationAnswer(),
    ].compactMap { $0 }
    let rows = all.map { answer -> HTML in
      let mark: HTML =
        switch answer.isGood {
        case true?: "<span class=\"used\" aria-hidden=\"true\">\u{2713}</span> "
        case false?: "<span class=\"flagged\" aria-hidden=\"true\">!</span> "
        case nil: ""
        }
      return "<dt>\(answer.question)</dt><dd>\(mark)\(answer.text)</dd>\n"
    }
    return "<dl class=\"answers\">\n\(HTML(rows))</dl>\n"
  }

  private var workedAnswer: Answer {
    let counts = FrameCounts(table.frames)
    let good = counts.used + counts.flagged
    let flagged = counts.flagged > 0 ? ", \(counts.flagged) of them with a warning" : ""
    let hasCurve = product.curves.contains { $0.points.contains(where: \.used) }
    let start = hasCurve ? (2 * good >= counts.total ? "Yes: " : "In part: ") : "No light curve: "
    return Answer(
      question: "Did it work?", isGood: hasCurve && 2 * good >= counts.total,
      text: "\(start)\(good) of \(counts.total) frames are used\(flagged).")
  }

  /// More lines would push the other answers off the screen.
  private static let mostCurves = 6

  private var curveAnswer: Answer {
    guard !product.curves.isEmpty else {
      return Answer(
        question: "Which light curves?", isGood: false,
        text: "None: no star of the project has <code>role = \"target\"</code>.")
    }
    var lines: [HTML] = []
    for curve in product.curves {
      for filter in files.filters {
        let points = curve.points.filter { $0.used && $0.frame.filter == filter }
        let error = Median.of(points.map(LightCurvePlot.error))
        let errors = error.isFinite ? ", typical error \(HTML.number(error, decimals: error < 0.0095 ? 4 : 3)) mag" : ""
        lines.append(
          """
          <b>\(curve.target.name)</b>\(filter.isEmpty ? "" : " in \(filter)"): \(points.count) points\(errors); \
          <code>\(files.stem(curve.target, filter: filter)).csv</code>
          """)
      }
    }
    let shown = lines.prefix(Self.mostCurves)
    var text = HTML(shown.enumerated().map { $0 > 0 ? "<br>" + $1 : $1 })
    if lines.count > shown.count {
      text = text + "<br><a href=\"#targets\">and \(lines.count - shown.count) more</a>"
    }
    return Answer(question: "Which light curves?", isGood: nil, text: text)
  }

  /// Scatter of constant stars over what was predicted for them.
  struct ErrorTruth {
    var filter: String
    var ratios: [Double]
    var check: ComparisonVerdict?

    var median: Double { Median.of(ratios) }
    /// Within these, bars and scatter agree as well as a dozen stars can tell.
    static let agreement = 0.75...1.3
  }

  /// By filter; filters without a constant star are left out.
  var errorTruths: [ErrorTruth] {
    files.filters.compactMap { filter in
      let stars = product.comparisons.filter {
        $0.filter == filter && ($0.used || $0.reason == "check star") && $0.scatter.isFinite && $0.expected > 0
      }
      guard !stars.isEmpty else { return nil }
      return ErrorTruth(
        filter: filter, ratios: stars.map { $0.scatter / $0.expected },
        check: product.comparisons.first { $0.filter == filter && $0.reason == "check star" })
    }
  }

  private var errorAnswer: Answer? {
    guard !product.curves.isEmpty else { return nil }
    let question = "Can I trust the error bars?"
    let truths = errorTruths
    guard !truths.isEmpty else {
      return Answer(
        question: question, isGood: false, text: "Nobody can tell: no constant star was measured beside the targets.")
    }
    let sentences = truths.map { truth -> String in
      let check = truth.check.map {
        "; the check star \($0.star) has \u{03C7}\u{00B2}/dof = \(HTML.number($0.chi2PerDof))"
      }
      return (truth.filter.isEmpty ? "" : "in \(truth.filter) ")
        + "\(truth.ratios.count) constant star\(truth.ratios.count == 1 ? "" : "s") scatter "
        + "\(HTML.number(truth.median)) times what their bars say" + (check ?? "")
    }
    let tooSmall = truths.contains { $0.median > ErrorTruth.agreement.upperBound }
    let tooLarge = truths.contains { $0.median < ErrorTruth.agreement.lowerBound }
    let advice =
      tooSmall
      ? "They are too short; take the columns that end in _scaled: "
      : tooLarge ? "They are rather too long: " : "Yes: "
    return Answer(
      question: question, isGood: !tooSmall && !tooLarge,
      text: "\(advice)\(sentences.joined(separator: ". ")). <a href=\"#errors\">More</a>")
  }

  private func distrustAnswer() throws(PipelineError) -> Answer? {
    guard let table = try SavedTable(path: folder + "/distrust.csv"), !table.rows.isEmpty else { return nil }
    let question = "Does a curve depend on how it was made?"
    let doubtful = Set(table.rows.filter { table.text($0, "distrusted") == "1" }.map { table.text($0, "target") })
    if doubtful.isEmpty {
      return Answer(
        question: question, isGood: true,
        text: """
          No: without its three most influential comparison stars, at a radius a quarter smaller or larger, and with the \
          other ensemble, every point stays within its error bar.
          """)
    }
    return Answer(
      question: question, isGood: false,
      text: "That of \(doubtful.sorted().joined(separator: ", ")) does, as said above.")
  }

  private func calibrationAnswer() throws(PipelineError) -> Answer? {
    guard let table = try SavedTable(path: folder + "/calibration.csv"), !table.rows.isEmpty else { return nil }
    let kinds = ["bias", "dark", "flat"]
    let lacking = kinds.filter { kind in table.rows.contains { table.text($0, kind).isEmpty } }
    let text =
      lacking.isEmpty
      ? "Yes: bias, dark and flat were applied to every frame."
      : lacking.count == kinds.count
        ? "Not all: some frames have no bias, no dark and no flat."
        : "Not all: some frames have no \(lacking.joined(separator: ", no "))."
    return Answer(
      question: "Were the frames calibrated?", isGood: lacking.isEmpty,
      text: "\(text) <a href=\"#calibration\">More</a>")
  }

  private var frameAnswer: Answer {
    let question = "Which frames are not used, and why?"
    let lost = table.frames.filter { $0.status == .unused || $0.status == .rejected }
    guard !lost.isEmpty else { return Answer(question: question, isGood: true, text: "All frames are used.") }
    let groups = Dictionary(grouping: lost, by: cause)
    let ordered = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    let parts = ordered.map { cause, frames in
      "\(cause) (\(frames.count == 1 ? "frame" : "frames") \(Self.ranges(frames.map(\.frame))))"
    }
    return Answer(
      question: question, isGood: nil, text: "\(parts.joined(separator: "; ")). <a href=\"#frames\">More</a>")
  }

  /// In a word or two: what its flags say, or the reason itself.
  private func cause(_ frame: FrameSummary) -> String {
    let flags = frame.flags.intersection(.frame)
    if !flags.isEmpty {
      return flags.names.split(separator: "|").joined(separator: ", ").replacing("_", with: " ")
    }
    return frame.reason.isEmpty ? "no reason given" : String(frame.reason.prefix(60))
  }

  /// `34, 45-47 and 12 more`.
  static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = runs.last, number == last.upperBound + 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    let shown = runs.prefix(8)
    let left = runs.dropFirst(8).reduce(0) { $0 + $1.count }
    let words = shown.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)\u{2013}\($0.upperBound)" }
    return words.joined(separator: ", ") + (left > 0 ? " and \(left) more" : "")
  }
}
