/// Combines integer frames that are stacked pixel on pixel, without scaling: what `StackKernel` makes of the same values,
/// to the bit, several times as fast.
///
/// The columns of a tile are sorted as 16-bit integers: of few frames all at once, of many by counting, in a time that
/// grows with the number of frames and no faster. One look at the sums tells where nothing is to be clipped; the others
/// are clipped from the ends of their sorted columns.
public struct IntegerStack: Sendable {
  private let clip: StackClip
  /// Nil for many frames.
  private let network: SortingNetwork?
  private let errors: MedianErrors
  private let frames: Int
  /// Added to a stored integer (BZERO).
  private let zero: Double
  private let mean: Bool
  /// Spread of values up to which the sums of squares stay within 32 bits.
  private let widest: Int32

  /// Nil for rules that need more than the values of a pixel.
  public init?(_ rule: StackRule, frames: Int, zero: Double) {
    precondition(frames > 0, "a stack has frames")
    guard rule.rejection != .noise, rule.combination != .weighted else { return nil }
    clip = StackClip(rule: rule)
    network = frames <= StackKernel.mostForNetwork ? SortingNetwork(count: frames) : nil
    errors = MedianErrors(frames: rule.combination == .median ? frames : 0)
    self.frames = frames
    self.zero = zero
    mean = rule.combination == .mean
    widest = Int32((Double(Int32.max) / Double(frames)).squareRoot().rounded(.down))
  }

  /// Combines the first `count` pixels of a band, whose values are brought out of order, into those from `first` on.
  public func combine(_ band: IntegerBand, count: Int, into planes: StackPlanes, at first: Int) {
    precondition(band.frames == frames && count <= band.pixels, "the band is that of the frames")
    precondition(first >= 0 && first + count <= planes.width * planes.height, "outside the stack")
    let tile = IntegerBand.tile
    for index in 0..<((count + tile - 1) / tile) {
      let values = band.values(tile: index)
      let lanes = min(tile, count - index * tile)
      if let network {
        network.sort(values, width: tile)
        settle(values, lanes: lanes, planes, at: first + index * tile)
      } else {
        CountedColumns(values: values, frames: frames).forEach(lanes: lanes) { lane, column, sums in
          let kept = KeptValues(
            high: frames, origin: column.value(frames / 2), sum: Double(sums.sum), squares: Double(sums.squares))
          write(column, kept, planes, at: first + index * tile + lane)
        }
      }
    }
  }

  /// Settles the sorted columns of a tile.
  private func settle(_ values: UnsafePointer<Int16>, lanes: Int, _ planes: StackPlanes, at place: Int) {
    let tile = IntegerBand.tile
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * tile) { sums in
      let row = sums.baseAddress!
      Self.add(values, frames: frames, row)
      for lane in 0..<lanes {
        let column = SortedColumn(base: values + lane, stride: tile)
        let (bottom, top) = (Int32(values[lane]), Int32(values[(frames - 1) * tile + lane]))
        var kept = KeptValues(high: frames, origin: column.value(frames / 2))
        if top - bottom <= widest {
          kept.sum = Double(row[lane])
          kept.squares = Double(row[tile + lane])
        } else {
          kept.add(column, 0..<frames)
        }
        write(column, kept, planes, at: place + lane)
      }
    }
  }

  /// Sums of the differences to the middle row, and of their squares; wrong where they do not fit.
  @inline(never)
  private static func add(_ values: UnsafePointer<Int16>, frames: Int, _ row: UnsafeMutablePointer<Int32>) {
    let tile = IntegerBand.tile
    for i in 0..<(2 * tile) { row[i] = 0 }
    let middle = values + frames / 2 * tile
    for k in 0..<frames {
      let frame = values + k * tile
      for i in 0..<tile {
        let d = Int32(frame[i] &- middle[i])
        row[i] &+= d
        row[tile + i] &+= d &* d
      }
    }
  }

  @inline(__always)
  private func write(_ sorted: SortedColumn<Int16>, _ all: KeptValues, _ planes: StackPlanes, at place: Int) {
    var kept = clip.clip(sorted, all)
    let median = mean ? 0 : StackClip.median(sorted, kept)
    // With the level first, as in values that hold it.
    kept.origin += zero
    let value = mean ? kept.mean : kept.origin + median
    planes.write(Float(value), errors.variance(kept), given: frames, kept: kept.count, at: place)
  }
}

/// Variance of a combined value from the scatter of those it is made of.
struct MedianErrors: Sendable {
  /// By count: variance of the median of so many normal values in units of that of their mean.
  private let factors: [Double]

  /// - Parameter frames: most values that there can be; 0 for means.
  init(frames: Int) {
    factors =
      frames == 0 ? [] : (0...frames).map { $0 == 0 ? 1 : Double($0) * CombinationEfficiency.medianVariance($0) }
  }

  /// 1 for means.
  @inline(__always)
  func factor(_ count: Int) -> Double { factors.isEmpty ? 1 : factors[count] }

  /// NaN for a single value.
  @inline(__always)
  func variance(_ kept: KeptValues) -> Float {
    let n = Double(kept.count)
    guard n > 1 else { return .nan }
    return Float(factor(kept.count) * kept.spread / (n * n * (n - 1)))
  }
}
