#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// To which ring of equal frequency each value of a spectrum belongs. Frequencies count in cycles a pixel; those of the
/// corner, 0.5 sqrt 2, belong to the last ring.
struct RingTable {
  private let rings: Int
  private let width: Int
  private let height: Int
  /// By place in the spectrum.
  private let ring: [UInt8]
  /// Values of the whole spectrum in each ring, and the sum of their squared frequencies along x.
  private(set) var count: [Double]
  private(set) var spread: [Double]

  private var columns: Int { width / 2 + 1 }

  init(width: Int, height: Int, rings: Int) {
    precondition(rings <= 256, "a ring is a byte")
    self.width = width
    self.height = height
    self.rings = rings
    let columns = width / 2 + 1
    var ring = [UInt8](repeating: 0, count: columns * height)
    var count = [Double](repeating: 0, count: rings)
    var spread = count
    let perRing = Double(rings) * 2.0.squareRoot()
    for j in 0..<height {
      let fy = Double(j <= height / 2 ? j : j - height) / Double(height)
      for i in 0..<columns {
        let fx = Double(i) / Double(width)
        let place = min(rings - 1, Int((fx * fx + fy * fy).squareRoot() * perRing))
        ring[j * columns + i] = UInt8(place)
        let weight = Self.weight(i, columns, width)
        count[place] += weight
        spread[place] += weight * fx * fx
      }
    }
    self.ring = ring
    self.count = count
    self.spread = spread
  }

  /// Frequency in the middle of a ring.
  func frequency(_ ring: Int) -> Double { (Double(ring) + 0.5) / (Double(rings) * 2.0.squareRoot()) }

  /// Columns but the first and, of even widths, the last stand for two.
  private static func weight(_ column: Int, _ columns: Int, _ width: Int) -> Double {
    column == 0 || (width % 2 == 0 && column == columns - 1) ? 1 : 2
  }

  /// The spectrum times one factor for each ring.
  func weighted(_ spectrum: Spectrum, by factors: [Double]) -> Spectrum {
    var result = spectrum
    let factors = factors.map { Float($0) }
    for i in result.values.indices { result.values[i] *= factors[Int(ring[i])] }
    return result
  }

  /// Power in each ring.
  func sums(of spectrum: Spectrum) -> [Double] {
    var sums = [Double](repeating: 0, count: rings)
    let columns = columns
    for j in 0..<height {
      for i in 0..<columns {
        let value = spectrum.values[j * columns + i]
        sums[Int(ring[j * columns + i])] +=
          Self.weight(i, columns, width) * Double(value.x * value.x + value.y * value.y)
      }
    }
    return sums
  }

  /// Real parts in each ring of the spectrum of an image that is moved back by (x, y).
  func sums(of spectrum: Spectrum, movedBack x: Double, _ y: Double) -> [Double] {
    var sums = [Double](repeating: 0, count: rings)
    let (along, across) = (spectrum.turns(along: x), spectrum.turns(across: y))
    let columns = columns
    for j in 0..<height {
      let b = across[j]
      for i in 0..<columns {
        let (a, value) = (along[i], spectrum.values[j * columns + i])
        let real = a.x * b.x - a.y * b.y
        let imaginary = a.x * b.y + a.y * b.x
        sums[Int(ring[j * columns + i])] +=
          Self.weight(i, columns, width) * (Double(value.x) * real - Double(value.y) * imaginary)
      }
    }
    return sums
  }
}

extension Spectrum {
  /// Factors that move the image by so many pixels along x, for each column, and along y, for each row.
  func turns(along x: Double) -> [SIMD2<Double>] {
    (0...(width / 2)).map { i in
      let angle = 2 * Double.pi * Double(i) * x / Double(width)
      return SIMD2(cos(angle), sin(angle))
    }
  }

  func turns(across y: Double) -> [SIMD2<Double>] {
    (0..<height).map { j in
      let angle = 2 * Double.pi * Double(j <= height / 2 ? j : j - height) * y / Double(height)
      return SIMD2(cos(angle), sin(angle))
    }
  }
}
