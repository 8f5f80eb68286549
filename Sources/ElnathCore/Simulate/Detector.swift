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
  /// e-/px/s.
  public let darkRate: PixelGrid<Float>
  /// ADU to add to the bias level in each column of the raw frame; 0 in the overscan.
  let biasColumns: [Float]

  public init(_ camera: Camera, seed: UInt64) {
    self.camera = camera
    var random = SeededGenerator(seed: seed, part: 2)
    var response = Self.illumination(camera, &random)
    for i in response.pixels.indices {
      response.pixels[i] *= Float(max(0.5, 1 + camera.pixelResponse * random.normal()))
    }
    var dark = PixelGrid(width: camera.width, height: camera.height, repeating: Float(camera.darkCurrent))
    let count = UInt64(dark.pixels.count)
    for _ in 0..<camera.hotPixels {
      dark.pixels[Int(random.next() % count)] = Float(pow(300, random.uniform()))
    }
    for _ in 0..<camera.deadPixels {
      response.pixels[Int(random.next() % count)] *= Float(random.uniform(0..<0.3))
    }
    self.response = response
    self.darkRate = dark
    self.biasColumns = (0..<camera.rawWidth).map {
      $0 < camera.width ? Float(camera.biasColumns * random.normal()) : 0
    }
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

  /// What the camera writes after `exposure` seconds under `light` (electrons that the perfect detector would collect,
  /// in place of it nil for a closed shutter): shot noise, dark current, full wells, read noise, bias, whole ADU that
  /// end at 65535; overscan columns to the right.
  public func read(light: PixelGrid<Float>?, exposure: Double, random: inout SeededGenerator) -> PixelGrid<UInt16> {
    let (width, rawWidth) = (camera.width, camera.rawWidth)
    let readVariance = camera.readNoise * camera.readNoise
    let level = camera.biasLevel + camera.biasDrift * random.normal() + 0.5
    let perGain = 1 / camera.gain
    var wells = charge(light: light, exposure: exposure)
    spill(&wells)
    let raw = [UInt16](unsafeUninitializedCapacity: rawWidth * camera.height) { out, count in
      for y in 0..<camera.height {
        let climb = camera.biasSlope * (Double(y) / Double(camera.height) - 0.5)
        let row = y * rawWidth
        for x in 0..<rawWidth {
          let mean = x < width ? Double(wells.pixels[y * width + x]) : 0
          let electrons = min(
            Self.noisy(mean, camera.readNoise, readVariance, &random), camera.fullWell + 4 * camera.readNoise)
          let bias = level + (x < width ? climb : 0) + Double(biasColumns[x])
          out.initializeElement(at: row + x, to: UInt16(min(max(electrons * perGain + bias, 0), 65_535)))
        }
      }
      count = rawWidth * camera.height
    }
    return PixelGrid(width: rawWidth, height: camera.height, pixels: raw)
  }

  /// Expected electrons in each well, before any spills.
  private func charge(light: PixelGrid<Float>?, exposure: Double) -> PixelGrid<Float> {
    let time = Float(exposure)
    var wells = PixelGrid<Float>(width: camera.width, height: camera.height, repeating: 0)
    let dark = darkRate.pixels.span
    var charge = wells.pixels.mutableSpan
    if let light {
      precondition(light.width == camera.width && light.height == camera.height, "light falls on every pixel")
      let light = light.pixels.span
      let response = response.pixels.span
      for i in charge.indices { charge[i] = light[i] * response[i] + dark[i] * time }
    } else if exposure > 0 {
      for i in charge.indices { charge[i] = dark[i] * time }
    }
    return wells
  }

  /// Charge beyond the full well runs up and down the column into the next wells that have room.
  private func spill(_ wells: inout PixelGrid<Float>) {
    let full = Float(camera.fullWell)
    let width = wells.width
    var columns = Set<Int>()
    for i in wells.pixels.indices where wells.pixels[i] > full { columns.insert(i % width) }
    for x in columns.sorted() {
      var over = [Float](repeating: 0, count: wells.height)
      for y in 0..<wells.height where wells.pixels[y * width + x] > full {
        over[y] = (wells.pixels[y * width + x] - full) / 2
        wells.pixels[y * width + x] = full
      }
      func run(over rows: some Sequence<Int>) {
        var carried: Float = 0
        for y in rows {
          carried += over[y]
          let taken = min(carried, full - wells.pixels[y * width + x])
          wells.pixels[y * width + x] += taken
          carried -= taken
        }
      }
      run(over: 0..<wells.height)
      run(over: (0..<wells.height).reversed())
    }
  }

  /// Electrons as read: a Poisson count of the given mean plus normal read noise.
  ///
  /// From 50 electrons on both together are one normal number, bent to the skewness of the sum (Cornish & Fisher 1938,
  /// first term, scaled to keep the variance), at a third of the cost.
  @inline(__always)
  static func noisy(
    _ mean: Double, _ readNoise: Double, _ readVariance: Double, _ random: inout SeededGenerator
  ) -> Double {
    let z = random.normal()
    if mean < 50 {
      return (mean > 0 ? random.poisson(mean) : 0) + readNoise * z
    }
    let variance = mean + readVariance
    let sigma = variance.squareRoot()
    let bend = mean / (variance * sigma * 6)
    return mean + sigma * (z + bend * (z * z - 1)) / (1 + 2 * bend * bend).squareRoot()
  }
}
