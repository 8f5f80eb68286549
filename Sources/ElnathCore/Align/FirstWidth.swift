/// A first idea of how broad the stars of a frame are, from its brightest unsaturated ones, before the filter that
/// finds all others can be made.
struct FirstWidth {
  let probe: SourceProbe

  /// So many of the brightest are looked at, those taken spread evenly over them: the very brightest may be nebulae or
  /// clipped, and the median of the taken is good to some per cent.
  private static let (brightest, taken) = (90, 30)

  private struct Peak {
    var x: Int
    var y: Int
    var height: Float
  }

  /// FWHM as the pixels see it, px; nil where nothing bright stands out.
  func callAsFunction() -> Double? {
    var widths: [Double] = []
    let peaks = Array(brightPeaks().lazy.filter { !isSpike($0) }.prefix(Self.brightest))
    for k in stride(from: 0, to: peaks.count, by: max(1, peaks.count / Self.taken)) {
      let peak = peaks[k]
      let place = PixelPoint(x: Double(peak.x), y: Double(peak.y))
      let (sky, sigma) = (probe.mesh.level(at: place), probe.mesh.sigma(at: place))
      var fwhm = halfMaximumWidth(peak, sky: sky)
      guard probe.mask(around: place, radius: fwhm).isEmpty else { continue }
      for _ in 0..<2 {
        let window = max(fwhm / SourceProfile.fwhmPerSigma, 1)
        let centroid = probe.image.centroid(
          around: place, sigma: window, sky: sky, noise: nil, maximumStep: max(1, 0.7 * fwhm))
        guard !centroid.refused else {
          fwhm = .nan
          break
        }
        let profile = probe.profile(
          at: centroid.position, sky: sky, sigma: sigma, inner: SourceProfile.innerSigma(fwhm: fwhm))
        guard profile.coreVariance > SourceProfile.leastStarVariance else {
          fwhm = .nan
          break
        }
        fwhm = min(SourceProfile.fwhmPerSigma * profile.coreVariance.squareRoot(), 40)
      }
      if fwhm.isFinite { widths.append(fwhm) }
    }
    return widths.isEmpty ? nil : Median.inPlace(&widths)
  }

  private func isSpike(_ peak: Peak) -> Bool {
    let place = PixelPoint(x: Double(peak.x), y: Double(peak.y))
    return probe.isSpike(
      x: peak.x, y: peak.y, sky: probe.mesh.level(at: place), sigma: probe.mesh.sigma(at: place), fwhm: 1.65)
  }

  /// The highest pixel of every box on every third row, moved uphill; brightest first.
  private func brightPeaks() -> [Peak] {
    let image = probe.image
    let mesh = probe.mesh
    let width = image.width
    guard width >= 3 && image.height >= 3 else { return [] }
    var peaks: [Peak] = []
    var best = [Float](repeating: 0, count: mesh.columns)
    var places = [Int](repeating: -1, count: mesh.columns)
    image.image.pixels.withUnsafeBufferPointer { pixels in
      image.mask.pixels.withUnsafeBufferPointer { mask in
        for row in 0..<mesh.rows {
          // Along whole rows, as they lie in memory.
          for column in 0..<mesh.columns {
            best[column] = mesh.level[row * mesh.columns + column] + 10 * mesh.sigma[row * mesh.columns + column]
            places[column] = -1
          }
          for y in stride(from: row * image.height / mesh.rows, to: (row + 1) * image.height / mesh.rows, by: 3) {
            Prefetch.row(y + 3, of: pixels, width: width)
            for column in 0..<mesh.columns where mesh.sigma[row * mesh.columns + column] > 0 {
              let first = y * width + column * width / mesh.columns
              let end = y * width + (column + 1) * width / mesh.columns
              // Most of the sky is below.
              guard RowScan.exceeds(best[column], UnsafeBufferPointer(rebasing: pixels[first..<end]).span) else {
                continue
              }
              for i in first..<end where pixels[i] > best[column] && mask[i].isEmpty {
                best[column] = pixels[i]
                places[column] = i
              }
            }
          }
          for column in 0..<mesh.columns {
            let level = mesh.level[row * mesh.columns + column]
            let index = places[column]
            guard index >= 0 else { continue }
            var (x, y) = (index % width, index / width)
            while true {
              let next = probe.highestPixel(nearX: x, y: y, reach: 1)
              if next == (x, y) { break }
              (x, y) = next
            }
            peaks.append(Peak(x: x, y: y, height: pixels[y * width + x] - level))
          }
        }
      }
    }
    peaks.sort { ($0.height, $0.y, $0.x) > ($1.height, $1.y, $1.x) }
    var seen: Set<Int> = []
    return peaks.filter { seen.insert($0.y * width + $0.x).inserted }
  }

  /// Diameter of the circle that covers as many pixels as lie above half the peak and hang together with it.
  private func halfMaximumWidth(_ peak: Peak, sky: Double) -> Double {
    let image = probe.image
    let reach = 30
    let size = 2 * reach + 1
    let half = Float(sky) + peak.height / 2
    var visited = [Bool](repeating: false, count: size * size)
    var open = [reach * size + reach]
    visited[open[0]] = true
    var count = 0
    while let place = open.popLast() {
      count += 1
      let (i, j) = (place % size, place / size)
      for (u, v) in [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)] where u >= 0 && v >= 0 && u < size && v < size {
        let x = peak.x + u - reach
        let y = peak.y + v - reach
        guard x >= 0, y >= 0, x < image.width, y < image.height, !visited[v * size + u] else { continue }
        visited[v * size + u] = true
        if image.image.pixels[y * image.width + x] >= half { open.append(v * size + u) }
      }
    }
    return max(1.5, 2 * (Double(count) / 3.14159).squareRoot())
  }
}
