#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The usable pixels of an annulus, copied out of a frame row after row. Holds the memory for one annulus, used again for
/// every star of a frame.
struct AnnulusPixels {
  /// Pixels of one row that lie in one octant, 0 ..< 8, of the annulus: from the run before up to `end`.
  struct OctantRun {
    let octant: Int
    let end: Int
  }

  /// px; beyond any frame.
  static let farthest = 1e6

  /// Pixels held at the moment.
  private(set) var count = 0
  /// e-; who takes a surface from them writes here what it leaves.
  var values: [Float]
  /// The octants of the annulus that they lie in, run after run.
  private(set) var octants: [OctantRun] = []
  /// Where each lies from the middle, in outer radii; empty where nobody asked.
  private(set) var u: [Float] = []
  private(set) var v: [Float] = []
  /// Mean 1/flat; 1 without a flat.
  private(set) var inverseFlat = 1.0
  /// Columns of the row at hand that circles of other stars cover.
  private var covered: [ClosedRange<Int>] = []
  private var flats = 0.0

  /// `pixels`: of the frame; no annulus has more.
  init(largest annulus: AnnularAperture, pixels: Int) {
    // No set of pixels with centres in a circle is larger than the circle of radius + 1/sqrt 2; one more to write past.
    let area = CircularAperture(radius: min(annulus.outer, Self.farthest) + 0.71).area
    values = Array(repeating: 0, count: min(Int(area) + 1, pixels) + 1)
  }

  mutating func makeRoomForPlaces() {
    guard u.isEmpty else { return }
    u = Array(repeating: 0, count: values.count)
    v = u
  }

  /// Holds the pixels whose centres lie in the annulus, without masked ones, without the circles of `others` and without
  /// excluded sectors; with their places where there is room for them and `places` says so.
  mutating func gather(
    _ planes: FramePlanes, in annulus: AnnularAperture, around centre: PixelPoint, without others: [MaskedCircle],
    _ excluded: [ExcludedDirection], places: Bool
  ) {
    count = 0
    octants.removeAll(keepingCapacity: true)
    flats = 0
    inverseFlat = 1
    let outer = min(annulus.outer, Self.farthest)
    let inner = min(annulus.inner, outer)
    let first = max(0, Int((centre.y - outer).rounded(.up)))
    let last = min(planes.height - 1, Int((centre.y + outer).rounded(.down)))
    guard first <= last else { return }
    let about = (centre: centre, scale: places ? annulus.outer : 0)
    for y in first...last {
      let dy = Double(y) - centre.y
      // A row that only touches the circle may lie a rounding error outside.
      let half = max(0, outer * outer - dy * dy).squareRoot()
      let left = Int((centre.x - half).rounded(.up))
      let right = Int((centre.x + half).rounded(.down))
      cover(y, left...max(left, right), by: others)
      if abs(dy) < inner {
        let hole = (inner * inner - dy * dy).squareRoot()
        take(planes, y, left, Int((centre.x - hole).rounded(.down)), about, excluded)
        take(planes, y, Int((centre.x + hole).rounded(.up)), right, about, excluded)
      } else {
        take(planes, y, left, right, about, excluded)
      }
    }
    if count > 0 && planes.inverseFlat != nil { inverseFlat = flats / Double(count) }
  }

  /// Notes what circles of other stars cover of these columns.
  private mutating func cover(_ y: Int, _ columns: ClosedRange<Int>, by others: [MaskedCircle]) {
    covered.removeAll(keepingCapacity: true)
    for other in others {
      let dy = Double(y) - other.centre.y
      let square = other.radius * other.radius - dy * dy
      guard square >= 0 else { continue }
      let reach = square.squareRoot()
      let from = Int((other.centre.x - reach).rounded(.up))
      let to = Int((other.centre.x + reach).rounded(.down))
      if from <= to && to >= columns.lowerBound && from <= columns.upperBound { covered.append(from...to) }
    }
  }

  /// Appends what is usable of these columns of a row.
  private mutating func take(
    _ planes: FramePlanes, _ y: Int, _ from: Int, _ to: Int, _ about: (centre: PixelPoint, scale: Double),
    _ excluded: [ExcludedDirection]
  ) {
    let to = min(to, planes.width - 1)
    var x = max(from, 0)
    while x <= to {
      // Up to the next circle of another star, or past the one that covers x.
      var end = to
      var next = x
      for columns in covered {
        if columns.lowerBound > x {
          end = min(end, columns.lowerBound - 1)
        } else if columns.upperBound >= x {
          next = max(next, columns.upperBound + 1)
        }
      }
      if next > x {
        x = next
        continue
      }
      if excluded.isEmpty {
        append(planes, y, x...end, about)
      } else {
        let dy = Double(y) - about.centre.y
        for x in x...end {
          let dx = Double(x) - about.centre.x
          if !excluded.contains(where: { $0.holds(dx, dy) }) { append(planes, y, x...x, about) }
        }
      }
      x = end + 1
    }
  }

  private mutating func append(
    _ planes: FramePlanes, _ y: Int, _ columns: ClosedRange<Int>, _ about: (centre: PixelPoint, scale: Double)
  ) {
    let row = planes.index(0, y)
    let dy = Double(y) - about.centre.y
    let place = (row + columns.lowerBound)..<(row + columns.upperBound + 1)
    let image = UnsafeBufferPointer(rebasing: planes.image[place])
    let mask = UnsafeBufferPointer(rebasing: planes.mask[place])
    let flat = planes.inverseFlat.map { UnsafeBufferPointer(rebasing: $0[place]) }
    if about.scale > 0 { locate(image, mask, from: columns.lowerBound, about.centre, dy, scale: about.scale) }
    let isSound = Self.isSound(image, mask)
    let start = count
    if isSound { appendAll(image, flat) }
    // The columns at which the row passes into its second, third and fourth octant.
    let (x, reach) = (about.centre.x, abs(dy))
    let borders = (Int((x - reach).rounded(.up)), Int(x.rounded(.up)), Int((x + reach).rounded(.down)) + 1)
    var from = 0
    func note(_ octant: Int, before border: Int) {
      let to = min(border - columns.lowerBound, image.count)
      guard from < to else { return }
      if !isSound { appendSound(image, mask, flat, from..<to) }
      octants.append(OctantRun(octant: octant + (dy >= 0 ? 4 : 0), end: isSound ? start + to : count))
      from = to
    }
    note(0, before: borders.0)
    note(1, before: borders.1)
    note(2, before: borders.2)
    note(3, before: columns.upperBound + 1)
  }

  /// True where every pixel is usable, as most runs are.
  @inline(__always)
  private static func isSound(_ image: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<PixelMask>) -> Bool {
    PixelMask.union(of: mask).isEmpty && RowScan.isFinite(image.span)
  }

  private mutating func appendAll(_ image: UnsafeBufferPointer<Float>, _ flat: UnsafeBufferPointer<Float>?) {
    let start = count
    precondition(start + image.count <= values.count, "no room for the pixels")
    values.withUnsafeMutableBufferPointer { _ = $0[start...].update(fromContentsOf: image) }
    if let flat {
      // Four sums for one: to add to a single one takes as long as all else.
      var sums = SIMD4<Double>.zero
      let whole = flat.count / 4 * 4
      for x in stride(from: 0, to: whole, by: 4) {
        sums += SIMD4<Double>(Double(flat[x]), Double(flat[x + 1]), Double(flat[x + 2]), Double(flat[x + 3]))
      }
      for x in whole..<flat.count { sums[0] += Double(flat[x]) }
      flats += (sums[0] + sums[1]) + (sums[2] + sums[3])
    }
    count += image.count
  }

  private mutating func appendSound(
    _ image: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<PixelMask>, _ flat: UnsafeBufferPointer<Float>?,
    _ run: Range<Int>
  ) {
    for x in run where mask[x].isEmpty && image[x].isFinite {
      values[count] = image[x]
      count += 1
      if let flat { flats += Double(flat[x]) }
    }
  }

  /// Notes where the pixels lie that are appended next.
  private mutating func locate(
    _ image: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<PixelMask>, from first: Int,
    _ centre: PixelPoint, _ dy: Double, scale: Double
  ) {
    var count = count
    for x in 0..<image.count {
      u[count] = Float((Double(first + x) - centre.x) / scale)
      v[count] = Float(dy / scale)
      count += mask[x].isEmpty && image[x].isFinite ? 1 : 0
    }
  }
}

/// A sector of an annulus by its middle.
struct ExcludedDirection {
  private let x: Double
  private let y: Double
  private let cosine: Double

  init(_ sector: SkySector) {
    let half = min(max(sector.width / 2, 0), .pi)
    x = cos(sector.from + half)
    y = sin(sector.from + half)
    cosine = cos(half)
  }

  func holds(_ dx: Double, _ dy: Double) -> Bool {
    dx * x + dy * y >= cosine * (dx * dx + dy * dy).squareRoot()
  }
}
