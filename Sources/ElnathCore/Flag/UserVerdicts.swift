/// What the user decided about frames by hand: it wins over every rule.
public struct UserVerdicts: Sendable, Equatable {
  /// What the user wants of a frame; his word wins over every rule.
  public enum Action: String, Sendable, CaseIterable {
    case exclude, include
  }

  /// The user's word on a frame, and his reason.
  public struct Verdict: Sendable, Equatable {
    public var action: Action
    public var reason: String

    public init(_ action: Action, reason: String = "") {
      self.action = action
      self.reason = reason
    }
  }

  /// One row of the user's file, as it was written.
  public struct Row: Sendable, Equatable {
    /// Numbers and ranges (`63,96,107-120`), or names of files.
    public var frames: String
    public var action: String
    public var reason: String

    public init(frames: String, action: String, reason: String = "") {
      self.frames = frames
      self.action = action
      self.reason = reason
    }
  }

  /// By number of the frame.
  public var byFrame: [Int: Verdict]

  public init(_ byFrame: [Int: Verdict] = [:]) { self.byFrame = byFrame }

  /// The verdicts of all rows, a later row winning over an earlier one, and what could not be understood: one sentence a
  /// fault, with the number of the row from 1.
  public static func resolve(_ rows: [Row], frames: [FrameSummary]) -> (verdicts: UserVerdicts, faults: [String]) {
    var verdicts = UserVerdicts()
    var faults: [String] = []
    let names = FrameNames(frames)
    for (index, row) in rows.enumerated() {
      guard let action = Action(rawValue: row.action.trimmedBlanks.lowercased()) else {
        faults.append("row \(index + 1): action \"\(row.action)\" is neither exclude nor include")
        continue
      }
      let verdict = Verdict(action, reason: row.reason.trimmedBlanks)
      for item in names.items(of: row.frames) {
        switch names.frames(matching: item) {
        case .success(let numbers): for number in numbers { verdicts.byFrame[number] = verdict }
        case .failure(let fault): faults.append("row \(index + 1): \(fault.sentence)")
        }
      }
    }
    return (verdicts, faults)
  }
}

/// Frames as people name them.
private struct FrameNames {
  struct Fault: Error {
    var sentence: String
  }

  private var numbers: Set<Int> = []
  private var paths: [String: Int] = [:]
  private var lastComponents: [String: [Int]] = [:]

  init(_ frames: [FrameSummary]) {
    for frame in frames {
      numbers.insert(frame.frame)
      paths[frame.file] = frame.frame
      lastComponents[Self.lastComponent(frame.file), default: []].append(frame.frame)
    }
  }

  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The text is one file name, commas and all, where such a file exists.
  func items(of text: String) -> [String] {
    let whole = text.trimmedBlanks
    if paths[whole] != nil || lastComponents[whole] != nil { return [whole] }
    let items = whole.split(separator: ",").map { String($0).trimmedBlanks }.filter { !$0.isEmpty }
    return items.isEmpty ? [""] : items
  }

  func frames(matching item: String) -> Result<[Int], Fault> {
    if item.isEmpty { return .failure(Fault(sentence: "no frame is named")) }
    if let number = paths[item] { return .success([number]) }
    if let found = lastComponents[item] {
      return found.count == 1
        ? .success(found) : .failure(Fault(sentence: "\(found.count) frames are called \"\(item)\"; give the path"))
    }
    let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Int(String($0).trimmedBlanks) }
    guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1] else {
      return .failure(Fault(sentence: "no frame \"\(item)\""))
    }
    guard first <= last, numbers.contains(first), numbers.contains(last) else {
      return .failure(Fault(sentence: "no frames \(item): the series has \(numbers.count)"))
    }
    return .success((first...last).filter(numbers.contains))
  }
}

extension String {
  fileprivate var trimmedBlanks: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
