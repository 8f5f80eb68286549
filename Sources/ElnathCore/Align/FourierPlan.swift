import CFFTW
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The discrete Fourier transform of real images of one size, by FFTW: forward without a factor, back with 1 / pixels, so
/// that both together change nothing.
///
/// Half of the spectrum is kept, `columns` = width / 2 + 1 values a row, since that of a real image is symmetric.
struct FourierPlan: Sendable {
  let width: Int
  let height: Int

  var columns: Int { width / 2 + 1 }

  /// FFTW makes plans in memory that all threads share; only their execution may run at the same time.
  private static let planning = Mutex(())

  private static func execute(_ plan: () -> fftwf_plan?) {
    // As a number, since a lock hands out no pointers.
    let address = planning.withLock { _ in UInt(bitPattern: plan()) }
    guard let made = OpaquePointer(bitPattern: address) else { return }
    fftwf_execute(made)
    planning.withLock { _ in fftwf_destroy_plan(OpaquePointer(bitPattern: address)) }
  }

  init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "an image has pixels")
    self.width = width
    self.height = height
  }

  /// - Parameter image: row-major.
  func spectrum(of image: [Float]) -> Spectrum {
    precondition(image.count == width * height, "an image of the size of the plan")
    var copy = image
    var values = [SIMD2<Float>](repeating: .zero, count: columns * height)
    copy.withUnsafeMutableBufferPointer { pixels in
      values.withUnsafeMutableBytes { bytes in
        let out = bytes.bindMemory(to: fftwf_complex.self).baseAddress
        Self.execute { fftwf_plan_dft_r2c_2d(Int32(height), Int32(width), pixels.baseAddress, out, Self.estimate) }
      }
    }
    return Spectrum(values: values, width: width, height: height)
  }

  /// The image of a spectrum, which is used up by it.
  func image(of spectrum: consuming Spectrum) -> [Float] {
    precondition(spectrum.width == width && spectrum.height == height, "a spectrum of the size of the plan")
    var pixels = [Float](repeating: 0, count: width * height)
    spectrum.values.withUnsafeMutableBytes { bytes in
      let values = bytes.bindMemory(to: fftwf_complex.self).baseAddress
      pixels.withUnsafeMutableBufferPointer { pixels in
        Self.execute { fftwf_plan_dft_c2r_2d(Int32(height), Int32(width), values, pixels.baseAddress, Self.estimate) }
      }
    }
    let factor = 1 / Float(width * height)
    for i in pixels.indices { pixels[i] *= factor }
    return pixels
  }

  /// Plans that are measured are twice as fast and take a hundred transforms to make.
  private static let estimate = UInt32(FFTW_ESTIMATE)

  /// True where transforms of this size are quick: products of 2, 3 and 5.
  private static func isQuick(_ size: Int) -> Bool {
    var rest = size
    for prime in [2, 3, 5] { while rest % prime == 0 { rest /= prime } }
    return rest == 1
  }

  /// The smallest quick size from `least` on, and the largest up to `most`; both from 1 on.
  static func quickSize(from least: Int) -> Int { (max(least, 1)...).first(where: isQuick) ?? least }
  static func quickSize(upTo most: Int) -> Int { (1...max(most, 1)).last(where: isQuick) ?? 1 }
}

/// Half of the spectrum of a real image.
struct Spectrum: Sendable {
  /// Real and imaginary part, `width / 2 + 1` a row.
  var values: [SIMD2<Float>]
  let width: Int
  let height: Int

  /// This times the conjugate of another: the spectrum of their correlation, whose pixel (dx, dy) tells how alike this
  /// image, moved back by (dx, dy), and the other are.
  func timesConjugate(of other: Spectrum) -> Spectrum {
    precondition(values.count == other.values.count, "spectra of one size")
    var result = self
    result.values.withUnsafeMutableBufferPointer { out in
      other.values.withUnsafeBufferPointer { other in
        for i in out.indices {
          let (a, b) = (out[i], other[i])
          out[i] = SIMD2(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y)
        }
      }
    }
    return result
  }

  /// The spectrum of the image turned by 180 degrees about its first pixel.
  var turned: Spectrum {
    var result = self
    for i in result.values.indices { result.values[i].y = -result.values[i].y }
    return result
  }

  /// Values of the image between its pixels, in steps of 1 / `factor` px around a place: the inverse transform as two
  /// products of matrices, which needs no spectrum of `factor` times the size (Guizar-Sicairos, Thurman & Fienup 2008,
  /// Opt. Lett. 33, 156).
  ///
  /// - Returns: `count` x `count` values, row-major, in arbitrary units; the one in the middle belongs to (`x`, `y`).
  func upsampled(aroundX x: Double, y: Double, factor: Double, count: Int) -> [Double] {
    let columns = width / 2 + 1
    let middle = Double(count / 2)
    let real = values.map(\.x)
    let imaginary = values.map(\.y)
    // Along rows first: for each line of the spectrum the sums over its columns.
    var sums = [SIMD2<Double>](repeating: .zero, count: height * count)
    var cosines = [Float](repeating: 0, count: columns)
    var sines = cosines
    for i in 0..<count {
      let place = x + (Double(i) - middle) / factor
      for k in 0..<columns {
        // Columns but the first and, of even widths, the last stand for two.
        let weight: Double = k == 0 || (width % 2 == 0 && k == columns - 1) ? 1 : 2
        let angle = 2 * Double.pi * Double(k) * place / Double(width)
        cosines[k] = Float(weight * cos(angle))
        sines[k] = Float(weight * sin(angle))
      }
      for j in 0..<height {
        let row = (j * columns)..<((j + 1) * columns)
        let (a, b) = (real.span.extracting(row), imaginary.span.extracting(row))
        sums[j * count + i] = SIMD2(
          Self.product(a, cosines.span) - Self.product(b, sines.span),
          Self.product(a, sines.span) + Self.product(b, cosines.span))
      }
    }
    var result = [Double](repeating: 0, count: count * count)
    for n in 0..<count {
      let place = y + (Double(n) - middle) / factor
      for j in 0..<height {
        let frequency = j <= height / 2 ? j : j - height
        let angle = 2 * Double.pi * Double(frequency) * place / Double(height)
        let (c, s) = (cos(angle), sin(angle))
        for i in 0..<count {
          let sum = sums[j * count + i]
          result[n * count + i] += sum.x * c - sum.y * s
        }
      }
    }
    return result
  }

  /// Sum of the products, in eight sums side by side.
  private static func product(_ a: Span<Float>, _ b: Span<Float>) -> Double {
    precondition(a.count == b.count, "one factor for each")
    var sums = SIMD8<Float>.zero
    let whole = a.count / 8 * 8
    for k in stride(from: 0, to: whole, by: 8) {
      sums +=
        SIMD8(a[k], a[k + 1], a[k + 2], a[k + 3], a[k + 4], a[k + 5], a[k + 6], a[k + 7])
        * SIMD8(b[k], b[k + 1], b[k + 2], b[k + 3], b[k + 4], b[k + 5], b[k + 6], b[k + 7])
    }
    var sum = Double(sums.sum())
    for k in whole..<a.count { sum += Double(a[k] * b[k]) }
    return sum
  }
}
