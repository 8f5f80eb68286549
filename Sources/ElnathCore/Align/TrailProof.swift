/// Looks at the pixels along a line that may be a trail: a satellite is straight to a fraction of a pixel, as narrow as the
/// stars or somewhat broader, of nearly even brightness over a long way, and stands on the same sky to both sides. The
/// edge of a nebula, a spike of a bright star, a row of stars or a bad column is not.
struct TrailProof {
  let image: SearchedImage
  let mesh: BackgroundMesh
  /// Of the stars, px.
  let fwhm: Double
  /// How far the trail may lie from the line, px.
  let slack: Int

  /// Pieces in which it must stand out, of all between its ends; and the least length, as a part of the line's and in
  /// FWHM.
  private static let filled = 0.75
  private static let leastPart = 0.45
  private static let leastLength = 25.0
  /// A piece counts from this many times its noise.
  private static let significant = 3.0
  /// Faint fifth over bright fifth of the pieces.
  private static let even = 0.45
  /// Places along the trail that lie above the sky beside it: light of half the noise of a pixel lifts 80 of 100, a fifth
  /// of the way covered by stars 60.
  static let leastAbove = 0.72
  /// Bad columns and rows: a line that leans by less than this over its whole length, px.
  private static let upright = 3.0

  /// Nil where the line is no trail. Both ends lie on the border of the frame.
  func trail(from: PixelPoint, to: PixelPoint) -> SatelliteTrail? {
    var line = TrailLine(from: from, to: to)
    let pieces = min(64, max(12, Int(line.extent / 48)))
    let background = max(6, Int((2 * fwhm).rounded(.up)))
    var profiles = TrailProfiles(image, mesh, line, pieces: pieces, reach: slack + background, kernel: kernel)
    guard let first = profiles.straightLine(kernel: kernel, within: Double(slack)) else { return nil }
    line.shift(first)
    // Around the better line, out to where the sky beside even a broad trail is seen.
    let reach = 4 * Int(max(fwhm, 2).rounded(.up)) + background
    profiles = TrailProfiles(image, mesh, line, pieces: pieces, reach: reach, kernel: kernel)
    guard let second = profiles.straightLine(kernel: kernel, within: max(2, fwhm)) else { return nil }
    line.shift(second)
    profiles = TrailProfiles(image, mesh, line, pieces: pieces, reach: reach, kernel: kernel)
    guard line.lean >= Self.upright else { return nil }
    return profiles.trail(
      line, kernel: kernel, fwhm: fwhm, significant: Self.significant, filled: Self.filled,
      leastLength: max(Self.leastPart * line.extent * line.perStep, Self.leastLength * max(fwhm, 2)), even: Self.even)
  }

  /// Width of the box that smooths a profile, px, odd.
  private var kernel: Int { 2 * Int(max(fwhm, 2) / 2) + 1 }
}

/// A line by its minor coordinate (x or y) as a function of its major one, along which it has one place per pixel.
struct TrailLine {
  /// True where the major coordinate is y.
  let steep: Bool
  /// Major coordinate of both ends, ascending.
  let first: Double
  let last: Double
  private(set) var minorAtFirst: Double
  private(set) var slope: Double

  init(from: PixelPoint, to: PixelPoint) {
    steep = abs(to.y - from.y) >= abs(to.x - from.x)
    let (a, b) = steep ? ((from.y, from.x), (to.y, to.x)) : ((from.x, from.y), (to.x, to.y))
    let (low, high) = a.0 <= b.0 ? (a, b) : (b, a)
    first = low.0
    last = high.0
    minorAtFirst = low.1
    slope = high.0 > low.0 ? (high.1 - low.1) / (high.0 - low.0) : 0
  }

  /// Pixels along the major axis.
  var extent: Double { last - first }
  /// Length along the line for one pixel of the major axis.
  var perStep: Double { (1 + slope * slope).squareRoot() }
  /// How far the minor coordinate moves over the whole line, px.
  var lean: Double { abs(slope) * extent }

  func minor(at major: Double) -> Double { minorAtFirst + slope * (major - first) }

  func point(at major: Double) -> PixelPoint {
    steep ? PixelPoint(x: minor(at: major), y: major) : PixelPoint(x: major, y: minor(at: major))
  }

  /// Moves by a line in the minor coordinate, given at both ends.
  mutating func shift(_ by: (atFirst: Double, atLast: Double)) {
    minorAtFirst += by.atFirst
    slope += (by.atLast - by.atFirst) / max(extent, 1)
  }
}

/// Profiles across a line, one for each of its pieces: clipped means of the light above the background mesh, for a median
/// of whole ADU moves in steps.
struct TrailProfiles {
  private let pieces: Int
  private let reach: Int
  /// e-, `2 * reach + 1` values a piece; NaN without pixels.
  private var values: [Double]
  /// Noise of a value, e-; infinite without pixels.
  private var noise: [Double]
  /// Fraction of the places along each piece where the light on the line, over the width of the kernel, lies above the
  /// level beside it; 0 without pixels.
  private var above: [Double]

  init(_ image: SearchedImage, _ mesh: BackgroundMesh, _ line: TrailLine, pieces: Int, reach: Int, kernel: Int) {
    self.pieces = pieces
    self.reach = reach
    let side = 2 * reach + 1
    values = Array(repeating: .nan, count: pieces * side)
    noise = Array(repeating: .infinity, count: pieces)
    above = Array(repeating: 0, count: pieces)
    let width = image.width
    var sample = [Float](repeating: 0, count: 65)
    for piece in 0..<pieces {
      let from = line.first + line.extent * Double(piece) / Double(pieces)
      let to = line.first + line.extent * Double(piece + 1) / Double(pieces)
      let steps = max(1, min(64, Int(to - from)))
      let middle = line.point(at: (from + to) / 2)
      let sigma = mesh.sigma(at: middle)
      let level = mesh.level(at: middle)
      for offset in -reach...reach {
        var count = 0
        for step in 0..<steps {
          let major = (from + (to - from) * (Double(step) + 0.5) / Double(steps)).rounded()
          let minor = Int(line.minor(at: major).rounded()) + offset
          let (x, y) = line.steep ? (minor, Int(major)) : (Int(major), minor)
          guard x >= 0, y >= 0, x < width, y < image.height else { continue }
          let i = y * width + x
          guard image.mask.pixels[i].isDisjoint(with: BackgroundMesh.unusable), image.image.pixels[i].isFinite else {
            continue
          }
          sample[count] = image.image.pixels[i]
          count += 1
        }
        guard 2 * count >= steps, count > 0 else { continue }
        values[piece * side + offset + reach] = Self.clippedMean(&sample, count, sigma: sigma, level: level) - level
      }
      // Stars on the way make the profile noisier than its pixels.
      let own = (0..<side).map { values[piece * side + $0] }
      let spread = max(RobustScale.sigma(own), sigma / Double(steps).squareRoot())
      if spread > 0 { noise[piece] = spread }
      above[piece] = Self.above(
        image, line, from: from, to: to, reach: kernel / 2, level: level + Median.of(own))
    }
  }

  private static func above(
    _ image: SearchedImage, _ line: TrailLine, from: Double, to: Double, reach: Int, level: Double
  ) -> Double {
    var (count, high) = (0, 0)
    for major in Int(from.rounded(.up))...max(Int(from.rounded(.up)), Int(to.rounded(.down))) {
      let minor = Int(line.minor(at: Double(major)).rounded())
      var (sum, pixels) = (0.0, 0)
      for k in (minor - reach)...(minor + reach) {
        let (x, y) = line.steep ? (k, major) : (major, k)
        guard x >= 0, y >= 0, x < image.width, y < image.height else { continue }
        let i = y * image.width + x
        guard image.mask.pixels[i].isDisjoint(with: BackgroundMesh.unusable), image.image.pixels[i].isFinite else {
          continue
        }
        sum += Double(image.image.pixels[i]) - level
        pixels += 1
      }
      guard pixels > reach else { continue }
      count += 1
      if sum > 0 { high += 1 }
    }
    return count > 0 ? Double(high) / Double(count) : 0
  }

  /// Mean of the values within three standard deviations of their median, the photons of a bright trail allowed for.
  private static func clippedMean(_ sample: inout [Float], _ count: Int, sigma: Double, level: Double) -> Double {
    sample.withUnsafeMutableBufferPointer { sample in
      let median = Double(Median.of(sample, count: count))
      let reach = 3 * (sigma * sigma + max(0, median - level)).squareRoot()
      var (sum, kept) = (0.0, 0.0)
      for i in 0..<count where abs(Double(sample[i]) - median) <= reach {
        sum += Double(sample[i])
        kept += 1
      }
      return kept > 0 ? sum / kept : median
    }
  }

  private func value(_ piece: Int, _ offset: Int) -> Double { values[piece * (2 * reach + 1) + offset + reach] }

  private func base(_ piece: Int) -> Double { Median.of((-reach...reach).map { value(piece, $0) }) }

  /// Mean of a box of `kernel` offsets; NaN where one has no value.
  private func smoothed(_ piece: Int, _ offset: Int, kernel: Int) -> Double {
    let half = kernel / 2
    guard offset - half >= -reach, offset + half <= reach else { return .nan }
    var sum = 0.0
    for k in -half...half { sum += value(piece, offset + k) }
    return sum / Double(kernel)
  }

  /// Where the highest light of each piece lies, as a straight line in the offset; nil where that is no line.
  func straightLine(kernel: Int, within slack: Double) -> (atFirst: Double, atLast: Double)? {
    var places: [(t: Double, offset: Double)] = []
    for piece in 0..<pieces {
      let base = base(piece)
      var best = (offset: 0, height: -Double.infinity)
      for offset in -reach...reach where Double(abs(offset)) <= slack + 1 {
        let height = smoothed(piece, offset, kernel: kernel) - base
        if height > best.height { best = (offset, height) }
      }
      guard best.height > 3 * noise[piece] / Double(kernel).squareRoot() else { continue }
      var (light, moment) = (0.0, 0.0)
      for k in (best.offset - kernel)...(best.offset + kernel) where abs(k) <= reach {
        let v = max(0, value(piece, k) - base)
        guard v.isFinite else { continue }
        light += v
        moment += v * Double(k)
      }
      if light > 0 { places.append(((Double(piece) + 0.5) / Double(pieces), moment / light)) }
    }
    guard places.count >= 5 else { return nil }
    // The median of the slopes between pairs far apart: up to a quarter of the pieces may be stars.
    var slopes: [Double] = []
    for (i, a) in places.enumerated() {
      for b in places[(i + 1)...] where b.t - a.t > 0.1 { slopes.append((b.offset - a.offset) / (b.t - a.t)) }
    }
    guard !slopes.isEmpty else { return nil }
    let slope = Median.inPlace(&slopes)
    let offset = Median.of(places.map { $0.offset - slope * $0.t })
    let near = places.filter { abs($0.offset - offset - slope * $0.t) <= 2 }
    guard near.count >= 5, 2 * near.count >= places.count else { return nil }
    let n = Double(near.count)
    let t = near.reduce(0) { $0 + $1.t } / n
    let mean = near.reduce(0) { $0 + $1.offset } / n
    let spread = near.reduce(0) { $0 + ($1.t - t) * ($1.t - t) }
    guard spread > 0 else { return nil }
    let fitted = near.reduce(0) { $0 + ($1.t - t) * ($1.offset - mean) } / spread
    return (mean - fitted * t, mean + fitted * (1 - t))
  }

  /// The trail on this line; nil where it is not long, even, narrow and alone.
  func trail(
    _ line: TrailLine, kernel: Int, fwhm: Double, significant: Double, filled: Double, leastLength: Double, even: Double
  ) -> SatelliteTrail? {
    let heights = (0..<pieces).map { smoothed($0, 0, kernel: kernel) - base($0) }
    let seen = (0..<pieces).map { heights[$0] > significant * noise[$0] / Double(kernel).squareRoot() }
    guard let run = Self.longestRun(seen, filled: filled) else { return nil }
    let step = line.extent / Double(pieces)
    guard Double(run.count) * step * line.perStep >= leastLength else { return nil }
    guard run.reduce(0, { $0 + above[$1] }) >= TrailProof.leastAbove * Double(run.count) else { return nil }
    let inside = run.filter { seen[$0] }.map { heights[$0] }
    let faint = Median.percentile(inside, 0.2)
    guard faint >= even * Median.percentile(inside, 0.8) else { return nil }

    let profile = (-reach...reach).map { offset in Median.of(run.map { value($0, offset) - base($0) }) }
    guard let width = Self.width(profile, reach: reach), width / line.perStep <= max(3 * fwhm, 8) else { return nil }
    let peak = profile[reach]
    let near = Int(width.rounded(.up)) + 1
    guard near < reach else { return nil }
    let low = Median.of(Array(profile[..<(reach - near)]))
    let high = Median.of(Array(profile[(reach + near + 1)...]))
    guard abs(low - high) < 0.3 * peak else { return nil }
    var light = 0.0
    for k in (reach - near)...(reach + near) { light += profile[k].isFinite ? profile[k] - (low + high) / 2 : 0 }

    // To the border where the last piece is lit.
    let from = run.lowerBound == 0 ? line.first - 1 : line.first + step * Double(run.lowerBound)
    let to = run.upperBound == pieces ? line.last + 1 : line.first + step * Double(run.upperBound)
    return SatelliteTrail(
      start: line.point(at: from), end: line.point(at: to), width: width / line.perStep,
      brightness: max(light, 0) / line.perStep)
  }

  /// The longest range of pieces that begins and ends with a lit one, has no three dark ones in a row and is lit to the
  /// fraction `filled`.
  static func longestRun(_ lit: [Bool], filled: Double) -> Range<Int>? {
    var best: Range<Int>?
    for first in lit.indices where lit[first] {
      var count = 0
      var dark = 0
      for last in first..<lit.count {
        dark = lit[last] ? 0 : dark + 1
        if dark >= 3 { break }
        guard lit[last] else { continue }
        count += 1
        let length = last + 1 - first
        if Double(count) >= filled * Double(length) && length > (best?.count ?? 0) { best = first..<(last + 1) }
      }
    }
    return best
  }

  /// Full width at half of the peak in the middle, in offsets; nil where the light does not fall to half on both sides.
  static func width(_ profile: [Double], reach: Int) -> Double? {
    let half = profile[reach] / 2
    guard half > 0 else { return nil }
    func side(_ step: Int) -> Double? {
      var k = reach
      while k + step >= 0, k + step < profile.count {
        let (here, next) = (profile[k], profile[k + step])
        if next.isNaN { return nil }
        if next <= half { return Double(abs(k - reach)) + (here > next ? (here - half) / (here - next) : 0) }
        k += step
      }
      return nil
    }
    guard let left = side(-1), let right = side(1) else { return nil }
    return left + right
  }
}
