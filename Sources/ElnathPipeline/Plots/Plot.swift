/// One plot, ready to be drawn: its data, and what the script in `plots/` must know.
struct Plot: Sendable {
  /// Columns of a journal page that the picture fills.
  enum Width: Sendable {
    case oneColumn, twoColumns

    /// cm, as most journals of astronomy print them.
    var centimetres: Double { self == .oneColumn ? 8.4 : 17.8 }

    var pixels: Int { self == .oneColumn ? 1100 : 2000 }

    /// Where the axes begin and end, as part of the width.
    var axes: (left: Double, right: Double) { self == .oneColumn ? (0.155, 0.97) : (0.08, 0.985) }
  }

  /// A table that the script reads: file name and content.
  struct Table: Sendable {
    var name: String
    var bytes: [UInt8]
  }

  /// File name without ending, of script, data and pictures.
  var name: String
  /// The script in `plots/` that draws it.
  var script: String
  /// gnuplot variables and their values, as they stand in the script.
  var variables: [(name: String, value: String)]
  var tables: [Table]
  var width = Width.oneColumn
  /// Height over width of the picture.
  var aspect = 0.77

  /// The whole script: complete in itself, so that it can be changed and run again by hand.
  ///
  /// It calls itself once for each format, so that the drawing stands in it once.
  func text(style: String, body: String) -> String {
    let height = (width.centimetres * aspect * 100).rounded() / 100
    let size = "\(width.pixels),\(Int((Double(width.pixels) * aspect).rounded()))"
    let file = Gnuplot.quoted(name)
    return """
      # Made by Elnath; change what you like and run it in this folder with: gnuplot \(name).gp
      if (!exists('ARGC') || ARGC == 0) {
        do for [format in '\(Self.formats.joined(separator: " "))'] { call \(Gnuplot.quoted(name + ".gp")) format }
        exit
      }
      reset
      if (ARG1 eq 'png') { set terminal pngcairo size \(size) fontscale 1.45 }
      if (ARG1 eq 'pdf') {
        set terminal pdfcairo size \(width.centimetres)cm,\(height)cm font 'Helvetica,8' fontscale 0.55 linewidth 0.7 pointscale 0.4
      }
      if (ARG1 eq 'svg') { set terminal svg size \(size) dynamic font 'Helvetica,Arial,sans-serif' fontscale 1.6 }
      set output \(file).'.'.ARG1
      \(style)
      \(variables.map { "\($0.name) = \($0.value)\n" }.joined())
      \(body)
      set output

      """
  }

  /// Endings of the pictures.
  static let formats = ["png", "pdf", "svg"]
}
