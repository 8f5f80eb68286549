/// Usual extinction at a dark site, mag per airmass. Only limits rest on it, never a magnitude.
enum Extinction {
  /// By the name of the filter, whatever its case, blanks, primes and dashes; an unknown one counts as clear.
  static func coefficient(filter: String, given: [String: Double] = [:]) -> Double {
    if let known = given[filter] { return known }
    let name = filter.lowercased().filter { $0.isLetter }
    if let known = given.first(where: { $0.key.lowercased().filter { $0.isLetter } == name }) { return known.value }
    if name.hasPrefix("h") && name.contains("a") { return 0.10 }
    switch name {
    case "r", "rc", "rs", "rp", "sdssr", "sloanr", "rband", "red", "sii", "ha": return 0.10
    case "i", "ic", "is", "ip", "sdssi", "sloani", "iband", "z", "zs", "sdssz": return 0.06
    case "b", "bj", "bband", "blue": return 0.25
    case "u", "up", "sdssu", "sloanu", "uband": return 0.50
    default: return 0.15
    }
  }
}
