import Synchronization

/// The planes of a master while it is made. Disjoint runs of pixels may be combined at the same time.
public final class MasterPlanes: @unchecked Sendable {
  public let width: Int
  public let height: Int
  private let imagePlane: SharedPlane<Float>
  private let variancePlane: SharedPlane<Float>
  private let maskPlane: SharedPlane<PixelMask>
  private let rejected = Atomic<Int>(0)

  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a master has pixels")
    self.width = width
    self.height = height
    imagePlane = SharedPlane(count: width * height, repeating: .nan)
    variancePlane = SharedPlane(count: width * height, repeating: .nan)
    maskPlane = SharedPlane(count: width * height, repeating: .noData)
  }

  private var image: UnsafeMutableBufferPointer<Float> { imagePlane.pixels }
  private var variance: UnsafeMutableBufferPointer<Float> { variancePlane.pixels }
  private var mask: UnsafeMutableBufferPointer<PixelMask> { maskPlane.pixels }

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

  /// Combines some pixels again, with values that no longer count.
  ///
  /// - Parameters:
  ///   - places: of the pixels, which are those of both bands.
  ///   - given: the values that they were combined of.
  ///   - rest: the same without those that do not count.
  public func combine(
    _ rest: CombinationBand, insteadOf given: CombinationBand, at places: [Int], by kernel: CombinationKernel
  ) {
    let count = places.count
    precondition(count <= rest.pixels && count <= given.pixels, "the bands hold the pixels")
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { memory in
      withUnsafeTemporaryAllocation(of: PixelMask.self, capacity: count) { marks in
        let image = UnsafeMutableBufferPointer(rebasing: memory[..<count])
        let variance = UnsafeMutableBufferPointer(rebasing: memory[count...])
        let before = kernel.combine(given, count: count, image: image, variance: variance, mask: marks)
        let now = kernel.combine(rest, count: count, image: image, variance: variance, mask: marks)
        rejected.add(now - before, ordering: .relaxed)
        for (k, place) in places.enumerated() {
          self.image[place] = image[k]
          self.variance[place] = variance[k]
          self.mask[place] = marks[k]
        }
      }
    }
  }

  /// The image alone of what was combined so far, row after row; NaN where nothing was.
  func withImage<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(image))
  }

  /// What was combined; pixels that were not are NaN and `noData`. To be called once, at last.
  ///
  /// - Parameter commonVariance: what every pixel has beside the noise of the frames, because of a master that was
  ///   subtracted from all of them.
  public func master(frames: Int, exposure: Double = 0, commonVariance: Double = 0) -> Master {
    if commonVariance > 0 {
      for i in variance.indices { variance[i] += Float(commonVariance) }
    }
    return Master(
      image: PixelGrid(width: width, height: height, pixels: imagePlane.take()),
      variance: PixelGrid(width: width, height: height, pixels: variancePlane.take()),
      mask: PixelGrid(width: width, height: height, pixels: maskPlane.take()), frames: frames,
      rejected: rejected.load(ordering: .relaxed), exposure: exposure)
  }
}
