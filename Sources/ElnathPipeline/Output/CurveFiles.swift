import ElnathCore

/// Names of the files that hold light curves: no two curves share one, whatever the headers call their filters.
struct CurveFiles {
  /// Filters of the frames, sorted. A frame that could not be read tells none.
  let filters: [String]
  private var stems: [Key: String] = [:]

  private struct Key: Hashable {
    var target: String
    var filter: String?
  }

  init(_ curves: [LightCurve]) {
    let frames = curves.first?.points.map(\.frame) ?? []
    filters = Set(frames.filter { !$0.filter.isEmpty || $0.status != .rejected }.map(\.filter)).sorted()
    let targets = curves.map(\.target.name)
    var taken: Set<String> = []
    for target in targets {
      let stem = "lightcurve_" + TableFile.name(for: target)
      stems[Key(target: target)] = stem
      taken.formUnion([stem, stem + "_binned"])
    }
    for target in targets {
      for filter in filters {
        let plain =
          "lightcurve_" + TableFile.name(for: target) + "_" + TableFile.name(for: filter.isEmpty ? "none" : filter)
        var stem = plain
        var number = 2
        while !taken.insert(stem).inserted {
          stem = plain + "_\(number)"
          number += 1
        }
        stems[Key(target: target, filter: filter)] = stem
      }
    }
  }

  /// The same for another product of the curve than the curve itself: `seeing_leakage_hh_30_r`.
  func stem(_ target: Star, filter: String? = nil, of product: String) -> String {
    product + stem(target, filter: filter).dropFirst("lightcurve".count)
  }

  /// File name without ending: of the whole curve, or of one filter where there are several.
  func stem(_ target: Star, filter: String? = nil) -> String {
    stems[Key(target: target.name, filter: filters.count > 1 ? filter : nil)]
      ?? "lightcurve_" + TableFile.name(for: target.name)
  }

  /// File name without ending of what is made once for a filter: `base`, or where there are several filters, one for each.
  func name(_ base: String, filter: String) -> String {
    guard filters.count > 1 else { return base }
    func plain(_ filter: String) -> String { TableFile.name(for: filter.isEmpty ? "none" : filter) }
    // Two filters may differ only in what a file name cannot hold.
    let alike = filters.filter { plain($0) == plain(filter) }
    let number = (alike.firstIndex(of: filter) ?? 0) + 1
    return "\(base)_\(plain(filter))" + (number > 1 ? "_\(number)" : "")
  }
}
