import ElnathCore

/// Where the stars of the light curves lie: the field in grey, targets, check and comparison stars by name, and the targets
/// close up with aperture and annulus.
struct FinderPlot {
  /// A star on the chart.
  struct Mark {
    enum Kind: Int {
      case target = 1
      case check, comparison
    }

    var star: Star
    var kind: Kind
    /// Of the aperture, px.
    var radius: Double
  }

  private let image: PixelGrid<Float>
  private let marks: [Mark]
  private let annulus: AnnularAperture?
  private let orientation: SkyOrientation?
  /// arcsec/px; NaN when unknown.
  private let pixelScale: Double
  /// The part of the image that is shown.
  private let region: PixelRectangle
  /// Of the frame that the positions belong to.
  private let title: String

  /// More pictures of single stars would be too small to see anything.
  private static let mostStamps = 4
  /// Pixels of the picture of the field along its longer side.
  private static let detail = 700

  /// Nil without a star on the image. Targets come first, then the check stars.
  init?(
    _ image: PixelGrid<Float>, title: String, marks: [Mark], annulus: AnnularAperture?, orientation: SkyOrientation?,
    pixelScale: Double
  ) {
    let inside = marks.filter { $0.star.position.lies(inWidth: image.width, height: image.height) }
      .sorted { $0.kind.rawValue < $1.kind.rawValue }
    guard !inside.isEmpty else { return nil }
    (self.image, self.marks, self.title) = (image, inside, title)
    (self.annulus, self.orientation) = (annulus, orientation)
    self.pixelScale = orientation?.scale ?? pixelScale
    region = Self.region(of: inside.map(\.star.position), in: image)
  }

  /// The stars with some room around them; the whole image where that is not much more.
  private static func region(of places: [PixelPoint], in image: PixelGrid<Float>) -> PixelRectangle {
    func span(_ values: [Double], _ extent: Int) -> (from: Int, count: Int) {
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      let margin = max(0.12 * (high - low), 60)
      let from = max(0, Int(low - margin))
      let to = min(extent, Int(high + margin) + 1)
      return Double(to - from) > 0.7 * Double(extent) ? (0, extent) : (from, to - from)
    }
    let (x, y) = (span(places.map(\.x), image.width), span(places.map(\.y), image.height))
    // Neither much broader than high, nor the other way.
    func widened(_ own: (from: Int, count: Int), to least: Int, _ extent: Int) -> (from: Int, count: Int) {
      guard own.count < least else { return own }
      let count = min(least, extent)
      return (min(max(0, own.from - (count - own.count) / 2), extent - count), count)
    }
    let (columns, rows) = (widened(x, to: y.count * 2 / 3, image.width), widened(y, to: x.count * 2 / 3, image.height))
    return PixelRectangle(x: columns.from, y: rows.from, width: columns.count, height: rows.count)
  }

  // MARK: Plot

  func plot() throws(PipelineError) -> Plot {
    let stamps = marks.filter { $0.kind != .comparison }.prefix(Self.mostStamps)
    let layout = Layout(shape: Double(region.height) / Double(region.width), hasStamps: !stamps.isEmpty)
    let field = try picture(region, longest: Self.detail)
    var tables = [
      Plot.Table(name: "finder_stars.csv", bytes: starTable(stamps: stamps.count)),
      Plot.Table(name: "finder_field.png", bytes: field.bytes),
    ]
    var boxes: [PixelRectangle] = []
    var steps: [Double] = []
    for (k, mark) in stamps.enumerated() {
      let half = Int((1.3 * (annulus?.outer ?? 4 * mark.radius)).rounded(.up))
      let (x, y) = (Int(mark.star.position.x.rounded()), Int(mark.star.position.y.rounded()))
      let wanted = PixelRectangle(x: x - half, y: y - half, width: 2 * half + 1, height: 2 * half + 1)
      let whole = PixelRectangle(x: 0, y: 0, width: image.width, height: image.height)
      guard let box = wanted.intersection(whole) else { continue }
      let stamp = try picture(box, longest: 400)
      tables.append(Plot.Table(name: "finder_stamp\(k + 1).png", bytes: stamp.bytes))
      boxes.append(box)
      steps.append(stamp.step)
    }
    var variables: [(name: String, value: String)] = [
      ("stars", Gnuplot.quoted("finder_stars.csv")), ("field", Gnuplot.quoted("finder_field.png")),
      ("name", Gnuplot.quoted(title)), ("step", "\(field.step)"), ("x_min", "\(Double(region.x) + 0.5)"),
      ("x_max", "\(Double(region.x + region.width) + 0.5)"), ("y_min", "\(Double(region.y) + 0.5)"),
      ("y_max", "\(Double(region.y + region.height) + 0.5)"), ("inner", "\(annulus?.inner ?? 0)"),
      ("outer", "\(annulus?.outer ?? 0)"), ("stamps", "\(boxes.count)"),
    ]
    variables += layout.variables + skyVariables
    if !boxes.isEmpty {
      variables += [
        Gnuplot.array("stamp_names", stamps.prefix(boxes.count).map(\.star.name)),
        Gnuplot.array("stamp_steps", steps), Gnuplot.array("stamp_x", boxes.map { Double($0.x) + 0.5 }),
        Gnuplot.array("stamp_y", boxes.map { Double($0.y) + 0.5 }),
        Gnuplot.array("stamp_width", boxes.map { Double($0.width) }),
        Gnuplot.array("stamp_height", boxes.map { Double($0.height) }),
      ]
    }
    return Plot(
      name: "finder", script: "finder.gp", variables: variables, tables: tables, aspect: layout.aspect)
  }

  /// Where the parts stand, as parts of the height of the picture.
  private struct Layout {
    let aspect: Double
    let variables: [(name: String, value: String)]

    init(shape: Double, hasStamps: Bool) {
      let width = 0.83
      let (top, axis) = (0.08, 0.10)
      let main = width * shape
      let stamps = hasStamps ? 0.27 : 0.02
      let aspect = top + main + axis + stamps
      self.aspect = (aspect * 1000).rounded() / 1000
      let mainTop = 1 - top / aspect
      let stampTop = (stamps - 0.05) / aspect
      variables = [
        ("left", "0.14"), ("right", "0.97"), ("field_top", "\(mainTop)"),
        ("field_bottom", "\(mainTop - main / aspect)"),
        ("stamp_top", "\(stampTop)"), ("stamp_size", "0.19"), ("stamp_bottom", "\(stampTop - 0.19 / aspect)"),
      ]
    }
  }

  /// Arrows of north and east, and a bar of a round number of arcseconds or arcminutes.
  private var skyVariables: [(name: String, value: String)] {
    let none = PixelPoint(x: 0, y: 0)
    var length = 0.0
    var label = ""
    if pixelScale > 0 {
      let wanted = 0.2 * Double(region.width) * pixelScale
      let seconds = [1.0, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600].last { $0 <= wanted } ?? 1
      length = seconds / pixelScale
      label = seconds < 60 ? "\(Int(seconds))\"" : "\(Int(seconds / 60))'"
    }
    return [
      ("has_sky", orientation == nil ? "0" : "1"), ("north_x", "\((orientation?.north ?? none).x)"),
      ("north_y", "\((orientation?.north ?? none).y)"), ("east_x", "\((orientation?.east ?? none).x)"),
      ("east_y", "\((orientation?.east ?? none).y)"), ("bar", "\(length)"), ("bar_label", Gnuplot.quoted(label)),
    ]
  }

  /// Stars black on white, as charts are printed.
  private func picture(
    _ box: PixelRectangle, longest: Int
  ) throws(PipelineError) -> (bytes: [UInt8], step: Double) {
    guard let picture = Thumbnail(image.cropped(to: box), longest: longest) else { return ([], 1) }
    let step = (max(box.width, box.height) + longest - 1) / longest
    var rgb: [UInt8] = []
    rgb.reserveCapacity(3 * picture.grey.count)
    for grey in picture.grey {
      let value = 255 - grey
      for _ in 0..<3 { rgb.append(value) }
    }
    let bytes = try PNGFile.encoded(
      rgb, width: picture.width, height: picture.height, colours: .rgb, path: "finder_field.png")
    return (bytes, Double(step))
  }

  private func starTable(stamps: Int) -> [UInt8] {
    let width = Double(region.width)
    // Circles of a few pixels would not be seen on a large field.
    let least = 0.011
    let places = marks.map { mark in
      (
        x: (mark.star.position.x - Double(region.x) + 0.5) / width,
        y: (mark.star.position.y - Double(region.y) + 0.5) / width, radius: max(mark.radius / width, least)
      )
    }
    var placement = LabelPlacement(height: Double(region.height) / width, marks: places)
    struct Row {
      var mark: Mark
      var circle: Double
      var label: PixelPoint
      var alignment: Int
      var stamp: Int
    }
    let rows = marks.indices.map { k in
      let label = placement.place(marks[k].star.name, at: k)
      return Row(
        mark: marks[k], circle: places[k].radius * width,
        label: PixelPoint(x: label.x * width + Double(region.x) + 0.5, y: label.y * width + Double(region.y) + 0.5),
        alignment: label.alignment.rawValue, stamp: k < stamps ? k + 1 : 0)
    }
    return CSVFormat.bytes(
      of: rows,
      columns: [
        Column("star", "", "Name of the star.") { .text($0.mark.star.name) },
        Column("kind", "", "1 target, 2 check star, 3 comparison star.") { .integer($0.mark.kind.rawValue) },
        Column("x", "px", "Place, FITS pixels.") { .real($0.mark.star.position.fits.x) },
        Column("y", "px", "Place, FITS pixels.") { .real($0.mark.star.position.fits.y) },
        Column("radius", "px", "Radius of the aperture.") { .real($0.mark.radius) },
        Column("circle", "px", "Radius of the circle on the chart of the field.") { .real($0.circle) },
        Column("label_x", "px", "Where the name stands.") { .real(DecimalRounding.decimals($0.label.x, 2)) },
        Column("label_y", "px", "Where the name stands.") { .real(DecimalRounding.decimals($0.label.y, 2)) },
        Column("alignment", "", "1: the name begins there, 2: it ends there, 3: its middle.") {
          .integer($0.alignment)
        },
        Column("stamp", "", "Number of its close-up; 0 for none.") { .integer($0.stamp) },
      ])
  }
}
