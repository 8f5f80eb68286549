#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One individual of a `Camera`, with its own flat field, hot and dead pixels and bias pattern, all from one seed.
public struct Detector: Sendable {
  public let camera: Camera
  /// Electrons per photo-electron of the perfect detector: vignetting, dust, pixel response; small for dead pixels.
  public let response: PixelGrid<Float>
  /// e-/px/s; of an unstable pixel the rate of its quiet state.
  public let darkRate: PixelGrid<Float>
  /// Where pixels are hot, dead or unstable, or belong to a spoilt column.
  public let defects: PixelGrid<Defect>
  /// Pixels whose dark current comes and goes: index of the pixel, e-/s more in the loud state.
  let unstable: [(pixel: Int, rate: Float)]
  /// ADU to add to the bias level in each column of the raw frame; 0 in the overscan.
  let biasColumns: [Float]

  /// What is wrong with a pixel of the camera.
  public struct Defect: OptionSet, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// At least 1 e-/s of dark current.
    public static let hot = Defect(rawValue: 1)
    /// Sees under 30 per cent of its light.
    public static let dead = Defect(rawValue: 2)
    /// Its dark current comes and goes.
    public static let unstable = Defect(rawValue: 4)
    /// Part of a spoilt column.
    public static let column = Defect(rawValue: 8)
  }

  public init(_ camera: Camera, seed: UInt64) {
    self.camera = camera
    var random = SeededGenerator(seed: seed, part: 2)
    var response = Self.illumination(camera, &random)
    for i in response.pixels.indices {
      response.pixels[i] *= Float(max(0.5, 1 + camera.pixelResponse * random.normal()))
    }
    var dark = PixelGrid(width: camera.width, height: camera.height, repeating: Float(camera.darkCurrent))
    var defects = PixelGrid(width: camera.width, height: camera.height, repeating: Defect())
    let count = UInt64(dark.pixels.count)
    for _ in 0..<camera.hotPixels {
      let pixel = Int(random.next() % count)
      dark.pixels[pixel] = Float(pow(300, random.uniform()))
      defects.pixels[pixel].insert(.hot)
    }
    for _ in 0..<camera.deadPixels {
      let pixel = Int(random.next() % count)
      response.pixels[pixel] *= Float(random.uniform(0..<0.3))
      defects.pixels[pixel].insert(.dead)
    }
    let seeing = camera.trim.x..<(camera.trim.x + camera.width)
    self.biasColumns = (0..<camera.rawWidth).map {
      seeing.contains($0) ? Float(camera.biasColumns * random.normal()) : 0
    }
    self.unstable = (0..<camera.unstablePixels).map { _ in
      let pixel = Int(random.next() % count)
      defects.pixels[pixel].insert(.unstable)
      return (pixel, Float(5 * pow(20, random.uniform())))
    }
    for number in 0..<camera.badColumns {
      let x = Int(random.next() % UInt64(camera.width))
      let first = Int(random.next() % UInt64(camera.height))
      let share = Float(random.uniform(0..<0.3))
      let rate = Float(2 * pow(15, random.uniform()))
      for y in camera.rowsBehind(first, column: x) {
        let pixel = y * camera.width + x
        if number % 2 == 0 { response.pixels[pixel] *= share } else { dark.pixels[pixel] += rate }
        defects.pixels[pixel].insert(.column)
      }
    }
    self.response = response
    self.darkRate = dark
    self.defects = defects
  }

  /// Vignetting and the shadows of dust: what varies over many pixels.
  private static func illumination(_ camera: Camera, _ random: inout SeededGenerator) -> PixelGrid<Float> {
    let (width, height) = (Double(camera.width), Double(camera.height))
    let rings = (0..<camera.dustRings).map { _ in
      (
        x: random.uniform(0..<width), y: random.uniform(0..<height), radius: random.uniform(12..<40),
        depth: random.uniform(0.01..<0.04)
      )
    }
    var light = PixelGrid<Float>(width: camera.width, height: camera.height, repeating: 1)
    let corner = (width * width + height * height) / 4
    for y in 0..<camera.height {
      for x in 0..<camera.width {
        let dx = Double(x) - (width - 1) / 2
        let dy = Double(y) - (height - 1) / 2
        light.pixels[y * camera.width + x] = Float(1 - camera.vignetting * (dx * dx + dy * dy) / corner)
      }
    }
    // A grain out of focus takes light from a ring, since the secondary mirror hides its middle.
    for ring in rings {
      let reach = ring.radius * 1.4
      for y in max(0, Int(ring.y - reach))..<min(camera.height, Int(ring.y + reach) + 1) {
        for x in max(0, Int(ring.x - reach))..<min(camera.width, Int(ring.x + reach) + 1) {
          let distance = hypot(Double(x) - ring.x, Double(y) - ring.y) / ring.radius - 0.75
          light.pixels[y * camera.width + x] *= Float(1 - ring.depth * exp(-distance * distance * 32))
        }
      }
    }
    return light
  }
}
