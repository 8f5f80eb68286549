import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How sharp the light of a star can be, in the measure by which cosmic rays are told.
enum StarSharpness {
  /// Widths of the table, px, each so much broader than the one before.
  private static let least = 1.0
  private static let step = 1.12
  private static let widths = 26
  /// `ratio` at these widths, as far as they were asked for: a night needs a few of them, and each takes a millisecond.
  private static let table = Mutex([Double?](repeating: nil, count: widths))

  private static func entry(_ k: Int) -> Double {
    if let known = table.withLock({ $0[k] }) { return known }
    let value = ratio(fwhm: least * pow(step, Double(k)))
    table.withLock { $0[k] = value }
    return value
  }

  /// `ratio` from a table, for widths (px) from 1 to 17; narrower and broader ones count as these.
  static func tabulated(fwhm: Double) -> Double {
    let place = min(max(log(fwhm / least) / log(step), 0), Double(widths - 1))
    let below = min(Int(place), widths - 2)
    let value = entry(below)
    return value + (entry(below + 1) - value) * (place - Double(below))
  }

  /// Largest ratio of Laplacian to fine structure that any pixel on or beside a star of this FWHM (px, before the pixels
  /// blur it) can have, wherever the star lies; for a Gaussian star and for Moffat's profile, whose core is sharper.
  static func ratio(fwhm: Double) -> Double {
    let side = CosmicRayPatch.side
    let sigma = fwhm / SourceProfile.fwhmPerSigma
    let profile = StarProfile(fwhm: fwhm)
    // Symmetry leaves one octant.
    let offsets = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5]
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: side * side) { values in
      withUnsafeTemporaryAllocation(of: Bool.self, capacity: side * side) { known in
        let patch = CosmicRayPatch(values, known)
        for (k, x) in offsets.enumerated() {
          for y in offsets[...k] {
            func gaussian(_ centre: Double) -> [Double] {
              (0..<side).map {
                let d = Double($0 - CosmicRayPatch.reach) - centre
                let scale = sigma * 2.0.squareRoot()
                return erf((d + 0.5) / scale) - erf((d - 0.5) / scale)
              }
            }
            let (columns, rows) = (gaussian(x), gaussian(y))
            for j in 0..<side { for i in 0..<side { values[j * side + i] = Float(columns[i] * rows[j]) } }
            largest = max(largest, ratio(of: patch))
            for j in 0..<side {
              for i in 0..<side {
                let dx = Double(i - CosmicRayPatch.reach) - x
                let dy = Double(j - CosmicRayPatch.reach) - y
                var light = 0.0
                for v in -1...1 {
                  for u in -1...1 {
                    let (a, b) = (dx + Double(u) / 3, dy + Double(v) / 3)
                    light += profile.surface(at: (a * a + b * b).squareRoot())
                  }
                }
                values[j * side + i] = Float(light)
              }
            }
            largest = max(largest, ratio(of: patch))
          }
        }
      }
    }
    return largest
  }

  private static func ratio(of patch: CosmicRayPatch) -> Double {
    let structure = patch.fineStructure()
    return structure > 0 ? Double(patch.sharpness() / structure) : 0
  }
}
