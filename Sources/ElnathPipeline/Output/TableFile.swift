/// Names of output files that carry a star's or a filter's name.
public enum TableFile {
  /// Lower case, with `_` for anything outside a-z, 0-9, `.` and `-`: `HAT-P-32` gives `hat-p-32`, `HH 30` gives `hh_30`.
  public static func name(for name: String) -> String {
    String(
      name.map { character in
        switch character.asciiValue ?? 0 {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Character(character.lowercased())
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
          UInt8(ascii: "-"):
          character
        default: "_"
        }
      })
  }

  /// `lightcurve_hh_30.csv`, with a filter `lightcurve_hh_30_r.csv`.
  public static func lightCurve(of star: String, filter: String? = nil) -> String {
    "lightcurve_\(name(for: star))\(filter.map { "_" + name(for: $0) } ?? "").csv"
  }
}
