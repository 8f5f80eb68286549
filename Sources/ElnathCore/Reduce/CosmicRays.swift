/// Finds cosmic rays on a single frame by their sharp edges (van Dokkum 2001, PASP 113, 1420): the Laplacian of the
/// frame, each pixel split in four so that its edges are seen one by one, stands out above the noise, and stands out more
/// than light that came through the optics can.
///
/// That last limit follows from the frame's FWHM, so that the core of a star is never taken for a hit; it needs stars of
/// 2.5 px and more. All filters are local: the verdict on a pixel depends on nothing farther than `margin`, and is the
/// same in whatever box it is looked at. The two outermost pixels of a frame are left alone.
public struct CosmicRays: Sendable, Equatable {
  /// How far the pixels reach that decide about one, px.
  public static let margin = 9
  /// Below this FWHM (px) nothing is looked for: a star may be as sharp as a hit.
  public static let leastFWHM = 2.5
  /// A hit must exceed the sharpest light that the optics can give by so many times the noise. The Laplacian of pure noise
  /// reaches 6 about once in 10^9 pixels.
  public static let limit: Float = 6
  /// Beside a hit the limit is lower: what remains of its light is faint, but its place is known.
  static let neighbourLimit: Float = 3

  /// Largest ratio of Laplacian to fine structure that a star may have, at its expected and at twice its sharpness.
  let expected: Float
  let highest: Float

  /// Width of stars along their short axis: sharp is what is sharp in one direction. Up to a ratio of 1.15 the elongation
  /// of a frame is that of its noise.
  public static func narrowest(fwhm: Double, elongation: Double) -> Double {
    elongation > 1.15 ? fwhm / (elongation / 1.15).squareRoot() : fwhm
  }

  /// Nil where stars are undersampled or `fwhm` (px, as measured, without the pixel's own width) is not known.
  public init?(fwhm: Double) {
    guard fwhm >= Self.leastFWHM else { return nil }
    self.init(sampled: fwhm)
  }

  /// For frames whose stars are undersampled or of unknown width (NaN, taken as 1.5 px), where it is wanted nevertheless:
  /// only hits that are much sharper than such stars are found, and stars narrower than supposed are taken for hits.
  public init(undersampled fwhm: Double) {
    self.init(sampled: fwhm.isFinite ? max(fwhm, 1.2) : 1.5)
  }

  init(sampled fwhm: Double) {
    // A star in a moment of better seeing, or along the short axis of a trailed one.
    expected = Float(StarSharpness.tabulated(fwhm: 0.9 * fwhm))
    // However broad the stars are, pixels differ in their response by some per cent where there is no good flat.
    highest = max(2 * expected, 0.3)
  }

  // What has no say in the neighbourhood of a hit.
  static let missing: PixelMask = [.bad, .saturated, .bleed, .noData]

  /// The frame's mask with `cosmicRay` on the pixels that were hit.
  public func marked(_ image: MaskedImage) -> PixelGrid<PixelMask> {
    var mask = image.mask
    let whole = PixelRectangle(x: 0, y: 0, width: image.width, height: image.height)
    image.withPlanes { planes in
      mask.pixels.withUnsafeMutableBufferPointer { _ = mark(planes, in: $0, within: whole) }
    }
    return mask
  }

  /// Adds `cosmicRay` to `mask`, a copy of the planes' own, on the pixels of a part of the frame that were hit; returns
  /// where it was added, in memory. The planes must reach `margin` px farther, or to the edge of the frame; some pixels
  /// beyond the part may be marked too.
  func mark(
    _ planes: ImagePlanes, in mask: UnsafeMutableBufferPointer<PixelMask>, within part: PixelRectangle
  ) -> [Int] {
    let box = planes.box
    precondition(mask.count >= box.width * box.height, "one mark for each pixel")
    // In memory, and with the places whose hits tell of those in the part.
    let reach = CosmicRayPatch.reach + 1
    let columns = max(2, part.x - box.x - reach)..<min(box.width - 2, part.x - box.x + part.width + reach)
    let rows = max(2, part.y - box.y - reach)..<min(box.height - 2, part.y - box.y + part.height + reach)
    guard !columns.isEmpty && columns.lowerBound <= columns.upperBound, rows.lowerBound < rows.upperBound else {
      return []
    }
    var hits: [Int] = []
    let known = UnsafeBufferPointer(mask)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: columns.count + 8) { sharp in
      sharp.initialize(repeating: 0)
      for y in rows {
        Self.findSharp(planes, y: y, columns: columns, into: sharp)
        let bytes = UnsafeRawBufferPointer(sharp)
        var k = 0
        while k < columns.count {
          if bytes.loadUnaligned(fromByteOffset: k, as: UInt64.self) == 0 {
            k += 8
            continue
          }
          let x = columns.lowerBound + k
          if sharp[k] != 0, isHit(planes, known, x, y, limit: Self.limit) { hits.append(y * box.width + x) }
          k += 1
        }
      }
    }
    for i in hits { mask[i].insert(.cosmicRay) }
    // Once more beside the hits, now that their light does not hide what is left.
    var more: [Int] = []
    for i in hits {
      let (x, y) = (i % box.width, i / box.width)
      for v in max(1, y - 1)...min(box.height - 2, y + 1) {
        for u in max(1, x - 1)...min(box.width - 2, x + 1) where !mask[v * box.width + u].contains(.cosmicRay) {
          if isHit(planes, known, u, v, limit: Self.neighbourLimit) { more.append(v * box.width + u) }
        }
      }
    }
    for i in more { mask[i].insert(.cosmicRay) }
    return hits + more
  }

  /// Sets `sharp` to 1 for those of `columns` of a row where half the Laplacian exceeds the limit by the noise of the
  /// least noisy of four pixels nearby, and to 0 elsewhere: a cheap look that leaves little to the whole test.
  private static func findSharp(
    _ planes: ImagePlanes, y: Int, columns: Range<Int>, into sharp: UnsafeMutableBufferPointer<UInt8>
  ) {
    let width = planes.box.width
    func row(_ plane: UnsafeBufferPointer<Float>, _ dx: Int, _ dy: Int) -> UnsafeBufferPointer<Float> {
      let first = (y + dy) * width + columns.lowerBound + dx
      return UnsafeBufferPointer(rebasing: plane[first..<(first + columns.count)])
    }
    let (c, l, r) = (row(planes.image, 0, 0), row(planes.image, -1, 0), row(planes.image, 1, 0))
    let (d, u) = (row(planes.image, 0, -1), row(planes.image, 0, 1))
    let (v, w) = (row(planes.variance, -2, 0), row(planes.variance, 2, 0))
    let (p, q) = (row(planes.variance, 0, -2), row(planes.variance, 0, 2))
    let square = 64 * limit * limit
    let out = UnsafeMutableBufferPointer(rebasing: sharp[..<columns.count])
    for x in 0..<out.count {
      let twice = 2 * c[x]
      let (left, right) = (twice - l[x], twice - r[x])
      let a = left - d[x]
      let b = left - u[x]
      let e = right - d[x]
      let f = right - u[x]
      let sum = (a > 0 ? a : 0) + (b > 0 ? b : 0) + (e > 0 ? e : 0) + (f > 0 ? f : 0)
      // A variance that is not known must not hide the others.
      let across = v[x] < w[x] ? v[x] : w[x]
      let along = p[x] < q[x] ? p[x] : q[x]
      out[x] = sum * sum > square * (across < along ? across : along) ? 1 : 0
    }
  }
}
