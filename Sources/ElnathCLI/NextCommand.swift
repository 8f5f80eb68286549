/// The command that usually follows.
enum NextCommand {
  private static let followers = [
    "init": "run", "config": "run", "scan": "reduce", "reduce": "align", "align": "measure", "measure": "flag",
    "flag": "lightcurve", "lightcurve": "plot", "plot": "report",
  ]

  /// A whole line to type, on the same project and folder; nil where nothing follows.
  static func after(_ command: String, project: String, output: String? = nil) -> String? {
    followers[command].map { follower in
      "elnath \(follower) \(shellQuoted(project))" + (output.map { " -o \(shellQuoted($0))" } ?? "")
    }
  }

  /// As a shell reads it back.
  static func shellQuoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "/"),
        UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: ":"):
        true
      default: false
      }
    }
    return isPlain && !text.isEmpty
      ? text
      : "'"
        + text.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
  }
}
