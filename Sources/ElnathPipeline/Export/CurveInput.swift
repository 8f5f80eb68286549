import ElnathCore
import FoundationEssentials

/// A light curve's table and what stands beside it.
struct CurveInput {
  private let file: String
  private let points: [LightCurvePoint]
  private let target: Star
  private let stars: [Star]
  private let comparisons: [ComparisonVerdict]
  private let keepsEveryPoint: Bool

  init(_ file: String, options: ExportOptions, keepsEveryPoint: Bool) throws(PipelineError) {
    self.file = file
    self.keepsEveryPoint = keepsEveryPoint
    points = try TableReader.lightCurve(CSVReader(path: file))
    let folder = ProjectFolder.split(file).folder
    stars =
      try Self.optional(folder + "/stars.csv").map { (reader) throws(PipelineError) in
        try TableReader.stars(reader)
      } ?? []
    comparisons =
      try Self.optional(folder + "/comparisons.csv").map { (reader) throws(PipelineError) in
        try TableReader.comparisons(reader)
      } ?? []
    target = try Self.target(of: file, stars: stars, name: options.name)
  }

  private static func optional(_ path: String) throws(PipelineError) -> CSVReader? {
    FileManager.default.fileExists(atPath: path) ? try CSVReader(path: path) : nil
  }

  /// The star whose name gives the file's, the longest where several do: `lightcurve_hh_30_r.csv` is of `HH 30`.
  private static func target(of file: String, stars: [Star], name: String?) throws(PipelineError) -> Star {
    let base = ProjectFolder.split(file).name
    let stem = base.hasSuffix(".csv") ? String(base.dropLast(4)) : base
    let found = stars.filter {
      let own = "lightcurve_" + TableFile.name(for: $0.name)
      return stem == own || stem.hasPrefix(own + "_")
    }
    if let star = found.max(by: { $0.name.count < $1.name.count }) { return star }
    guard let name else {
      throw PipelineError(
        .usage, file, "whose light curve it is shows only beside its stars.csv; give the star's name with --name")
    }
    return Star(name: name, role: .target, position: PixelPoint(x: .nan, y: .nan))
  }

  /// One curve for each filter, by name, or the one that is asked for. A filter without any point to export is passed
  /// over where there are others.
  func curves(filter wanted: String?) throws(PipelineError) -> [ExportedCurve] {
    // A frame that could not be read tells no filter.
    let filters = Set(points.filter { !$0.frame.filter.isEmpty || $0.used }.map(\.frame.filter)).sorted()
    if let wanted, !filters.contains(wanted) {
      let nearest = Spelling.nearest(wanted, among: filters).map { "; did you mean '\(CSVText.cleaned($0))'?" } ?? ""
      let known = filters.map { CSVText.cleaned($0) }.joined(separator: ", ")
      throw PipelineError(
        .usage, "--filter \(CSVText.cleaned(wanted))", "the light curve has \(known.isEmpty ? "none" : known)\(nearest)"
      )
    }
    let base = ProjectFolder.split(file).name
    let stem = base.hasSuffix(".csv") ? String(base.dropLast(4)) : base
    var taken: Set<String> = []
    var curves: [ExportedCurve] = []
    for filter in filters where wanted == nil || filter == wanted {
      let all = points.filter { $0.frame.filter == filter }
      let kept = keepsEveryPoint ? all : all.filter(\.used)
      guard !kept.isEmpty else { continue }
      var name = stem
      if filters.count > 1 {
        let plain = stem + "_" + TableFile.name(for: filter.isEmpty ? "none" : filter)
        name = plain
        var number = 2
        while !taken.insert(name).inserted {
          name = plain + "_\(number)"
          number += 1
        }
      }
      curves.append(
        ExportedCurve(
          file: file, stem: name, target: target, filter: filter, points: kept, leftOut: all.count - kept.count,
          comparisons: comparisons.filter { $0.filter == filter }, stars: stars,
          companions: CurveCompanions(folder: ProjectFolder.split(file).folder)))
    }
    guard !curves.isEmpty else {
      throw PipelineError(
        .badData, file, "no point to export: none of \(points.count) is used; the column reason says why")
    }
    return curves
  }
}

/// `stars.csv`, where comparison stars that were chosen automatically get that role.
struct StarListInput {
  let stars: [Star]

  init(_ file: String) throws(PipelineError) {
    var stars = try TableReader.stars(CSVReader(path: file))
    let path = ProjectFolder.split(file).folder + "/comparisons.csv"
    if FileManager.default.fileExists(atPath: path) {
      let used = Set(try TableReader.comparisons(CSVReader(path: path)).filter(\.used).map(\.star))
      for index in stars.indices where stars[index].role == .measure && used.contains(stars[index].name) {
        stars[index].role = .comparison
      }
    }
    self.stars = stars
  }
}
