extension Report {
  /// Every setting that is not at its default, then all of them; versions.
  func settingsSection() -> Section? {
    let versions = HTML(ElnathVersion.all.map { "<dt>\($0.name)</dt><dd>\($0.version)</dd>\n" })
    return Section(
      name: "settings", title: "Settings and versions",
      body: """
        <pre>\(HTML(lines: settings.toml(changedOnly: true)))</pre>
        <details><summary>All settings, defaults too</summary>
        <pre>\(HTML(lines: settings.toml()))</pre></details>
        <h3>Versions</h3>
        <dl>
        \(versions)</dl>

        """)
  }

  /// The files that went in.
  func inputSection() -> Section? {
    guard !inputs.isEmpty else { return nil }
    var rows = HTMLTable(["File", "Bytes", "XXH64"], numeric: [1])
    for input in inputs { rows.add(["<code>\(input.file)</code>", "\(input.size)", "<code>\(input.hash)</code>"]) }
    return Section(
      name: "inputs", title: "Input files",
      body: "<details><summary>\(inputs.count) files, with what identifies them</summary>\n\(rows.html)</details>\n")
  }
}
