import Synchronization

/// The planes of a master while it is made. Disjoint runs of pixels may be combined at the same time.
public final class MasterPlanes: @unchecked Sendable {
  public let width: Int
  public let height: Int
  private let image: UnsafeMutableBufferPointer<Float>
  private let variance: UnsafeMutableBufferPointer<Float>
  private let mask: UnsafeMutableBufferPointer<PixelMask>
  private let rejected = Atomic<Int>(0)

  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a master has pixels")
    self.width = width
    self.height = height
    image = .allocate(capacity: width * height)
    variance = .allocate(capacity: width * height)
    mask = .allocate(capacity: width * height)
    image.initialize(repeating: .nan)
    variance.initialize(repeating: .nan)
    mask.initialize(repeating: .noData)
  }

  deinit {
    image.deallocate()
    variance.deallocate()
    mask.deallocate()
  }

  /// Combines the pixels of `band`, which are those of `area` row after row.
  public func combine(_ band: CombinationBand, by kernel: CombinationKernel, in area: PixelRectangle) {
    precondition(area.fits(width: width, height: height), "outside the master")
    let count = area.width * area.height
    precondition(count <= band.pixels, "the band holds the area")
    if area.width == width {
      combine(band, by: kernel, from: area.y * width, count: count)
      return
    }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { memory in
      withUnsafeTemporaryAllocation(of: PixelMask.self, capacity: count) { marks in
        let image = UnsafeMutableBufferPointer(rebasing: memory[..<count])
        let variance = UnsafeMutableBufferPointer(rebasing: memory[count...])
        let left = kernel.combine(band, count: count, image: image, variance: variance, mask: marks)
        rejected.add(left, ordering: .relaxed)
        for j in 0..<area.height {
          let place = (area.y + j) * width + area.x
          let row = (j * area.width)..<((j + 1) * area.width)
          _ = self.image[place...].update(fromContentsOf: image[row])
          _ = self.variance[place...].update(fromContentsOf: variance[row])
          _ = mask[place...].update(fromContentsOf: marks[row])
        }
      }
    }
  }

  /// Combines the first `count` pixels of `band` into those from `first` on.
  func combine(_ band: CombinationBand, by kernel: CombinationKernel, from first: Int, count: Int) {
    precondition(first >= 0 && first + count <= width * height && count <= band.pixels, "outside the master")
    let place = first..<(first + count)
    let left = kernel.combine(
      band, count: count, image: UnsafeMutableBufferPointer(rebasing: image[place]),
      variance: UnsafeMutableBufferPointer(rebasing: variance[place]),
      mask: UnsafeMutableBufferPointer(rebasing: mask[place]))
    rejected.add(left, ordering: .relaxed)
  }

  /// The image alone of what was combined so far; NaN where nothing was.
  public func combined() -> PixelGrid<Float> { PixelGrid(width: width, height: height, pixels: Array(image)) }

  /// What was combined so far; pixels not yet reached are NaN and `noData`.
  ///
  /// - Parameter commonVariance: what every pixel has beside the noise of the frames, because of a master that was
  ///   subtracted from all of them.
  public func master(frames: Int, exposure: Double = 0, commonVariance: Double = 0) -> Master {
    if commonVariance > 0 {
      for i in variance.indices { variance[i] += Float(commonVariance) }
    }
    return Master(
      image: PixelGrid(width: width, height: height, pixels: Array(image)),
      variance: PixelGrid(width: width, height: height, pixels: Array(variance)),
      mask: PixelGrid(width: width, height: height, pixels: Array(mask)), frames: frames,
      rejected: rejected.load(ordering: .relaxed), exposure: exposure)
  }
}
