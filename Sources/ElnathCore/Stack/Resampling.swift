#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the value of a frame between its pixels is found.
///
/// Values are surface brightness: a flat sky keeps its level, and where the scale of the frames differs a star's flux
/// changes by its square. Weights sum to 1. Pixels without a value take no part; where they would carry half of the
/// weight or more the result has none either, so nothing is smeared over a gap.
///
/// A resampled pixel is a sum over several, so its variance is smaller by the sum of the squared weights, and its
/// neighbours correlate with it: the variance of a sum over an aperture is not the sum of the variances.
public enum ResamplingKernel: String, Codable, Sendable, CaseIterable {
  /// Four pixels: no value outside theirs, at the price of up to half a pixel's width of blur.
  case bilinear
  /// 36 pixels (Duchon 1979): keeps the width of stars that are sampled well; rings around single hot pixels.
  case lanczos3

  /// Pixels on each side.
  var reach: Int { self == .bilinear ? 1 : 3 }

  /// Weights of the pixels from -reach + 1 to reach for phase 0 ... 1 in so many steps.
  static let steps = 2048

  /// `2 * reach` weights for each of `steps` + 1 phases.
  func weights() -> [Float] {
    let reach = reach
    var table: [Float] = []
    for step in 0...Self.steps {
      let phase = Double(step) / Double(Self.steps)
      var own = ((1 - reach)...reach).map { tap -> Double in
        let x = phase - Double(tap)
        switch self {
        case .bilinear: return max(0, 1 - abs(x))
        case .lanczos3: return abs(x) < 1e-9 ? 1 : abs(x) >= 3 ? 0 : Self.sinc(x) * Self.sinc(x / 3)
        }
      }
      let sum = own.reduce(0, +)
      for i in own.indices { own[i] /= sum }
      table += own.map { Float($0) }
    }
    return table
  }

  private static func sinc(_ x: Double) -> Double { sin(.pi * x) / (.pi * x) }
}

/// Carries rows of a frame over to the pixels of the reference frame.
public struct Resampling: Sendable {
  public let kernel: ResamplingKernel
  /// From the reference frame to the frame.
  public let transform: SimilarityTransform
  private let table: [Float]

  public init(_ kernel: ResamplingKernel, transform: SimilarityTransform) {
    self.kernel = kernel
    self.transform = transform
    table = kernel.weights()
  }

  /// Rows of the frame, of `height`, that `rows` of the reference frame of `width` columns take their values from; empty
  /// where none.
  public func sourceRows(for rows: Range<Int>, width: Int, height: Int) -> Range<Int> {
    let corners = [0, width - 1].flatMap { x in
      [rows.lowerBound, rows.upperBound - 1].map { y in transform(PixelPoint(x: Double(x), y: Double(y))).y }
    }
    let low = max(0, min(Double(height), corners.min()! - Double(kernel.reach)))
    let high = max(0, min(Double(height), corners.max()! + Double(kernel.reach) + 2))
    return Int(low)..<max(Int(low), Int(high))
  }

  /// One row of the reference frame.
  ///
  /// - Parameters:
  ///   - source: whole rows of the frame, `columns` wide, from row `first` on; NaN where there is no value.
  ///   - values: NaN where the frame has nothing.
  ///   - dilution: sum of the squared weights.
  public func row(
    _ y: Int, of source: UnsafeBufferPointer<Float>, columns: Int, from first: Int,
    values: UnsafeMutableBufferPointer<Float>, dilution: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(source.count % columns == 0 && dilution.count == values.count, "whole rows")
    let rows = source.count / columns
    let start = transform(PixelPoint(x: 0, y: Double(y)))
    let next = transform(PixelPoint(x: 1, y: Double(y)))
    let step = (x: next.x - start.x, y: next.y - start.y)
    let reach = kernel.reach
    let taps = 2 * reach
    let steps = Double(ResamplingKernel.steps)
    table.withUnsafeBufferPointer { table in
      for x in values.indices {
        let px = start.x + Double(x) * step.x
        let py = start.y + Double(x) * step.y - Double(first)
        values[x] = .nan
        dilution[x] = .nan
        // The pixel's middle must lie on the frame.
        guard px >= -0.5, px <= Double(columns) - 0.5, py >= -0.5, py <= Double(rows) - 0.5 else { continue }
        let (ix, iy) = (Int(px.rounded(.down)), Int(py.rounded(.down)))
        let wx = table.baseAddress! + Int(((px - Double(ix)) * steps).rounded()) * taps
        let wy = table.baseAddress! + Int(((py - Double(iy)) * steps).rounded()) * taps
        let (x0, y0) = (ix - reach + 1, iy - reach + 1)
        var (sum, squares): (Float, Float) = (0, 0)
        if x0 >= 0, y0 >= 0, x0 + taps <= columns, y0 + taps <= rows {
          for j in 0..<taps {
            let line = source.baseAddress! + (y0 + j) * columns + x0
            var (own, ownSquares): (Float, Float) = (0, 0)
            for i in 0..<taps {
              own += wx[i] * line[i]
              ownSquares += wx[i] * wx[i]
            }
            sum += wy[j] * own
            squares += wy[j] * wy[j] * ownSquares
          }
          if !sum.isNaN {
            values[x] = sum
            dilution[x] = squares
            continue
          }
        }
        // A gap or the edge.
        var (weight, given, all): (Float, Float, Float) = (0, 0, 0)
        (sum, squares) = (0, 0)
        for j in 0..<taps {
          for i in 0..<taps {
            let w = wx[i] * wy[j]
            all += abs(w)
            guard x0 + i >= 0, x0 + i < columns, y0 + j >= 0, y0 + j < rows else { continue }
            let value = source[(y0 + j) * columns + x0 + i]
            guard !value.isNaN else { continue }
            weight += w
            given += abs(w)
            sum += w * value
            squares += w * w
          }
        }
        guard given > 0.5 * all, weight > 0.25 else { continue }
        values[x] = sum / weight
        dilution[x] = squares / (weight * weight)
      }
    }
  }
}
