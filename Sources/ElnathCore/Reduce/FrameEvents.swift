/// What happened to one frame beyond what its masters know: bleeding, satellites, cosmic rays, hot pixels that only the
/// series of frames has told. It is laid over the mask wherever pixels of the frame are reduced.
public struct FrameEvents: Sendable {
  /// Everything but cosmic rays, which are looked for where pixels are read.
  public private(set) var marks: SparseMask
  public private(set) var trails: [SatelliteTrail] = []
  /// What hot pixels collect in this frame; it is taken from the pixels.
  private(set) var hotPixels = HotPixelCharge()
  /// Nil where they are not looked for.
  public var cosmicRays: CosmicRays?

  public init(marks: SparseMask) { self.marks = marks }

  /// Marks the bands of trails as `satellite`.
  public mutating func add(trails more: [SatelliteTrail]) {
    trails += more
    marks = marks.adding(more.flatMap { $0.runs(width: marks.width, height: marks.height) })
  }

  /// Marks hot pixels, whose charge grows with the exposure (s), as `bad`; once for all of a frame.
  mutating func set(hotPixels more: [HotPixel], exposure: Double) {
    hotPixels = HotPixelCharge(more, exposure: exposure, width: marks.width, height: marks.height)
    marks = marks.adding(
      more.map { SparseMask.Run(row: $0.y, columns: $0.x..<($0.x + 1), mask: .bad) })
  }
}
