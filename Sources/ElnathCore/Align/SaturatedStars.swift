/// The saturated core of one star: saturated pixels that touch each other, bleeding included.
struct SaturatedCore {
  var pixels = 0
  /// Bounds, both ends included.
  var x0 = Int.max
  var x1 = Int.min
  var y0 = Int.max
  var y1 = Int.min
  /// The longest run along a row, and the sums that give the middle of all runs at least 0.7 times as long: a bleed
  /// trail is narrow, the star sits where the core is broad.
  fileprivate(set) var runs: [Run] = []

  var broadest: Int { runs.map { $0.x1 - $0.x0 + 1 }.max() ?? 0 }

  var centre: PixelPoint {
    let limit = 0.7 * Double(broadest)
    var weight = 0.0
    var x = 0.0
    var y = 0.0
    for run in runs where Double(run.x1 - run.x0 + 1) >= limit {
      let length = Double(run.x1 - run.x0 + 1)
      weight += length
      x += length * Double(run.x0 + run.x1) / 2
      y += length * Double(run.y)
    }
    return PixelPoint(x: x / weight, y: y / weight)
  }

  typealias Run = (y: Int, x0: Int, x1: Int)

  /// All cores of a frame, by first row.
  static func find(in mask: PixelGrid<PixelMask>) -> [SaturatedCore] {
    var runs: [Run] = []
    let width = mask.width
    let wanted: PixelMask = [.saturated, .bleed]
    mask.pixels.withUnsafeBufferPointer { mask in
      let bytes = UnsafeRawBufferPointer(mask)
      for y in 0..<(width > 0 ? mask.count / width : 0) {
        var x = 0
        while x < width {
          // Most of the sky is not saturated: eight pixels at a glance.
          if x + 8 <= width {
            let eight = bytes.loadUnaligned(fromByteOffset: y * width + x, as: UInt64.self)
            if eight & (0x0101_0101_0101_0101 * UInt64(wanted.rawValue)) == 0 {
              x += 8
              continue
            }
          }
          guard !mask[y * width + x].isDisjoint(with: wanted) else {
            x += 1
            continue
          }
          let start = x
          while x < width && !mask[y * width + x].isDisjoint(with: wanted) { x += 1 }
          runs.append((y, start, x - 1))
        }
      }
    }
    return joined(runs)
  }

  /// The cores that runs along rows make, which come row by row: those that touch, be it by a corner.
  static func joined(_ runs: [Run]) -> [SaturatedCore] {
    var cores: [SaturatedCore?] = []
    var previous: [(x0: Int, x1: Int, core: Int)] = []
    var current: [(x0: Int, x1: Int, core: Int)] = []
    var row = -2
    for run in runs {
      if run.y != row {
        previous = run.y == row + 1 ? current : []
        current = []
        row = run.y
      }
      var owner: Int?
      for above in previous where above.x0 <= run.x1 + 1 && above.x1 >= run.x0 - 1 {
        if let first = owner, first != above.core {
          Self.merge(above.core, into: first, &cores, &previous, &current)
        } else {
          owner = above.core
        }
      }
      if owner == nil {
        owner = cores.count
        cores.append(SaturatedCore())
      }
      if let owner {
        cores[owner]?.add(run)
        current.append((run.x0, run.x1, owner))
      }
    }
    return cores.compactMap { $0 }
  }

  private mutating func add(_ run: Run) {
    pixels += run.x1 - run.x0 + 1
    x0 = min(x0, run.x0)
    x1 = max(x1, run.x1)
    y0 = min(y0, run.y)
    y1 = max(y1, run.y)
    runs.append(run)
  }

  private static func merge(
    _ from: Int, into target: Int, _ cores: inout [SaturatedCore?],
    _ previous: inout [(x0: Int, x1: Int, core: Int)], _ current: inout [(x0: Int, x1: Int, core: Int)]
  ) {
    guard let moved = cores[from] else { return }
    for run in moved.runs { cores[target]?.add(run) }
    cores[from] = nil
    for i in previous.indices where previous[i].core == from { previous[i].core = target }
    for i in current.indices where current[i].core == from { current[i].core = target }
  }
}
