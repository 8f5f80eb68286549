import ElnathCore

/// Puts calibration frames into groups and gives every group a name of its own.
enum CalibrationGrouping {
  static func groups(of files: [ScannedFile]) -> [CalibrationGroup] {
    let kinds: [Observation.Kind] = [.bias, .dark, .flat]
    let groups = kinds.flatMap { kind -> [CalibrationGroup] in
      let ofKind = files.filter { $0.observation.kind == kind }
      return parted(ofKind, kind: kind).map { group(kind, $0) }.sorted(by: precedes)
    }
    return named(groups)
  }

  private struct Key: Hashable {
    var readout: ReadoutFormat
    var filter: String
    var night: String
  }

  private static func parted(_ files: [ScannedFile], kind: Observation.Kind) -> [[ScannedFile]] {
    let alike = Dictionary(grouping: files) { file in
      Key(
        readout: ReadoutFormat(file.observation), filter: kind == .flat ? file.observation.filter : "",
        night: file.observation.night)
    }
    switch kind {
    case .dark:
      return alike.values.flatMap { cut($0, at: \.exposure) { $1 - $0 > CalibrationPlan.exposureTolerance * $1 } }
        .flatMap { cut($0, at: \.temperature) { $1 - $0 > CalibrationPlan.temperatureTolerance } }
    case .bias:
      return alike.values.flatMap { cut($0, at: \.temperature) { $1 - $0 > CalibrationPlan.temperatureTolerance } }
    default: return Array(alike.values)
    }
  }

  /// Sorts by a value and cuts where two neighbours are too far apart; files without the value come last, by themselves.
  private static func cut(
    _ files: [ScannedFile], at value: KeyPath<Observation, Double>, between apart: (Double, Double) -> Bool
  ) -> [[ScannedFile]] {
    let unknown = files.filter { $0.observation[keyPath: value].isNaN }
    let known = files.filter { !$0.observation[keyPath: value].isNaN }
      .sorted { $0.observation[keyPath: value] < $1.observation[keyPath: value] }
    var parts: [[ScannedFile]] = unknown.isEmpty ? [] : [unknown]
    var last: Double?
    for file in known {
      let next = file.observation[keyPath: value]
      if let before = last, !apart(before, next) {
        parts[parts.count - 1].append(file)
      } else {
        parts.append([file])
      }
      last = next
    }
    return parts
  }

  private static func group(_ kind: Observation.Kind, _ files: [ScannedFile]) -> CalibrationGroup {
    let sorted = files.sorted { $0.observation.file < $1.observation.file }
    let first = sorted[0].observation
    let temperatures = sorted.map(\.observation.temperature).filter { !$0.isNaN }
    // One that was set, not the mean of two.
    let exposures = sorted.map(\.observation.exposure).sorted()
    return CalibrationGroup(
      kind: kind, filter: kind == .flat ? first.filter : "",
      exposure: kind == .dark ? exposures[(exposures.count - 1) / 2] : 0, night: first.night,
      readout: ReadoutFormat(first), temperature: Median.of(temperatures), files: sorted)
  }

  private static func precedes(_ a: CalibrationGroup, _ b: CalibrationGroup) -> Bool {
    func text(_ group: CalibrationGroup) -> [String] {
      [group.readout.binning, group.readout.mode, group.readout.layout, group.filter]
    }
    let (sizeA, sizeB) = (a.readout.size, b.readout.size)
    if sizeA != sizeB { return (sizeA.width, sizeA.height) < (sizeB.width, sizeB.height) }
    if text(a) != text(b) { return text(a).lexicographicallyPrecedes(text(b)) }
    if a.exposure != b.exposure { return a.exposure < b.exposure }
    if a.night != b.night { return a.night < b.night }
    if a.temperature != b.temperature, !a.temperature.isNaN, !b.temperature.isNaN {
      return a.temperature < b.temperature
    }
    return a.files[0].observation.file < b.files[0].observation.file
  }

  /// `bias`, `dark_60s`, `flat_R`, and whatever tells groups of one such name apart: night and size where they differ,
  /// binning, readout mode and temperature only where these do not suffice, at last a number: filters `R/V` and `R V`
  /// share no file.
  private static func named(_ groups: [CalibrationGroup]) -> [CalibrationGroup] {
    var named = groups
    let parts: [(isAlways: Bool, text: (CalibrationGroup) -> String)] = [
      (true, { $0.night.isEmpty ? "undated" : $0.night }), (true, { $0.readout.size.description }),
      (false, { $0.readout.binning }), (false, { fileText($0.readout.mode) }),
      (false, { $0.temperature.isNaN ? "" : "\(Int($0.temperature.rounded()))C" }),
    ]
    var taken: Set<String> = []
    for (base, members) in Dictionary(grouping: groups.indices, by: { baseName(groups[$0]) }).sorted(by: {
      $0.key < $1.key
    }) {
      var names = Dictionary(uniqueKeysWithValues: members.map { ($0, base) })
      for part in parts where Set(members.map { part.text(groups[$0]) }).count > 1 {
        guard part.isAlways || Set(names.values).count < members.count else { continue }
        for member in members {
          let text = part.text(groups[member])
          if !text.isEmpty { names[member]? += "_" + text }
        }
      }
      for member in members {
        let plain = names[member] ?? base
        var name = plain
        var number = 2
        while !taken.insert(name).inserted {
          name = "\(plain)_\(number)"
          number += 1
        }
        named[member].fileName = name + ".fits"
      }
    }
    return named
  }

  private static func baseName(_ group: CalibrationGroup) -> String {
    switch group.kind {
    case .dark: "dark_\(Int(exactly: group.exposure).map(String.init) ?? "\(group.exposure)")s"
    case .flat: "flat_" + (group.filter.isEmpty ? "none" : fileText(group.filter))
    default: group.kind.rawValue
    }
  }

  /// Letters, digits, `.`, `-` and `+` of ASCII, `_` for all else.
  private static func fileText(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || ".-+".contains($0) ? $0 : "_" })
  }
}
