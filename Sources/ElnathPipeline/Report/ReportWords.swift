extension Report {
  /// What the words of the page mean, for a reader who has seen no other.
  func wordSection() -> Section? {
    let words: [(word: String, meaning: String)] = [
      (
        "light frame",
        "an exposure of the field; bias, dark and flat frames are exposures of nothing, of the closed shutter and of even light"
      ),
      (
        "used, flagged, not used, rejected",
        "a good frame; one that is used with a warning; one that was measured but must not count; one that could not be measured"
      ),
      ("comparison star", "a constant star that the targets are measured against, on the same frame"),
      ("check star", "a constant star that is measured like a target, to show what a constant star looks like"),
      ("zero point", "what turns the counts of a frame into magnitudes; it drops by as much as air and clouds take"),
      (
        "ensemble",
        "the comparison stars together, and how they are put together: zeropoint (all frames and stars at once) or sum (their fluxes added)"
      ),
      (
        "floor",
        "what constant stars of like brightness scatter beyond their predicted errors; error bars with floor hold it too"
      ),
      ("mmag", "a thousandth of a magnitude, close to a tenth of a per cent of the light"),
      ("FWHM", "the width of a star's image at half its height: seeing, focus and tracking in one number"),
      ("\u{03C7}\u{00B2}/dof", "scatter over what the error bars expect, squared: near 1 where the bars are true"),
      (
        "BJD_TDB",
        "the time of mid-exposure as if seen from the centre of mass of the Solar System, so that the Earth's orbit does not shift it"
      ),
    ]
    let rows = HTML(words.map { "<dt>\($0.word)</dt><dd>\($0.meaning)</dd>\n" })
    return Section(name: "words", title: "Words used on this page", body: "<dl>\n\(rows)</dl>\n")
  }
}
