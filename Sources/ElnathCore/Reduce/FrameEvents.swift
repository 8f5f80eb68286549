/// What happened to one frame beyond what its masters know: bleeding, satellites, cosmic rays, hot pixels that only the
/// series of frames has told. It is laid over the mask wherever pixels of the frame are reduced.
public struct FrameEvents: Sendable {
  /// Everything but cosmic rays, which are looked for where pixels are read.
  public private(set) var marks: SparseMask
  public private(set) var trails: [SatelliteTrail] = []
  /// Light that a hot pixel adds in this frame, e-, by its place `y * width + x`.
  public private(set) var hotPixels: [Int: Double] = [:]
  /// Nil where they are not looked for.
  public var cosmicRays: CosmicRays?

  public init(marks: SparseMask) { self.marks = marks }

  /// Marks the bands of trails as `satellite`.
  public mutating func add(trails more: [SatelliteTrail]) {
    trails += more
    marks = marks.adding(more.flatMap { $0.runs(width: marks.width, height: marks.height) })
  }

  /// Marks hot pixels, whose light grows with the exposure (s), as `bad`.
  public mutating func add(hotPixels more: [HotPixel], exposure: Double) {
    for pixel in more where pixel.x >= 0 && pixel.y >= 0 && pixel.x < marks.width && pixel.y < marks.height {
      hotPixels[pixel.y * marks.width + pixel.x] = pixel.rate * exposure
    }
    marks = marks.adding(
      more.map { SparseMask.Run(row: $0.y, columns: $0.x..<($0.x + 1), mask: .bad) })
  }
}

/// A pixel of the detector that collects charge of its own.
public struct HotPixel: Sendable, Equatable, Hashable {
  /// Column and row of the trimmed frame, from 0.
  public var x: Int
  public var y: Int
  /// e-/s above its neighbours.
  public var rate: Double

  public init(x: Int, y: Int, rate: Double) {
    self.x = x
    self.y = y
    self.rate = rate
  }
}
