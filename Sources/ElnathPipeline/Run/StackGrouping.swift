import ElnathCore

/// Which frames of one filter go into one stack.
public enum StackGrouping: Codable, Sendable, Equatable {
  /// Consecutive frames of one filter without a gap, from the end of an exposure to the start of the next, beyond 20
  /// minutes or five exposures, whichever is longer.
  case cycle
  /// From noon to noon at the site.
  case night
  /// All of them.
  case run
  /// So many at a time.
  case count(Int)

  /// `cycle`, `night`, `run` or a number of frames from 2 on; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "cycle": self = .cycle
    case "night": self = .night
    case "run": self = .run
    default:
      guard let count = Int(text), count >= 2 else { return nil }
      self = .count(count)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = (try? container.decode(Int.self)).map { String($0) } ?? (try? container.decode(String.self)) ?? ""
    guard let grouping = StackGrouping(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected cycle, night, run or a number of frames from 2 on")
    }
    self = grouping
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .cycle: try container.encode("cycle")
    case .night: try container.encode("night")
    case .run: try container.encode("run")
    case .count(let count): try container.encode(count)
    }
  }

  /// Members of each group in the order of the series, with what tells it from the others of its filter; `rows` are
  /// those of one series, of any filters.
  func groups(_ rows: [FrameSummary]) -> [(filter: String, name: String, rows: [FrameSummary])] {
    let filters = Set(rows.map(\.filter)).sorted()
    switch self {
    case .run: return filters.map { filter in (filter, "", rows.filter { $0.filter == filter }) }
    case .night:
      return filters.flatMap { filter in
        let own = rows.filter { $0.filter == filter }
        return Set(own.map(\.night)).sorted().map { night in (filter, night, own.filter { $0.night == night }) }
      }
    case .count(let count):
      return filters.flatMap { filter in
        let own = rows.filter { $0.filter == filter }
        return stride(from: 0, to: own.count, by: count).map { first in
          (filter, Self.number(first / count), Array(own[first..<min(first + count, own.count)]))
        }
      }
    case .cycle:
      var cycles: [[FrameSummary]] = []
      // A frame without a time, an unreadable one, belongs to no cycle and ends none.
      for row in rows where row.jdUTC.isFinite {
        if let last = cycles.last?.last, last.filter == row.filter, Self.follows(row, last) {
          cycles[cycles.count - 1].append(row)
        } else {
          cycles.append([row])
        }
      }
      return filters.flatMap { filter in
        cycles.filter { $0[0].filter == filter }.enumerated().map { (filter, Self.number($0), $1) }
      }
    }
  }

  private static func follows(_ row: FrameSummary, _ last: FrameSummary) -> Bool {
    func seconds(_ row: FrameSummary) -> Double { row.exposure.isFinite ? row.exposure : 0 }
    let gap = (row.jdUTC - last.jdUTC) * 86_400 - (seconds(row) + seconds(last)) / 2
    return gap <= max(1200, 5 * max(seconds(last), seconds(row)))
  }

  private static func number(_ index: Int) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }
}
