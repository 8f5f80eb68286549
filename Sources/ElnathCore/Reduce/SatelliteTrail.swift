#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The straight trail of a satellite or meteor across a frame: a line with a Gaussian profile across.
public struct SatelliteTrail: Sendable, Equatable {
  /// Where the light begins and ends, pixels of the trimmed frame.
  public var start: PixelPoint
  public var end: PixelPoint
  /// Full width at half maximum across, px.
  public var width: Double
  /// Median light per pixel of length, e-/px.
  public var brightness: Double

  public init(start: PixelPoint, end: PixelPoint, width: Double, brightness: Double) {
    self.start = start
    self.end = end
    self.width = width
    self.brightness = brightness
  }

  public var length: Double { start.distance(to: end) }

  /// Half the width of the band that is marked, px: beyond it a Gaussian has 1 per mille of its peak, and the wings of
  /// real profiles some per cent.
  public var reach: Double { 1.6 * width + 1 }

  /// Distance from the line through both ends, px, and place along it from the start.
  func place(of x: Double, _ y: Double) -> (across: Double, along: Double) {
    let length = max(length, 1e-9)
    let (ux, uy) = ((end.x - start.x) / length, (end.y - start.y) / length)
    let (dx, dy) = (x - start.x, y - start.y)
    return (dy * ux - dx * uy, dx * ux + dy * uy)
  }

  /// The band as marks on a frame of this size.
  public func runs(width frameWidth: Int, height frameHeight: Int) -> [SparseMask.Run] {
    let reach = reach
    let low = max(0, Int((min(start.y, end.y) - reach).rounded(.up)))
    let high = min(frameHeight - 1, Int((max(start.y, end.y) + reach).rounded(.down)))
    guard low <= high else { return [] }
    let left = min(start.x, end.x) - reach
    let right = max(start.x, end.x) + reach
    var runs: [SparseMask.Run] = []
    for y in low...high {
      // The row cuts the band where |across| <= reach: linear in x.
      let across = place(of: 0, Double(y)).across
      let slope = place(of: 1, Double(y)).across - across
      var (from, to) = (left, right)
      if abs(slope) > 1e-12 {
        let a = (-reach - across) / slope
        let b = (reach - across) / slope
        from = max(from, min(a, b))
        to = min(to, max(a, b))
      } else if abs(across) > reach {
        continue
      }
      from = max(from.rounded(.up), 0)
      to = min(to.rounded(.down), Double(frameWidth - 1))
      guard from <= to else { continue }
      runs.append(SparseMask.Run(row: y, columns: Int(from)..<(Int(to) + 1), mask: .satellite))
    }
    return runs
  }

  /// Light of the trail per px at a place, e-; 0 beyond its ends.
  func surface(at x: Double, _ y: Double) -> Double {
    let (across, along) = place(of: x, y)
    guard along >= -reach, along <= length + reach else { return 0 }
    // The pixel's own width smooths what is narrower.
    let sigma = max(width / SourceProfile.fwhmPerSigma, 0.4)
    return brightness / (sigma * (2 * Double.pi).squareRoot()) * exp(-across * across / (2 * sigma * sigma))
  }

  /// Light of the trail within a circle, e-.
  /// Each pixel counts with the light on its centre, which is exact to a per cent for trails of 2 px and more.
  func flux(within radius: Double, of centre: PixelPoint) -> Double {
    let (across, along) = place(of: centre.x, centre.y)
    guard abs(across) < radius + reach, along > -radius - reach, along < length + radius + reach else { return 0 }
    var sum = 0.0
    let reach = radius + 0.5
    let rows = Int((centre.y - reach).rounded(.up))...Int((centre.y + reach).rounded(.down))
    let columns = Int((centre.x - reach).rounded(.up))...Int((centre.x + reach).rounded(.down))
    for y in rows {
      for x in columns {
        let w = CircleOverlap.fraction(dx: Double(x) - centre.x, dy: Double(y) - centre.y, radius: radius)
        if w > 0 { sum += w * surface(at: Double(x), Double(y)) }
      }
    }
    return sum
  }
}
