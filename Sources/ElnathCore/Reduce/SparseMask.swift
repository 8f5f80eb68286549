/// Marks on a few pixels of a frame, held as runs along rows: what events like trails and hot pixels add to a mask without
/// a plane of their own.
public struct SparseMask: Sendable, Equatable {
  /// Neighbouring pixels of one row with the same mark.
  public struct Run: Sendable, Equatable {
    public var row: Int
    public var columns: Range<Int>
    public var mask: PixelMask

    public init(row: Int, columns: Range<Int>, mask: PixelMask) {
      self.row = row
      self.columns = columns
      self.mask = mask
    }
  }

  /// Of the frame.
  public let width: Int
  public let height: Int
  /// By row; they may overlap.
  public private(set) var runs: [Run]
  /// At y: index of the first run at or above row y. Empty without runs.
  private var starts: [Int32]

  /// `runs` in any order; what lies beyond the frame is left out.
  public init(width: Int, height: Int, runs: [Run] = []) {
    precondition(width >= 0 && height >= 0, "a frame has a size")
    self.width = width
    self.height = height
    self.runs = runs.compactMap { run in
      let columns = run.columns.clamped(to: 0..<width)
      guard run.row >= 0, run.row < height, !columns.isEmpty else { return nil }
      return Run(row: run.row, columns: columns, mask: run.mask)
    }
    self.runs.sort {
      ($0.row, $0.columns.lowerBound, $0.columns.upperBound, $0.mask.rawValue)
        < ($1.row, $1.columns.lowerBound, $1.columns.upperBound, $1.mask.rawValue)
    }
    starts = []
    guard !self.runs.isEmpty else { return }
    starts.reserveCapacity(height + 1)
    var next = 0
    for y in 0...height {
      while next < self.runs.count && self.runs[next].row < y { next += 1 }
      starts.append(Int32(next))
    }
  }

  public var isEmpty: Bool { runs.isEmpty }

  /// These marks and more.
  public func adding(_ more: [Run]) -> SparseMask {
    more.isEmpty ? self : SparseMask(width: width, height: height, runs: runs + more)
  }

  /// Adds the marks to `mask`, which holds the pixels of `box` row after row.
  func mark(_ mask: UnsafeMutableBufferPointer<PixelMask>, in box: PixelRectangle) {
    guard !runs.isEmpty else { return }
    precondition(
      box.fits(width: width, height: height) && mask.count >= box.width * box.height, "box outside the frame")
    for run in runs[Int(starts[box.y])..<Int(starts[box.y + box.height])] {
      let columns = run.columns.clamped(to: box.x..<(box.x + box.width))
      let first = (run.row - box.y) * box.width - box.x
      for x in columns { mask[first + x].formUnion(run.mask) }
    }
  }
}
