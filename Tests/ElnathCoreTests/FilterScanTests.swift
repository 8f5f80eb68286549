import ElnathTestSupport
import Testing

@testable import ElnathCore

/// The scan looks at half of the rows; here all of them are looked at, one pixel after another.
@Suite("align: peaks of the filtered frame") struct FilterScanTests {
  /// Width and height are odd and even, so that the last row is one of each kind.
  @Test(arguments: [0.64, 1.0, 1.3, 1.7, 2.6, 4.0], [(301, 240), (240, 301)])
  func peaksAreThoseOfAllRows(sigma: Double, size: (Int, Int)) {
    let (width, height) = size
    var field = SyntheticField(
      width: width, height: height,
      stars: SyntheticField.stars(60, width: width, height: height, flux: 300...60_000, seed: 8))
    field.fwhm = 2.3548 * sigma
    let frame = field.frame(seed: 12)
    let mesh = BackgroundMesh(of: frame.image)
    let filter = MatchedFilter(sigma: sigma)
    let threshold: Float = 4
    var scan = FilterScan(filter: filter, mesh: mesh, width: width, height: height, threshold: threshold)
    frame.image.image.pixels.withUnsafeBufferPointer { pixels in
      frame.image.mask.pixels.withUnsafeBufferPointer { mask in scan.run(pixels: pixels, mask: mask) }
    }
    let expected = Self.peaks(frame.image.image, mesh, filter, above: threshold)
    #expect(expected.count >= 15)
    let found = Set(scan.peaks.map { $0.y * width + $0.x })
    let missing = expected.filter { !found.contains($0.y * width + $0.x) }
    let invented = found.subtracting(expected.map { $0.y * width + $0.x })
    // A trace is missed beyond three standard deviations on both sides; sums in another order are equal to 1e-6.
    #expect(missing.count <= expected.count / 100, "\(missing)")
    #expect(invented.isEmpty)
  }

  static func peaks(
    _ image: PixelGrid<Float>, _ mesh: BackgroundMesh, _ filter: MatchedFilter, above threshold: Float
  ) -> [(x: Int, y: Int)] {
    let (width, height) = (image.width, image.height)
    var light = image.pixels
    var level = [Float](repeating: 0, count: width)
    for y in 0..<height {
      level.withUnsafeMutableBufferPointer { mesh.fill(row: y, into: $0) }
      for x in 0..<width { light[y * width + x] -= level[x] }
    }
    let reach = filter.taps.count - 1
    func smoothed(_ values: [Float], stepX: Int, stepY: Int) -> [Float] {
      var out = [Float](repeating: 0, count: values.count)
      for y in 0..<height {
        for x in 0..<width {
          var sum = 0.0
          for k in -reach...reach {
            let (u, v) = (x + k * stepX, y + k * stepY)
            if u >= 0 && u < width && v >= 0 && v < height {
              sum += Double(filter.taps[abs(k)]) * Double(values[v * width + u])
            }
          }
          out[y * width + x] = Float(sum)
        }
      }
      return out
    }
    let smooth = smoothed(smoothed(light, stepX: 1, stepY: 0), stepX: 0, stepY: 1)
    var found: [(x: Int, y: Int)] = []
    for y in 1..<(height - 1) {
      for x in 1..<(width - 1) {
        let value = smooth[y * width + x]
        let column = (0..<mesh.columns).last { $0 * width / mesh.columns <= x }!
        let sigma = mesh.sigma[min(y * mesh.rows / height, mesh.rows - 1) * mesh.columns + column] * filter.noise
        guard value > threshold * sigma else { continue }
        let neighbours = (-1...1).flatMap { j in (-1...1).map { (j, $0) } }.filter { $0 != (0, 0) }
        if neighbours.allSatisfy({ value > smooth[(y + $0.0) * width + x + $0.1] }) { found.append((x, y)) }
      }
    }
    return found
  }
}
