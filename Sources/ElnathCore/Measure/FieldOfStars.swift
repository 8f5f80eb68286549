/// Stars to measure and sources of the catalogue, on the reference frame.
struct FieldOfStars {
  let places: [PixelPoint]
  let sources: [CatalogSource]
  /// The source that is the star itself; nil where it was not detected.
  let own: [Int?]
  /// What of the field an annulus may reach over, px: a quarter of its shorter side.
  let farthest: Double

  init(stars: [Star], alignment: Alignment) {
    places = stars.map(\.position)
    sources = alignment.sources
    farthest = 0.25 * Double(min(alignment.width, alignment.height))
    let limit = max(0.5 * alignment.referenceFWHM, 2)
    var own = [Int?](repeating: nil, count: stars.count)
    for match in StarSelection.matches(of: stars, in: sources, within: limit) { own[match.star] = match.source }
    self.own = own
  }

  /// The other sources whose light within `radius` of star `i` can matter: above 0.0001 of its own, or one electron.
  func neighbours(of i: Int, within radius: Double, profile: StarProfile) -> [CatalogSource] {
    let area = CircularAperture(radius: radius).area
    let floor = own[i].map { 1e-4 * sources[$0].flux } ?? 1
    return sources.indices.filter { s in
      guard s != own[i] else { return false }
      let distance = places[i].distance(to: sources[s].position)
      return sources[s].flux * profile.surface(at: max(distance - radius, 0)) * area > floor
    }.map { sources[$0] }
  }

  /// Another star of the list, so near that detection may have taken both for one: its light cannot be told.
  func isBlended(_ i: Int, fwhm: Double) -> Bool {
    places.indices.contains {
      $0 != i && own[$0] == nil && places[i].distance(to: places[$0]) < Self.separable * fwhm
    }
  }

  /// FWHM; at this distance two stars of like brightness have a dip between them even in the filtered frame.
  private static let separable = 1.5

  /// The annulus of star `i`: the usual one unless haloes cover half of it. In such a crowd it begins nearer to the star,
  /// at 3 FWHM, and ends halfway to the nearest star that is brighter by 1.5 mag.
  func annulus(around i: Int, usual: AnnularAperture, fwhm: Double, haloes: [Double]) -> AnnularAperture {
    let circles = circles(around: i, haloes: haloes, annulus: usual)
    let most = circles.reduce(0) { $0 + .pi * $1.radius * $1.radius }
    guard most > usual.area / 2,
      openArea(around: places[i], annulus: usual, circles: circles) < usual.area / 2
    else { return usual }
    let inner = min(3 * fwhm, usual.inner)
    var outer = usual.outer
    let bright = own[i].map { sources[$0].flux * Self.brighter } ?? 0
    for (s, source) in sources.enumerated() where s != own[i] && source.flux >= bright {
      outer = min(outer, places[i].distance(to: source.position) / 2)
    }
    let least = (inner * inner + 2 * Double(SkyEstimate.unsure) / .pi).squareRoot()
    let near = AnnularAperture(
      inner: (inner * 10).rounded() / 10, outer: (max(outer, least) * 10).rounded(.up) / 10)
    // Nearer is not better where haloes cover that too.
    let open = openArea(
      around: places[i], annulus: near, circles: self.circles(around: i, haloes: haloes, annulus: near))
    return open >= 1.5 * Double(SkyEstimate.unsure) ? near : usual
  }

  /// 1.5 mag.
  private static let brighter = 3.981

  /// The circles of other stars that reach into the annulus of star `i`. Where the haloes of bright stars would leave
  /// too few sky pixels they are made smaller, down to `least`: an uneven sky is found out by its sectors, no sky at all
  /// is worth nothing.
  func masked(around i: Int, haloes: [Double], annulus: AnnularAperture, least: Double) -> [MaskedCircle] {
    var circles = circles(around: i, haloes: haloes, annulus: annulus)
    while circles.contains(where: { $0.radius > least })
      && openArea(around: places[i], annulus: annulus, circles: circles) < 1.5 * Double(SkyEstimate.unsure)
    {
      for c in circles.indices { circles[c].radius = max(least, 0.8 * circles[c].radius) }
    }
    return circles
  }

  private func circles(around i: Int, haloes: [Double], annulus: AnnularAperture) -> [MaskedCircle] {
    var circles: [MaskedCircle] = []
    for (s, source) in sources.enumerated() where s != own[i] {
      let distance = places[i].distance(to: source.position)
      if distance - haloes[s] < annulus.outer && distance + haloes[s] > annulus.inner {
        circles.append(MaskedCircle(centre: source.position, radius: haloes[s]))
      }
    }
    return circles
  }

  /// Pixels of the annulus that no circle covers.
  private func openArea(around centre: PixelPoint, annulus: AnnularAperture, circles: [MaskedCircle]) -> Double {
    if circles.isEmpty { return annulus.area }
    // Of a huge annulus a lattice of its pixels is enough.
    let step = max(1, Int((min(annulus.outer, PixelWeights.farthest) / 200).rounded(.up)))
    let reach = Int(min(annulus.outer, PixelWeights.farthest).rounded(.up))
    var open = 0.0
    for dy in stride(from: -reach, through: reach, by: step) {
      for dx in stride(from: -reach, through: reach, by: step) {
        let square = Double(dx * dx + dy * dy)
        guard square >= annulus.inner * annulus.inner && square <= annulus.outer * annulus.outer else { continue }
        let p = PixelPoint(x: centre.x + Double(dx), y: centre.y + Double(dy))
        if circles.allSatisfy({ p.distance(to: $0.centre) > $0.radius }) { open += 1 }
      }
    }
    return open * Double(step * step)
  }
}
