import ElnathCore
import ElnathPipeline

/// docs/reference/flags.md.
enum FlagsPage {
  static var text: String {
    var page = """
      # Quality flags

      Bits 0 to 15 stand in `flags` of photometry.csv, bits from 16 on in `flags` of frames.csv, and light curves have both. `flags` is the sum of the values,
      `flag_names` the names joined by `|`; `elnath flags NUMBER` takes a number apart. `[flag] exclude` takes names of frame flags.

      """
    for (title, part) in [("Stars", QualityFlags.star), ("Frames", QualityFlags.frame)] {
      page += "\n## \(title)\n\n| bit | value | name | meaning |\n|---|---|---|---|\n"
      for row in QualityFlags.definitions where part.contains(row.flag) {
        page += "| \(row.bit) | \(row.flag.rawValue) | `\(row.name)` | \(Markdown.cell(row.sentence)) |\n"
      }
    }
    page += "\n## Pixels\n\nBits of the MASK of reduced frames.\n\n| value | name | meaning |\n|---|---|---|\n"
    for row in PixelMask.definitions { page += "| \(row.mask.rawValue) | `\(row.name)` | \(row.sentence) |\n" }
    return page
  }
}

/// docs/reference/columns.md.
enum ColumnsPage {
  static var text: String {
    var page = """
      # Tables and columns

      CSV after RFC 4180: UTF-8, one header row, `.` as decimal sign. An empty cell is no value, 1 and 0 are yes and no. Pixels are FITS pixels of the trimmed frame
      (the centre of the first one is 1, 1), fluxes electrons per exposure unless the unit says otherwise, times mid-exposure. Columns keep their names and their
      order; new ones come at the end.

      """
    for table in ProductTable.all {
      page += "\n- [`\(table.file)`](#\(anchor(table.file))): one row for each \(table.row)"
    }
    page += "\n"
    for table in ProductTable.all {
      page += "\n## `\(table.file)`\n\nWritten by `\(table.command)`. One row for each \(table.row).\n"
      if let twin = ProductTable.all.first(where: { $0.columns == table.columns }), twin.file != table.file {
        page += "\nThe columns of [`\(twin.file)`](#\(anchor(twin.file))).\n"
        continue
      }
      page += "\n| column | unit | meaning |\n|---|---|---|\n"
      for column in table.columns {
        page += "| `\(column.name)` | \(Markdown.cell(column.unit)) | \(Markdown.cell(column.sentence)) |\n"
      }
    }
    return page
  }

  /// As GitHub makes them of headings.
  private static func anchor(_ file: String) -> String {
    String(
      file.lowercased().compactMap { character in
        character == " " ? "-" : character.isLetter || character.isNumber || "_-".contains(character) ? character : nil
      })
  }
}
