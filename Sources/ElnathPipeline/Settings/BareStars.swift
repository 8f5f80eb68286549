import ElnathCore

/// The stars to measure on frames without a project: CSV with star (or name), and x, y (or x_px, y_px) in FITS pixels of
/// every frame; or ra, dec (or ra_deg, dec_deg) for frames whose headers know the sky. Without names they are S1, S2, ...
struct BareStars: Sendable {
  private enum Place: Sendable {
    case pixels(PixelPoint)
    case sky(SkyPoint)
  }

  private var places: [Place] = []
  /// Without places.
  private(set) var stars: [Star] = []

  init(path: String) throws(PipelineError) {
    let reader = try CSVReader(path: path)
    let name = reader.optionalColumn("star", "name")
    let pixels = (reader.optionalColumn("x", "x_px"), reader.optionalColumn("y", "y_px"))
    let sky = (reader.optionalColumn("ra", "ra_deg"), reader.optionalColumn("dec", "dec_deg"))
    guard pixels.0 != nil && pixels.1 != nil || sky.0 != nil && sky.1 != nil else {
      throw PipelineError(
        .badData, "\(path):1",
        "no columns x and y (FITS pixels), nor ra and dec; it has \(reader.names.joined(separator: ", "))")
    }
    var names: Set<String> = []
    try reader.forEachRow { row throws(PipelineError) in
      var own = "S\(stars.count + 1)"
      if let name, !row.isEmpty(name) { own = try row.text(name) }
      if !names.insert(own).inserted, let name { throw row.unexpected("a name that no other star has", name) }
      var star = Star(name: own, role: .measure, position: PixelPoint(x: .nan, y: .nan))
      if case (let x?, let y?) = pixels {
        let place = (try row.real(x), try row.real(y))
        guard place.0.isFinite else { throw row.unexpected("a number of pixels", x) }
        guard place.1.isFinite else { throw row.unexpected("a number of pixels", y) }
        places.append(.pixels(PixelPoint(fits: place)))
      } else if case (let ra?, let dec?) = sky {
        let (east, north) = (try row.text(ra), try row.text(dec))
        guard let right = Double(east).map({ RightAscension(degrees: $0) }) ?? RightAscension(east) else {
          throw row.unexpected("a right ascension (degrees or 04:31:37.47)", ra)
        }
        guard let up = Double(north).map({ Declination(degrees: $0) }) ?? Declination(north) else {
          throw row.unexpected("a declination (degrees or +18:12:24.5)", dec)
        }
        (star.rightAscension, star.declination) = (right.degrees, up.degrees)
        places.append(.sky(SkyPoint(rightAscension: right.degrees, declination: up.degrees)))
      }
      stars.append(star)
    }
    guard !stars.isEmpty else { throw PipelineError(.badData, path, "holds no star; give at least one row") }
  }

  /// The stars on a whole frame; a star that its sky does not show lies nowhere.
  func placed(on frame: Observation) throws(StageError) -> [Star] {
    var placed = stars
    for i in stars.indices {
      switch places[i] {
      case .pixels(let place): placed[i].position = place
      case .sky(let point):
        guard let projection = frame.projection else {
          throw StageError([], "its header does not know the sky, and the stars are given by ra and dec; give x and y")
        }
        if let place = projection.place(of: point) {
          placed[i].position = PixelPoint(x: place.x + Double(frame.trim.x), y: place.y + Double(frame.trim.y))
        }
      }
    }
    return placed.map(\.asWritten)
  }
}
