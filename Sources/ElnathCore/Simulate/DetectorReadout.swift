extension Detector {
  /// What the camera writes after `exposure` seconds under `light` (electrons that the perfect detector would collect,
  /// in place of it nil for a closed shutter): shot noise, dark current, particles, full wells, read noise, bias, whole
  /// ADU that end at 65535; prescan and overscan around it.
  public func read(
    light: PixelGrid<Float>?, exposure: Double, cosmicRays: [CosmicRay] = [], random: inout SeededGenerator
  ) -> PixelGrid<UInt16> {
    let (rawWidth, rawHeight) = (camera.rawWidth, camera.rawHeight)
    let outputs = camera.everyOutput
    let levels = outputs.map { $0.biasLevel + camera.biasDrift * random.normal() + 0.5 }
    let ramps = outputs.map { $0.ramp > 0 ? $0.ramp * random.normal() : 0 }
    var wells = charge(light: light, exposure: exposure, random: &random)
    for ray in cosmicRays {
      for deposit in ray.deposits { wells.pixels[deposit.y * camera.width + deposit.x] += deposit.electrons }
    }
    spill(&wells)
    let pieces = camera.pieces
    let raw = [UInt16](unsafeUninitializedCapacity: rawWidth * rawHeight) { out, count in
      for y in 0..<rawHeight {
        // Overscan rows repeat the place of the last row.
        let row = min(y, camera.height - 1)
        let climb = camera.biasSlope * (Double(row) / Double(camera.height) - 0.5)
        for piece in pieces where piece.rows.contains(row) {
          let output = outputs[piece.output]
          let line = Double(piece.fromBelow ? row - piece.rows.lowerBound : piece.rows.upperBound - 1 - row)
          let level = levels[piece.output] + ramps[piece.output] * (line / Double(piece.rows.count) - 0.5)
          let reader = Reader(camera: camera, output: output)
          for x in piece.columns {
            let seeing = piece.sees && y < camera.height
            let mean: Double
            if seeing {
              mean = Double(wells.pixels[row * camera.width + x - camera.trim.x])
            } else {
              mean = y < camera.height ? deferred(x, row, piece, wells) : 0
            }
            let zero = level + (seeing ? climb : 0) + Double(biasColumns[x])
            let damaged = !piece.sees && piece.isDamaged(x, of: camera)
            let value = damaged ? 0 : reader(mean, zero: zero, &random)
            out.initializeElement(at: y * rawWidth + x, to: UInt16(min(max(value, 0), 65_535)))
          }
        }
      }
      count = rawWidth * rawHeight
    }
    return PixelGrid(width: rawWidth, height: rawHeight, pixels: raw)
  }

  /// Turns the electrons of one output's pixels into ADU.
  private struct Reader {
    let readNoise: Double
    let readVariance: Double
    let perGain: Double
    let most: Double
    /// Nil for a straight response.
    let bent: Camera?

    init(camera: Camera, output: Camera.Output) {
      readNoise = output.readNoise
      readVariance = output.readNoise * output.readNoise
      perGain = 1 / output.gain
      most = camera.fullWell + 4 * output.readNoise
      bent = camera.linearity.isEmpty ? nil : camera
    }

    @inline(__always)
    func callAsFunction(_ mean: Double, zero: Double, _ random: inout SeededGenerator) -> Double {
      guard let bent else {
        return min(Detector.noisy(mean, readNoise, readVariance, &random), most) * perGain + zero
      }
      // Photons are counted before the response bends them, the read noise comes after it.
      let electrons = min(Detector.noisy(mean, 0, 0, &random), most)
      return bent.response(to: electrons * perGain) + readNoise * random.normal() * perGain + zero
    }
  }

  /// Charge left behind by the last pixel of the row that is read through the output of an overscan column.
  private func deferred(_ x: Int, _ row: Int, _ piece: Camera.Piece, _ wells: PixelGrid<Float>) -> Double {
    guard camera.deferredCharge > 0, let last = piece.lastSeen else { return 0 }
    let order = piece.order(of: x)
    guard order < 8 else { return 0 }
    var share = camera.deferredCharge
    for _ in 0..<order { share /= 3 }
    return share * Double(wells.pixels[row * camera.width + last])
  }

  /// Expected electrons in each well, before any spills.
  private func charge(
    light: PixelGrid<Float>?, exposure: Double, random: inout SeededGenerator
  ) -> PixelGrid<Float> {
    let time = Float(exposure)
    var wells = PixelGrid<Float>(width: camera.width, height: camera.height, repeating: 0)
    do {
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
    }
    for pixel in unstable where random.uniform() < 0.5 { wells.pixels[pixel.pixel] += pixel.rate * time }
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
