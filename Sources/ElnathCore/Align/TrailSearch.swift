/// Looks for straight trails across a frame: on the frame in coarse boxes, less its background, with everything bright cut
/// off, the sum along each line is held against those of its neighbours; what stands out must prove itself on the pixels
/// (`TrailProof`).
///
/// Light of one tenth of the noise of a pixel is enough where a trail crosses the whole frame. Stars cannot make a line,
/// since no box counts for more than four times its noise.
struct TrailSearch {
  let image: SearchedImage
  let mesh: BackgroundMesh
  /// Of the stars, px.
  let fwhm: Double

  /// Boxes along the longer side: enough to keep a trail narrow, few enough to cost next to nothing beside the detection
  /// on a frame of this size.
  private static func boxes(along side: Int) -> Int { side > 2048 ? 256 : 128 }
  /// px; smaller boxes of a small frame would cost more than its detection.
  private static let leastBin = 4
  /// In units of the noise of a line: among the half million lines of pure noise the highest reaches 5.
  private static let threshold: Float = 8
  private static let mostTrails = 6
  /// Candidates looked at on the pixels until one proves itself.
  private static let mostCandidates = 6

  /// A line from border to border in boxes, and how much it stands out.
  struct Candidate {
    var from: PixelPoint
    var to: PixelPoint
    var significance: Float
  }

  /// The frame in coarse boxes; nil where it is too small for trails.
  func boxes() -> SkyBoxes? {
    guard mesh.medianSigma > 0, min(image.width, image.height) >= 100 else { return nil }
    let side = max(image.width, image.height)
    let bin = max(Self.leastBin, (side + Self.boxes(along: side) - 1) / Self.boxes(along: side))
    return SkyBoxes(
      bin: bin, columns: image.width / bin, rows: image.height / bin,
      deviations: BinnedSky.deviations(of: image, mesh: mesh, bin: bin))
  }

  func callAsFunction(_ sky: SkyBoxes) -> [SatelliteTrail] {
    let (bin, columns, rows) = (sky.bin, sky.columns, sky.rows)
    var boxes = sky.deviations
    var trails: [SatelliteTrail] = []
    var refused: [Candidate] = []
    while trails.count < Self.mostTrails {
      var found: SatelliteTrail?
      for candidate in Self.candidates(boxes, columns: columns, rows: rows) {
        guard refused.count < Self.mostCandidates else { break }
        if refused.contains(where: { Self.alike($0, candidate) }) { continue }
        func pixel(_ p: PixelPoint) -> PixelPoint {
          PixelPoint(x: (p.x + 0.5) * Double(bin) - 0.5, y: (p.y + 0.5) * Double(bin) - 0.5)
        }
        let proof = TrailProof(image: image, mesh: mesh, fwhm: fwhm, slack: 2 * bin)
        let line = outwards(pixel(candidate.from), pixel(candidate.to), by: Double(bin))
        found = proof.trail(from: line.from, to: line.to)
        if found != nil { break }
        refused.append(candidate)
      }
      guard let trail = found else { break }
      trails.append(trail)
      Self.clear(&boxes, columns: columns, rows: rows, bin: bin, of: trail)
    }
    return trails
  }

  /// Both ends moved on to the border, from which the middle of the outermost box lies half a box away.
  private func outwards(_ from: PixelPoint, _ to: PixelPoint, by most: Double) -> (from: PixelPoint, to: PixelPoint) {
    let length = max(abs(to.x - from.x), abs(to.y - from.y))
    guard length > 0 else { return (from, to) }
    let step = (x: (to.x - from.x) / length, y: (to.y - from.y) / length)
    func moved(_ p: PixelPoint, _ sign: Double) -> PixelPoint {
      var way = most
      for (place, step, last) in [(p.x, sign * step.x, image.width - 1), (p.y, sign * step.y, image.height - 1)]
      where step != 0 {
        way = min(way, max(0, step > 0 ? Double(last) - place : place) / abs(step))
      }
      return PixelPoint(x: p.x + sign * way * step.x, y: p.y + sign * way * step.y)
    }
    return (moved(from, -1), moved(to, 1))
  }

  private static func alike(_ a: Candidate, _ b: Candidate) -> Bool {
    min(a.from.distance(to: b.from) + a.to.distance(to: b.to), a.from.distance(to: b.to) + a.to.distance(to: b.from))
      < 24
  }

  /// Sets the boxes that a trail touches to the background.
  private static func clear(_ boxes: inout [Float], columns: Int, rows: Int, bin: Int, of trail: SatelliteTrail) {
    let reach = 2 * trail.reach + Double(2 * bin)
    for y in 0..<rows {
      for x in 0..<columns {
        let place = trail.place(of: (Double(x) + 0.5) * Double(bin), (Double(y) + 0.5) * Double(bin))
        if abs(place.across) < reach { boxes[y * columns + x] = 0 }
      }
    }
  }

  /// Lines that stand out, most significant first; of neighbouring ones the best.
  static func candidates(_ boxes: [Float], columns: Int, rows: Int) -> [Candidate] {
    var found: [Candidate] = []
    var turned = [Float](repeating: 0, count: boxes.count)
    for y in 0..<rows { for x in 0..<columns { turned[x * rows + y] = boxes[y * columns + x] } }
    for transposed in [false, true] {
      let image = transposed ? turned : boxes
      let (width, height) = transposed ? (rows, columns) : (columns, rows)
      for mirrored in [false, true] {
        var side = image
        if mirrored {
          for y in 0..<height { side[(y * width)..<((y + 1) * width)].reverse() }
        }
        let radon = DiscreteRadon(side, columns: width, rows: height)
        found += lines(radon).map { line in
          func place(_ p: PixelPoint) -> PixelPoint {
            let x = mirrored ? Double(width - 1) - p.x : p.x
            return transposed ? PixelPoint(x: p.y, y: x) : PixelPoint(x: x, y: p.y)
          }
          return Candidate(from: place(line.from), to: place(line.to), significance: line.significance)
        }
      }
    }
    found.sort { ($0.significance, $1.from.x, $1.from.y) > ($1.significance, $0.from.x, $0.from.y) }
    var kept: [Candidate] = []
    for candidate in found where kept.count < mostCandidates {
      if !kept.contains(where: { alike($0, candidate) }) { kept.append(candidate) }
    }
    return kept
  }

  /// Boxes left out to either side of a line before its neighbours begin, and where these end.
  private static let gap = 3
  private static let outer = 8

  /// The least excess that can be significant, before the effort to know the length of a line: that of the shortest.
  private static let leastExcess = threshold * 4.9

  private static func lines(_ radon: DiscreteRadon) -> [Candidate] {
    var found: [Candidate] = []
    let least = max(24, radon.rows / 4)
    var memory = [Float](repeating: 0, count: 2 * radon.stride + 1)
    for slope in 0..<radon.side {
      radon.withSums(ofSlope: slope) { line in
        let best = memory.withUnsafeMutableBufferPointer { memory -> (significance: Float, i: Int)? in
          let excess = UnsafeMutableBufferPointer(rebasing: memory[(radon.stride + 1)...])
          let sums = UnsafeMutableBufferPointer(rebasing: memory[...radon.stride])
          guard Self.excess(of: line, sums: sums, into: excess) else { return nil }
          var best: (significance: Float, i: Int)?
          for i in outer..<(line.count - outer) where excess[i] > leastExcess {
            let covered = radon.rowsCovered(slope: slope, i).count
            guard covered >= least else { continue }
            let significance = excess[i] / (Float(covered) * (1 + 1 / Float(2 * (outer - gap)))).squareRoot()
            if significance > max(threshold, best?.significance ?? 0) { best = (significance, i) }
          }
          return best
        }
        guard let best else { return }
        let covered = radon.rowsCovered(slope: slope, best.i)
        func place(_ row: Int) -> PixelPoint {
          let x = Double(best.i - radon.side) + Double(slope) * Double(row) / Double(max(radon.side - 1, 1))
          return PixelPoint(x: x, y: Double(row))
        }
        found.append(
          Candidate(from: place(covered.lowerBound), to: place(covered.upperBound - 1), significance: best.significance)
        )
      }
    }
    return found
  }

  /// Writes by how much each line exceeds the mean of its neighbours to both sides; false where no line of the slope does
  /// so by enough. `sums` holds one number more than there are lines.
  private static func excess(
    of line: UnsafeBufferPointer<Float>, sums: UnsafeMutableBufferPointer<Float>,
    into excess: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    var sum: Float = 0
    sums[0] = 0
    for i in 0..<line.count {
      sum += line[i]
      sums[i + 1] = sum
    }
    let count = line.count - 2 * outer
    func from(_ first: Int) -> UnsafeMutableBufferPointer<Float> {
      UnsafeMutableBufferPointer(rebasing: sums[(outer + first)..<(outer + first + count)])
    }
    let (a, b, c, d) = (from(outer + 1), from(gap + 1), from(-gap), from(-outer))
    let middle = UnsafeBufferPointer(rebasing: line[outer..<(outer + count)])
    let out = UnsafeMutableBufferPointer(rebasing: excess[outer..<(outer + count)])
    let share = 1 / Float(2 * (outer - gap))
    // Floats above zero ascend as their bits do, and the highest of whole numbers is found on vectors.
    var highest = Int32.min
    for i in 0..<count {
      let value = middle[i] - share * ((a[i] - b[i]) + (c[i] - d[i]))
      out[i] = value
      highest = max(highest, Int32(bitPattern: value.bitPattern))
    }
    return highest > Int32(bitPattern: leastExcess.bitPattern)
  }
}

extension SatelliteTrail {
  /// The trails across a reduced frame whose stars have this FWHM, px; brightest lines first.
  public static func find(in image: MaskedImage, fwhm: Double) -> [SatelliteTrail] {
    let search = TrailSearch(image: SearchedImage(image), mesh: BackgroundMesh(of: image), fwhm: fwhm)
    return search.boxes().map { search($0) } ?? []
  }
}
