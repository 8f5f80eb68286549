#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A frame as correlation sees it: in boxes of pixels, its sky and everything smooth taken off, hot pixels and what is
/// masked left out, and nothing brighter than a few times the noise, so that many pixels together must tell what a few
/// bright ones could feign.
public struct CorrelationImage: Sendable {
  /// In boxes of up to 256 a side, for the search.
  let coarse: CorrelationBoxes
  /// In boxes of up to 1024 a side, as smooth as they come.
  private let boxes: CorrelationBoxes

  /// The same boxes flattened, for the exact place; made when asked for, since most frames that come this far have none.
  var fine: CorrelationBoxes { boxes.flattened() }

  static let fineSide = 1024
  static let coarseSide = 256
  /// Boxes of the mesh of the sky, px, and the most that a pixel may stand out from it, in units of its noise.
  private static let meshBox = 64
  private static let pixelLimit: Float = 5
  private static let hidden: PixelMask = [.bad, .bleed, .cosmicRay, .noData, .satellite]

  /// - Parameter fixed: places of the frame that show the detector and not the sky.
  public init(_ image: MaskedImage, without fixed: [PixelPoint] = []) {
    let bin = max(1, (max(image.width, image.height) + Self.fineSide - 1) / Self.fineSide)
    boxes = Self.boxes(of: image, bin: bin, without: fixed)
    let times = max(1, (max(boxes.columns, boxes.rows) + Self.coarseSide - 1) / Self.coarseSide)
    coarse = boxes.binned(times).flattened()
  }

  private static func boxes(of image: MaskedImage, bin: Int, without fixed: [PixelPoint]) -> CorrelationBoxes {
    let mesh = BackgroundMesh(of: image, boxSize: meshBox)
    let width = image.width
    var hiddenPixels: Set<Int> = []
    for place in fixed where place.lies(inWidth: width, height: image.height) {
      let (x, y) = (Int(place.x.rounded()), Int(place.y.rounded()))
      for j in max(0, y - 2)...min(image.height - 1, y + 2) {
        for i in max(0, x - 2)...min(width - 1, x + 2) { hiddenPixels.insert(j * width + i) }
      }
    }
    var boxes = CorrelationBoxes(bin: bin, columns: max(1, width / bin), rows: max(1, image.height / bin))
    guard mesh.medianSigma > 0 else { return boxes }
    let level = UnsafeMutableBufferPointer<Float>.allocate(capacity: width)
    defer { level.deallocate() }
    image.image.pixels.withUnsafeBufferPointer { pixels in
      image.mask.pixels.withUnsafeBufferPointer { mask in
        for row in 0..<boxes.rows {
          for y in (row * bin)..<min((row + 1) * bin, image.height) {
            mesh.fill(row: y, into: level)
            let meshRow = min(y * mesh.rows / image.height, mesh.rows - 1) * mesh.columns
            for column in 0..<boxes.columns {
              let sigma = mesh.sigma[meshRow + min(column * bin * mesh.columns / width, mesh.columns - 1)]
              var (sum, count): (Float, Float) = (0, 0)
              for x in (column * bin)..<min((column + 1) * bin, width) {
                let i = y * width + x
                guard mask[i].isDisjoint(with: hidden), pixels[i].isFinite else { continue }
                if !hiddenPixels.isEmpty && hiddenPixels.contains(i) { continue }
                let limit = pixelLimit * sigma
                sum += level[x] + min(max(pixels[i] - level[x], -limit), limit)
                count += 1
              }
              boxes.values[row * boxes.columns + column] += sum
              boxes.seen[row * boxes.columns + column] += count
            }
          }
        }
      }
    }
    boxes.average(least: Float(bin * bin) / 2)
    return boxes
  }
}

/// Values in boxes, and 1 or 0 for boxes that have one or not.
struct CorrelationBoxes: Sendable {
  /// Pixels of the frame along a side of a box.
  let bin: Int
  let columns: Int
  let rows: Int
  var values: [Float]
  var seen: [Float]

  init(bin: Int, columns: Int, rows: Int) {
    self.bin = bin
    self.columns = columns
    self.rows = rows
    values = [Float](repeating: 0, count: columns * rows)
    seen = values
  }

  /// From sums and counts to means and 1 or 0.
  mutating func average(least: Float) {
    for i in values.indices {
      values[i] = seen[i] >= least && seen[i] > 0 ? values[i] / seen[i] : 0
      seen[i] = seen[i] >= least && seen[i] > 0 ? 1 : 0
    }
  }

  func binned(_ times: Int) -> CorrelationBoxes {
    guard times > 1 else { return self }
    var result = CorrelationBoxes(bin: bin * times, columns: max(1, columns / times), rows: max(1, rows / times))
    for j in 0..<(result.rows * times) where j < rows {
      for i in 0..<(result.columns * times) where i < columns {
        let place = j / times * result.columns + i / times
        result.values[place] += values[j * columns + i] * seen[j * columns + i]
        result.seen[place] += seen[j * columns + i]
      }
    }
    result.average(least: Float(times * times) / 2)
    return result
  }

  /// Less what is smooth over an eighth of the frame, twilight, moonlight and flat field among it; 0 where nothing is
  /// seen.
  func flattened() -> CorrelationBoxes {
    let reach = max(2, max(columns, rows) / 16)
    var (smooth, weight) = (zip(values, seen).map { $0 * $1 }, seen)
    for _ in 0..<2 {
      smooth = averaged(smooth, reach: reach)
      weight = averaged(weight, reach: reach)
    }
    var result = self
    for i in values.indices {
      result.values[i] = seen[i] > 0 && weight[i] > 0 ? values[i] - smooth[i] / weight[i] : 0
    }
    return result
  }

  /// Running sums over squares of 2 `reach` + 1 boxes, cut off at the border.
  private func averaged(_ values: [Float], reach: Int) -> [Float] {
    var along = values
    for j in 0..<rows {
      var sum: Float = 0
      for i in -reach..<columns {
        if i + reach < columns { sum += values[j * columns + i + reach] }
        if i - reach - 1 >= 0 { sum -= values[j * columns + i - reach - 1] }
        if i >= 0 { along[j * columns + i] = sum }
      }
    }
    var result = along
    var sums = [Float](repeating: 0, count: columns)
    func row(_ j: Int) -> Range<Int> { (j * columns)..<((j + 1) * columns) }
    for j in -reach..<rows {
      if j + reach < rows { Self.add(along.span.extracting(row(j + reach)), times: 1, to: &sums) }
      if j - reach - 1 >= 0 { Self.add(along.span.extracting(row(j - reach - 1)), times: -1, to: &sums) }
      if j >= 0 { result.replaceSubrange(row(j), with: sums) }
    }
    return result
  }

  private static func add(_ row: Span<Float>, times sign: Float, to sums: inout [Float]) {
    var sums = sums.mutableSpan
    precondition(row.count == sums.count, "rows must have one length")
    for i in 0..<sums.count { sums[i] += sign * row[i] }
  }

  /// Turned by 180 degrees.
  var turned: CorrelationBoxes {
    var result = self
    result.values.reverse()
    result.seen.reverse()
    return result
  }

  /// A part of it in a window that falls to zero towards its edges, so that these do not correlate.
  func windowed(x: Int, y: Int, width: Int, height: Int) -> [Float] {
    func window(_ count: Int) -> [Float] {
      (0..<count).map { i in
        let edge = (Float(min(i, count - 1 - i)) + 0.5) / (0.15 * Float(count))
        return edge >= 1 ? 1 : 0.5 - 0.5 * cos(edge * Float.pi)
      }
    }
    let (along, across) = (window(width), window(height))
    var part = [Float](repeating: 0, count: width * height)
    for j in 0..<height {
      for i in 0..<width { part[j * width + i] = values[(y + j) * columns + x + i] * along[i] * across[j] }
    }
    return part
  }
}
