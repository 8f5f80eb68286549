#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Looks at the pixels around one place of a frame: the local sky, the light under Gaussian windows, the shape.
struct SourceProbe {
  let image: SearchedImage
  let mesh: BackgroundMesh

  /// Pixels without a value of their own; saturated ones keep theirs, which is a lower bound.
  private static let missing: PixelMask = [.bad, .cosmicRay, .noData, .satellite]

  private func usable(_ mask: UnsafeBufferPointer<PixelMask>, _ value: Float, _ index: Int) -> Bool {
    mask[index].isDisjoint(with: Self.missing) && value.isFinite
  }

  /// True where one pixel stands out so far above its four neighbours that no star could do it: through any optics a
  /// star of 1.5 px FWHM gives its best neighbour at least 0.36 of its peak. `fwhm` (as the pixels see it) sharpens the
  /// test where stars are broader than that.
  func isSpike(x: Int, y: Int, sky: Double, sigma: Double, fwhm: Double) -> Bool {
    let width = image.width
    guard x >= 1, y >= 1, x < width - 1, y < image.height - 1 else { return false }
    let peak = Double(image.image.pixels[y * width + x]) - sky
    // Below this a faint star's neighbours may be low by chance.
    guard peak > 8 * sigma else { return false }
    var best = -Double.infinity
    for index in [y * width + x - 1, y * width + x + 1, (y - 1) * width + x, (y + 1) * width + x] {
      let value = Double(image.image.pixels[index]) - sky
      // A neighbour without a value proves nothing.
      guard value.isFinite, image.mask.pixels[index].isDisjoint(with: Self.missing) else { return false }
      best = max(best, value)
    }
    // Half of what a Gaussian star leaves one pixel from its centre: exp(-4 ln 2 / f^2).
    let broad = max(fwhm, 1.65)
    return best + 2 * sigma < 0.5 * exp(-2.7726 / (broad * broad)) * peak
  }

  /// The highest pixel within `reach` of a place (at least the place itself), among those that have a value.
  func highestPixel(nearX x: Int, y: Int, reach: Int) -> (x: Int, y: Int) {
    let width = image.width
    var best = (x: x, y: y)
    var value = -Float.infinity
    for j in max(0, y - reach)...min(image.height - 1, y + reach) {
      for i in max(0, x - reach)...min(width - 1, x + reach) {
        let index = j * width + i
        let candidate = image.image.pixels[index]
        if candidate > value && image.mask.pixels[index].isDisjoint(with: Self.missing) {
          value = candidate
          best = (i, j)
        }
      }
    }
    return best
  }

  /// Radii of the ring in which the level around a star is looked for, px; `width`: FWHM.
  static func ring(width: Double) -> ClosedRange<Double> {
    let inner = max(1.8 * width, 4)
    return inner...max(2.6 * width, inner + 2.5)
  }

  /// Asks for the pixels about a star that is measured soon.
  func prefetch(nearX x: Int, y: Int, width fwhm: Double) {
    let reach = Int(Self.ring(width: fwhm).upperBound.rounded(.up))
    let columns = max(0, x - reach)..<min(image.width, x + reach + 1)
    for row in max(0, y - reach)..<min(image.height, y + reach + 1) {
      let line = (row * image.width + columns.lowerBound)..<(row * image.width + columns.upperBound)
      image.image.pixels.withUnsafeBufferPointer { Prefetch.pixels(UnsafeBufferPointer(rebasing: $0[line])) }
      image.mask.pixels.withUnsafeBufferPointer { Prefetch.pixels(UnsafeBufferPointer(rebasing: $0[line])) }
    }
  }

  /// Level around a star, e-: mean of the ring's pixels within 2.5 sigma of their median. It follows a nebula or the
  /// halo of a bright neighbour, which the mesh is too coarse for. NaN without enough pixels.
  func ringSky(around centre: PixelPoint, inner: Double, outer: Double, sigma: Double) -> Double {
    let width = image.width
    let height = image.height
    let x0 = max(0, Int((centre.x - outer).rounded(.up)))
    let x1 = min(width - 1, Int((centre.x + outer).rounded(.down)))
    let y0 = max(0, Int((centre.y - outer).rounded(.up)))
    let y1 = min(height - 1, Int((centre.y + outer).rounded(.down)))
    guard x0 <= x1 && y0 <= y1 else { return .nan }
    // Broad rings are thinned to about 200 pixels.
    let step = max(1, Int((3.14 * (outer * outer - inner * inner) / 200).squareRoot()))
    let unusable = BackgroundMesh.unusable.rawValue
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: (x1 - x0 + 1) * (y1 - y0 + 1)) { values in
      var count = 0
      image.image.pixels.withUnsafeBufferPointer { pixels in
        image.mask.pixels.withUnsafeBufferPointer { mask in
          // The first column at or after `x` of those that are taken.
          func column(_ x: Double) -> Int { x0 + (max(Int(x.rounded(.up)) - x0, 0) + step - 1) / step * step }
          for y in stride(from: y0, through: y1, by: step) {
            let dy = Double(y) - centre.y
            func add(from first: Int, through last: Int) {
              for x in stride(from: first, through: last, by: step) {
                let value = pixels[y * width + x]
                // A pixel that is not kept is overwritten by the next one: no branch in the loop.
                values[count] = value
                count += (mask[y * width + x].rawValue & unusable == 0 ? 1 : 0) & (value.isFinite ? 1 : 0)
              }
            }
            let half = max(outer * outer - dy * dy, 0).squareRoot()
            let end = min(x1, Int((centre.x + half).rounded(.down)))
            guard abs(dy) < inner else {
              add(from: column(centre.x - half), through: end)
              continue
            }
            let hole = (inner * inner - dy * dy).squareRoot()
            add(from: column(centre.x - half), through: min(end, Int((centre.x - hole).rounded(.down))))
            add(from: column(centre.x + hole), through: end)
          }
        }
      }
      guard count >= 8 else { return .nan }
      let middle = Median.of(values, count: count)
      let limit = Float(2.5 * sigma)
      var sum = 0.0
      var kept = 0
      for i in 0..<count where abs(values[i] - middle) <= limit {
        sum += Double(values[i])
        kept += 1
      }
      return 5 * kept >= 2 * count ? sum / Double(kept) : Double(middle)
    }
  }

  /// What the mask says of the pixels within `radius`; `noData` where that reaches past the frame.
  func mask(around centre: PixelPoint, radius: Double) -> PixelMask {
    var found: PixelMask = []
    let x0 = Int((centre.x - radius).rounded(.up))
    let x1 = Int((centre.x + radius).rounded(.down))
    let y0 = Int((centre.y - radius).rounded(.up))
    let y1 = Int((centre.y + radius).rounded(.down))
    if x0 < 0 || y0 < 0 || x1 >= image.width || y1 >= image.height { found.insert(.noData) }
    let width = image.width
    image.mask.pixels.withUnsafeBufferPointer { mask in
      for y in stride(from: max(0, y0), through: min(image.height - 1, y1), by: 1) {
        for x in stride(from: max(0, x0), through: min(width - 1, x1), by: 1) {
          let dx = Double(x) - centre.x
          let dy = Double(y) - centre.y
          if dx * dx + dy * dy <= radius * radius { found.formUnion(mask[y * width + x]) }
        }
      }
    }
    return found
  }

  /// Light and second moments under round Gaussian windows at `centre`. `inner` is the sigma of the narrowest window;
  /// the others have 2 and 4 times that.
  func profile(at centre: PixelPoint, sky: Double, sigma: Double, inner: Double) -> SourceProfile {
    let reach = Int((3.0 * 4 * inner).rounded(.up))
    let size = 2 * reach + 1
    let x0 = Int(centre.x.rounded()) - reach
    let y0 = Int(centre.y.rounded()) - reach
    var result = SourceProfile(inner: inner)
    let width = image.width
    let columns = max(0, -x0)..<max(max(0, -x0), min(size, width - x0))
    let lines = max(0, -y0)..<max(max(0, -y0), min(size, image.height - y0))
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6 * size) { memory in
      func table(_ k: Int) -> UnsafeMutableBufferPointer<Double> {
        UnsafeMutableBufferPointer(rebasing: memory[(k * size)..<((k + 1) * size)])
      }
      for (k, factor) in [1.0, 2, 4].enumerated() {
        GaussianWindow.fill(table(k), first: x0, centre: centre.x, sigma: factor * inner)
        GaussianWindow.fill(table(k + 3), first: y0, centre: centre.y, sigma: factor * inner)
      }
      let (ax, bx, cx) = (table(0), table(1), table(2))
      let (ay, by, cy) = (table(3), table(4), table(5))
      image.image.pixels.withUnsafeBufferPointer { pixels in
        image.mask.pixels.withUnsafeBufferPointer { mask in
          for j in lines {
            let row = (y0 + j) * width + x0
            let dy = Double(y0 + j) - centre.y
            var a = 0.0
            var b = 0.0
            var c = 0.0
            var bX = 0.0
            var bXX = 0.0
            var noise = 0.0
            for i in columns {
              let value = pixels[row + i]
              guard usable(mask, value, row + i) else { continue }
              let d = Double(value) - sky
              let dx = Double(x0 + i) - centre.x
              let wb = bx[i] * d
              a += ax[i] * d
              b += wb
              c += cx[i] * d
              bX += wb * dx
              bXX += wb * dx * dx
              noise += bx[i] * bx[i] * max(d, 0)
            }
            result.light.0 += ay[j] * a
            result.light.1 += by[j] * b
            result.light.2 += cy[j] * c
            result.xx += by[j] * bXX
            result.xy += by[j] * dy * bX
            result.yy += by[j] * dy * dy * b
            result.photons += by[j] * by[j] * noise
          }
        }
      }
    }
    // Sum of the squared weights of a round Gaussian window of standard deviation s: pi s^2.
    result.noise = result.photons + sigma * sigma * 3.141592653589793 * 4 * inner * inner
    return result
  }
}
