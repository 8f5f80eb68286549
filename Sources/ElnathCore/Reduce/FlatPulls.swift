/// The excess of the pixels of a flat over the master, in standard deviations.
struct FlatPulls {
  let noise: MasterCombination.Noise

  /// One wild pixel is a cosmic ray, which the clipping takes; a wide box must not grow from it.
  static let limit: Float = 6

  /// Writes those of some pixels of the frame, with the same of the master; 0 for a pixel without a value.
  func fill(
    _ frame: UnsafeBufferPointer<Float>, over master: UnsafeBufferPointer<Float>,
    into line: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(frame.count == line.count && master.count == line.count, "rows must have one length")
    let (constant, linear) = (Float(noise.constant), Float(noise.linear))
    let (frame, master) = (frame.span, master.span)
    for x in 0..<line.count {
      // Never negative, which only `magnitude` tells the compiler: else the root may leave an error number behind, and
      // the loop does not run on vectors.
      let sigma = (constant + linear * max(master[x], 0)).magnitude.squareRoot()
      let pull = (frame[x] - master[x]) / sigma
      let cut = min(max(pull, -Self.limit), Self.limit)
      // A mask instead of a branch, so that the loop runs on vectors.
      let given: UInt32 = pull == pull ? ~0 : 0
      line[x] = Float(bitPattern: cut.bitPattern & given)
    }
  }
}
