extension Sky {
  /// The young stars around HL Tau at their places (`catalogs/stars/hl_tau_targets.csv`), with magnitudes near what
  /// they show in a red band and, for three of them, an invented night: HH 30 jumps and then wiggles; LkHa 358 rises,
  /// falls and recovers; MHO 4 varies a little, as spots on a rotating star do.
  ///
  /// Equivalent widths of the line of hydrogen are invented too, of the order of what such stars show; they tell only
  /// where a night has a filter for it.
  ///
  /// `span` is the length in hours of the night over which these changes happen.
  public static func youngStarsNearHLTau(span: Double, extended: Bool) -> [Star] {
    /// The changes are told for a night of five hours.
    func told(_ variability: Variability) -> Variability { variability.stretched(by: span / 5) }
    let stars = [
      Star(
        name: "HH 30", role: .target, rightAscension: 67.906125, declination: 18.206806, magnitude: 17.0,
        variability: told(
          Variability(
            knots: [.init(hours: 1.4, magnitude: 0), .init(hours: 1.6, magnitude: -0.45)],
            waves: [.init(amplitude: 0.08, period: 1.3, start: 1.6)])),
        blobs: extended
          ? [Blob(east: 0.2, north: 0.25, share: 0.75), Blob(east: -0.6, north: -0.75, share: 0.25)] : [.point]),
      Star(
        name: "LkHa 358", role: .target, rightAscension: 67.90054, declination: 18.22867, magnitude: 16.6,
        variability: told(
          Variability(knots: [
            .init(hours: 0.1, magnitude: 0), .init(hours: 1.0, magnitude: -0.60), .init(hours: 2.0, magnitude: 0.35),
            .init(hours: 5, magnitude: -0.10),
          ]))),
      Star(
        name: "MHO 4", role: .target, rightAscension: 67.85021, declination: 18.00597, magnitude: 16.3,
        variability: told(Variability(waves: [.init(amplitude: 0.025, period: 2.9)]))),
      Star(name: "HL Tau", role: .avoid, rightAscension: 67.910154, declination: 18.232681, magnitude: 14.3),
      Star(name: "XZ Tau", role: .avoid, rightAscension: 67.917029, declination: 18.232401, magnitude: 13.2),
      Star(name: "MHO 5", role: .avoid, rightAscension: 68.06692, declination: 18.21289, magnitude: 16.4),
      Star(name: "V710 Tau A", role: .avoid, rightAscension: 67.99079, declination: 18.36056, magnitude: 13.4),
      Star(name: "V710 Tau B", role: .avoid, rightAscension: 67.99079, declination: 18.35972, magnitude: 13.8),
      Star(name: "V826 Tau", role: .avoid, rightAscension: 68.065987, declination: 18.027425, magnitude: 11.4),
      Star(name: "V827 Tau", role: .avoid, rightAscension: 68.060704, declination: 18.337428, magnitude: 11.8),
    ]
    return stars.map { star in
      var star = star
      star.lineWidth = lineWidths[star.name] ?? 0
      return star
    }
  }

  /// nm.
  private static let lineWidths = [
    "HH 30": 15.0, "LkHa 358": 4, "MHO 4": 4, "HL Tau": 5, "XZ Tau": 8, "MHO 5": 6, "V710 Tau A": 9, "V710 Tau B": 1,
    "V826 Tau": 0.2, "V827 Tau": 0.2,
  ]
}
