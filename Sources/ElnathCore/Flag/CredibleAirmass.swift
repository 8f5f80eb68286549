/// The airmass as far as rules on seeing and transparency may rely on it.
enum CredibleAirmass {
  /// The frames of one run without their airmass where it is not known, or cannot be, for one of them: what a wrong site
  /// makes of the others is wrong too, and frames with and without one cannot be compared.
  static func frames(_ frames: [FrameSummary], run: [Int]) -> [FrameSummary] {
    guard run.contains(where: { !(frames[$0].airmass <= Airmass.largest) }) else { return frames }
    var frames = frames
    for frame in run { frames[frame].airmass = .nan }
    return frames
  }
}
