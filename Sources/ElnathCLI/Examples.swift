import ArgumentParser

/// A line that a user may type, and what it does.
struct Example: Sendable {
  let line: String
  let purpose: String

  init(_ line: String, _ purpose: String = "") {
    self.line = line
    self.purpose = purpose
  }
}

extension CommandConfiguration {
  /// A command whose help begins with examples.
  init(
    _ name: String, _ abstract: String, examples: [Example], more: String = "", shouldDisplay: Bool = true
  ) {
    self.init(
      commandName: name, abstract: abstract, discussion: Self.discussion(examples, more), shouldDisplay: shouldDisplay)
  }

  /// Examples, purposes under each other where they fit into 80 columns, then the rest.
  static func discussion(_ examples: [Example], _ more: String = "") -> String {
    let longest = examples.filter { !$0.purpose.isEmpty }.map(\.line.count).max() ?? 0
    let fits = examples.allSatisfy { longest + $0.purpose.count <= 74 }
    let lines = examples.map { example in
      guard !example.purpose.isEmpty else { return "  " + example.line }
      let gap = fits ? String(repeating: " ", count: longest - example.line.count + 3) : "\n      "
      return "  " + example.line + gap + example.purpose
    }
    return (["EXAMPLES"] + lines).joined(separator: "\n") + (more.isEmpty ? "" : "\n\n" + more)
  }
}
