import CFFTW
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An image as the sum of its waves, which can be moved by any fraction of a pixel without loss: what was moved this way
/// before comes back to rounding. The image counts as periodic, so that an edge shows on the opposite one, and a pixel
/// that no optics could have made (a hot one, a cut-off core) rings along its row and column.
final class FourierImage {
  let width: Int
  let height: Int
  /// Complex numbers of a row: waves from 0 to the Nyquist frequency.
  private let columns: Int
  private let spectrum: UnsafeMutablePointer<Double>
  private let work: UnsafeMutablePointer<Double>
  private let backward: OpaquePointer
  private let level: Double

  /// FFTW makes its plans one at a time.
  private static let planning = Mutex(())

  /// Gives so many bytes, aligned as FFTW wants them and to be freed by it; nil where there are none left.
  typealias Memory = @Sendable (_ bytes: Int) -> UnsafeMutableRawPointer?

  static let usualMemory: Memory = { fftw_malloc($0) }

  /// Bytes that an image of this size takes: its spectrum, and room to work in.
  static func bytes(width: Int, height: Int) -> Int {
    2 * 2 * (width / 2 + 1) * height * MemoryLayout<Double>.size
  }

  /// Pixels without a value take the `level`, which should be that of the sky: it is taken off before the transform, so
  /// that the edges do not meet with a step. Nil where memory does not suffice.
  init?(_ image: PixelGrid<Float>, level: Float, memory: Memory = FourierImage.usualMemory) {
    precondition(image.width > 1 && image.height > 1, "an image has rows and columns")
    width = image.width
    height = image.height
    columns = width / 2 + 1
    self.level = Double(level)
    let count = 2 * columns * height
    func numbers() -> UnsafeMutablePointer<Double>? {
      memory(count * MemoryLayout<Double>.size)?.bindMemory(to: Double.self, capacity: count)
    }
    guard let spectrum = numbers() else { return nil }
    guard let work = numbers() else {
      fftw_free(spectrum)
      return nil
    }
    let (rows, stride) = (Int32(height), Int32(width))
    var plans: (forward: OpaquePointer?, backward: OpaquePointer?)
    Self.planning.withLock { _ in
      plans.forward = fftw_plan_dft_r2c_2d(rows, stride, spectrum, Self.complex(spectrum), FFTW_ESTIMATE)
      plans.backward = fftw_plan_dft_c2r_2d(rows, stride, Self.complex(work), work, FFTW_ESTIMATE)
    }
    // A plan of a real image of any size exists; only memory can be missing.
    guard let forward = plans.forward, let backward = plans.backward else {
      Self.planning.withLock { _ in
        for plan in [plans.forward, plans.backward] { plan.map { fftw_destroy_plan($0) } }
      }
      fftw_free(spectrum)
      fftw_free(work)
      return nil
    }
    (self.spectrum, self.work) = (spectrum, work)
    self.backward = backward
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        let row = spectrum + y * 2 * columns
        for x in 0..<width {
          let value = pixels[y * width + x]
          row[x] = value.isFinite ? Double(value - level) : 0
        }
      }
    }
    fftw_execute(forward)
    Self.planning.withLock { _ in fftw_destroy_plan(forward) }
  }

  deinit {
    Self.planning.withLock { _ in fftw_destroy_plan(backward) }
    fftw_free(spectrum)
    fftw_free(work)
  }

  private static func complex(_ numbers: UnsafeMutablePointer<Double>) -> UnsafeMutablePointer<fftw_complex> {
    UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: fftw_complex.self)
  }

  /// The image whose pixel (x, y) holds what this one has at (x + dx, y + dy), counted around the edges.
  func moved(dx: Double, dy: Double) -> PixelGrid<Float> {
    let across = Self.phases(dx, count: columns, of: width)
    let along = Self.phases(dy, count: height, of: height)
    across.withUnsafeBufferPointer { across in
      for j in 0..<height {
        let (from, to) = (spectrum + j * 2 * columns, work + j * 2 * columns)
        let turn = along[j]
        for k in 0..<columns {
          let real = across[k].cos * turn.cos - across[k].sin * turn.sin
          let imaginary = across[k].cos * turn.sin + across[k].sin * turn.cos
          let (a, b) = (from[2 * k], from[2 * k + 1])
          to[2 * k] = a * real - b * imaginary
          to[2 * k + 1] = a * imaginary + b * real
        }
      }
    }
    fftw_execute(backward)
    let scale = 1 / Double(width * height)
    let pixels = [Float](unsafeUninitializedCapacity: width * height) { out, count in
      for y in 0..<height {
        let row = work + y * 2 * columns
        for x in 0..<width { out[y * width + x] = Float(row[x] * scale + level) }
      }
      count = width * height
    }
    return PixelGrid(width: width, height: height, pixels: pixels)
  }

  /// By what a shift turns each wave of an axis. The wave at the Nyquist frequency stands for two of opposite direction,
  /// of which the sum stays real.
  private static func phases(_ shift: Double, count: Int, of extent: Int) -> [(cos: Double, sin: Double)] {
    (0..<count).map { k in
      let wave = 2 * k > extent ? k - extent : k
      let angle = 2 * Double.pi * shift * Double(wave) / Double(extent)
      return 2 * k == extent ? (cos(angle), 0) : (cos(angle), sin(angle))
    }
  }
}
