@testable import ElnathFITS

extension FITSHeader {
  /// A header of lines such as `EXPTIME = 60.0 / seconds`, read card by card as from a file.
  init(lines: [String]) {
    self.init(
      cards: lines.map { line in
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        let name = String(parts[0].prefix { $0 != " " })
        let padded = name + String(repeating: " ", count: max(0, 8 - name.count))
        let record = parts.count > 1 ? padded + "= " + parts[1].drop { $0 == " " } : line
        let bytes = Array(record.utf8)
        return HeaderCard(record: (bytes + [UInt8](repeating: 32, count: max(0, 80 - bytes.count)))[...])
      })
  }
}
