/// A difference in coarse square bins, small enough for a picture.
public struct DifferenceMap: Sendable, Equatable {
  /// Pixels along the side of a bin.
  public let bin: Int
  public let columns: Int
  public let rows: Int
  /// Mean of the pixels with a value, row by row; NaN without any.
  public let means: [Float]
  /// Pixels with a value in each bin.
  public let counts: [Int]

  /// At most `most` bins along the longer side.
  public init(_ difference: DifferenceImage, most: Int = 400) {
    let (width, height) = (difference.width, difference.height)
    let bin = max(1, (max(width, height) + most - 1) / most)
    let (columns, rows) = ((width + bin - 1) / bin, (height + bin - 1) / bin)
    var sums = [Double](repeating: 0, count: columns * rows)
    var counts = [Int](repeating: 0, count: columns * rows)
    difference.image.pixels.withUnsafeBufferPointer { image in
      for y in 0..<height {
        let row = y / bin * columns
        for column in 0..<columns {
          for x in (column * bin)..<min(width, (column + 1) * bin) {
            let value = image[y * width + x]
            guard !value.isNaN else { continue }
            sums[row + column] += Double(value)
            counts[row + column] += 1
          }
        }
      }
    }
    (self.bin, self.columns, self.rows) = (bin, columns, rows)
    self.counts = counts
    means = zip(sums, counts).map { $1 > 0 ? Float($0 / Double($1)) : .nan }
  }

  /// FITS pixel of the centre of a bin along one axis.
  public func centre(_ index: Int) -> Double { (Double(index) + 0.5) * Double(bin) + 0.5 }

  /// Nearly all bins lie within this of zero; 0 where all are 0 or none has a value.
  public var reach: Double {
    let sizes = means.filter { $0.isFinite }.map { Double(abs($0)) }
    guard let largest = sizes.max() else { return 0 }
    // Where less than a fiftieth of the bins differ, they are what there is to see.
    let usual = Median.percentile(sizes, 0.98)
    return usual > 0 ? usual : largest
  }
}
