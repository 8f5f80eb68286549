/// Text in the files of the AAVSO: printable ASCII within a stated length, without the signs that mean something there.
enum AAVSOText {
  /// The text of a field, or what is wrong with it.
  ///
  /// - Parameters:
  ///   - what: the field, for the message.
  ///   - option: the option that gives another text.
  static func field(
    _ text: String, _ what: String, limit: Int, option: String, allowing extra: Set<Character> = []
  ) throws(PipelineError) -> String {
    let text = text.withoutOuterBlanks
    func refuse(_ why: String) -> PipelineError {
      let shown = CSVText.cleaned(String(text.prefix(60)))
      return PipelineError(.usage, "", "\(what) '\(shown)' \(why); give another with \(option)")
    }
    guard !text.isEmpty else { throw refuse("is empty") }
    guard text.count <= limit else { throw refuse("has \(text.count) characters, the format takes \(limit)") }
    let forbidden: Set<Character> = Set([",", "#", "|", "\"", "`", "<"]).subtracting(extra)
    for character in text {
      guard character.isASCII, character >= " ", character <= "~" else {
        throw refuse("has characters other than plain ASCII")
      }
      if forbidden.contains(character) { throw refuse("has a '\(character)', which separates fields there") }
    }
    // A spreadsheet, in which many open such files, would run it as a formula.
    if let first = text.first, "=+@".contains(first) { throw refuse("begins with '\(first)', as formulas do") }
    return text
  }

  /// The observer's code, which the AAVSO gives out: letters and digits, at most five.
  static func observer(_ options: ExportOptions) throws(PipelineError) -> String {
    guard let code = options.observerCode else {
      throw PipelineError(.usage, "", "the AAVSO asks for its code of the observer; give --observer-code")
    }
    guard (1...5).contains(code.count), code.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
      throw PipelineError(
        .usage, "--observer-code",
        "'\(CSVText.cleaned(code))' is none; the AAVSO's codes are up to 5 letters and digits")
    }
    return code.uppercased()
  }

  static var software: String { "elnath \(ElnathVersion.current)" }
}
