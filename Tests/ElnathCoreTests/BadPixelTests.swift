import Testing

@testable import ElnathCore

@Suite("reduce: bad pixels")
struct BadPixelTests {
  static let width = 260
  static let height = 210

  /// A master of these values with noise of this standard deviation, which its variance states.
  static func master(sigma: Double, exposure: Double = 0, seed: UInt64 = 1, _ value: (Int, Int) -> Double) -> Master {
    var random = SeededGenerator(seed: seed)
    var image = PixelGrid<Float>(width: width, height: height, repeating: 0)
    for y in 0..<height { for x in 0..<width { image.set(x, y, Float(value(x, y) + sigma * random.normal())) } }
    return Master(
      image: image, variance: PixelGrid(width: width, height: height, repeating: Float(sigma * sigma)),
      mask: PixelGrid(width: width, height: height, repeating: []), frames: 10, rejected: 0, exposure: exposure)
  }

  static func marked(_ master: Master) -> Set<PixelPoint> {
    var found: Set<PixelPoint> = []
    for y in 0..<height {
      for x in 0..<width where master.mask[x, y].contains(.bad) { found.insert(PixelPoint(x: Double(x), y: Double(y))) }
    }
    return found
  }

  /// Vignetting down to 0.35 in the corners, two rings of dust, the rest of a star.
  static func response(_ x: Int, _ y: Int) -> Double {
    let (u, v) = (Double(x) - 130, Double(y) - 105)
    var value = 1 - 0.65 * (u * u + v * v) / (130 * 130 + 105 * 105)
    for (cx, cy, depth) in [(80.0, 60.0, 0.15), (190, 150, 0.08)] {
      let r = ((Double(x) - cx) * (Double(x) - cx) + (Double(y) - cy) * (Double(y) - cy)).squareRoot()
      if r > 8 && r < 22 { value *= 1 - depth }
    }
    let star = (Double(x) - 200) * (Double(x) - 200) + (Double(y) - 40) * (Double(y) - 40)
    return value * (1 + 0.15 / (1 + star / 4) / (1 + star / 4))
  }

  @Test(
    "vignetting, dust, the rest of a star and noise of any size mark nothing in a flat", arguments: [0.002, 0.02, 0.06])
  func goodFlat(sigma: Double) {
    var flat = Self.master(sigma: sigma, Self.response)
    BadPixels.mark(inFlat: &flat)
    #expect(Self.marked(flat).isEmpty)
  }

  @Test("dead, bright and missing pixels of a flat, alone and in groups, and a part of a column")
  func badFlat() {
    let lone: [(Int, Int, Double)] = [
      (40, 40, 0.5), (41, 90, 1.4), (0, 0, 0.1), (259, 209, 0), (130, 100, -0.2), (70, 61, 0.7),
    ]
    var flat = Self.master(sigma: 0.005) { x, y in
      var value = Self.response(x, y)
      for (u, v, factor) in lone where u == x && v == y { value *= factor }
      if (170...172).contains(x) && (30...32).contains(y) { value *= 0.3 }
      // Ten per cent would be corrected by the division; more than that is another area or trapped charge.
      if x == 222 && y >= 70 { value *= 0.86 }
      if x == 223 { value *= 0.97 }
      return value
    }
    flat.image.set(100, 20, .nan)
    BadPixels.mark(inFlat: &flat)
    var found = Self.marked(flat)
    for (x, y, _) in lone { #expect(found.remove(PixelPoint(x: Double(x), y: Double(y))) != nil, "\(x), \(y)") }
    #expect(found.remove(PixelPoint(x: 100, y: 20)) != nil)
    for y in 30...32 { for x in 170...172 { #expect(found.remove(PixelPoint(x: Double(x), y: Double(y))) != nil) } }
    let column = found.filter { $0.x == 222 }
    // All of it; its end is known to 16 px.
    #expect((70..<210).allSatisfy { column.contains(PixelPoint(x: 222, y: Double($0))) })
    #expect(column.allSatisfy { $0.y >= 54 })
    #expect(found == column)
  }

  @Test("hot pixels of a dark by the rule of shot noise, not the glow of an amplifier")
  func dark() {
    // Read noise 6 e-, gain 2 e-/ADU: 36 e- = 18 ADU.
    var dark = Self.master(sigma: 0.8, exposure: 60) { x, y in
      // A corner glows with 300 ADU.
      let glow = 300 / (1 + Double(x * x + y * y) / 2000)
      if x == 50 && y == 60 { return glow + 30 }
      if x == 51 && y == 160 { return glow + 9 }
      return glow
    }
    BadPixels.mark(inDark: &dark, gain: 2, readNoise: 6)
    #expect(Self.marked(dark) == [PixelPoint(x: 50, y: 60)])
  }

  @Test("columns and rows of a bias with an offset of their own")
  func bias() {
    // Read noise of one frame 5 ADU, of the master of ten 1.6 ADU.
    var bias = Self.master(sigma: 1.6) { x, y in
      var value = 0.02 * Double(x) + (x % 2 == 0 ? 2 : 0)
      if x == 90 && y < 150 { value += 35 }
      if x == 91 { value += 4 }
      if y == 120 { value -= 40 }
      return value
    }
    BadPixels.mark(inBias: &bias, gain: 1.8, readNoise: 9)
    let found = Self.marked(bias)
    #expect((0..<150).allSatisfy { found.contains(PixelPoint(x: 90, y: Double($0))) })
    #expect((0..<260).allSatisfy { found.contains(PixelPoint(x: Double($0), y: 120)) })
    #expect(found.allSatisfy { ($0.x == 90 && $0.y < 166) || $0.y == 120 })
  }

  @Test("a pixel that jumps is unstable, one with a cosmic ray in one frame is not")
  func unstable() {
    var random = SeededGenerator(seed: 9)
    let frames = (0..<10).map { k in
      var grid = PixelGrid<Float>(width: 64, height: 64, repeating: 0)
      for i in 0..<(64 * 64) { grid.set(i % 64, i / 64, Float(5 * random.normal())) }
      grid.set(20, 20, k % 2 == 0 ? 0 : 150)
      grid.set(30, 30, k % 4 == 1 ? 90 : 0)
      grid.set(3 + k, 40, 800)
      return grid
    }
    var rule = MasterCombination()
    let noise = MasterCombination.Noise(constant: 25, linear: 0)
    #expect(rule(frames, noise: noise).mask.pixels.allSatisfy { $0.isEmpty })
    rule.marksUnstable = true
    let master = rule(frames, noise: noise)
    for y in 0..<64 {
      for x in 0..<64 { #expect(master.mask[x, y].contains(.bad) == ((x == 20 && y == 20) || (x == 30 && y == 30))) }
    }
  }

  @Test("the map tells the causes apart")
  func map() {
    var bias = Self.master(sigma: 1.6) { x, y in x == 90 ? 400 : x == 10 && y == 10 ? 300 : 0 }
    BadPixels.mark(inBias: &bias, gain: 1.8, readNoise: 9)
    bias.mask.set(20, 25, .bad)
    var flat = Self.master(sigma: 0.005) { x, y in x == 30 && y == 35 ? 0.2 : 1 }
    BadPixels.mark(inFlat: &flat)
    var user = PixelGrid<PixelMask>(width: Self.width, height: Self.height, repeating: [])
    user.set(5, 6, .bad)
    var map = BadPixelMap(width: Self.width, height: Self.height)
    map.add(bias)
    map.add(FlatField(response: flat))
    map.add(user: user)
    #expect(map.causes[90, 100] == [.hot, .line] && map.causes[10, 10] == .hot)
    #expect(map.causes[20, 25] == .unstable && map.causes[30, 35] == .response && map.causes[5, 6] == .user)
    #expect(map.total == Self.height + 4 && map.count(.line) == Self.height)
    #expect(BadPixelCause.named.map { map.count($0.cause) } == [Self.height + 1, 1, 1, Self.height, 1])
  }
}
