/// Finds room for names beside their marks, so that none covers another name, a mark or the border.
///
/// All in parts of the width of the picture, y upwards.
struct LabelPlacement {
  enum Alignment: Int {
    case left = 1
    case right, centre
  }

  struct Label {
    var x: Double
    var y: Double
    var alignment: Alignment
  }

  private struct Box {
    var left, right, bottom, top: Double

    func overlap(_ other: Box) -> Double {
      let width = min(right, other.right) - max(left, other.left)
      let height = min(top, other.top) - max(bottom, other.bottom)
      return width > 0 && height > 0 ? width * height : 0
    }
  }

  /// Of a letter of the usual font.
  private let letterWidth = 0.015
  private let lineHeight = 0.026
  private let height: Double
  private let marks: [Box]
  private var placed: [Box] = []

  /// - Parameters:
  ///   - height: of the picture, which is 1 wide.
  ///   - marks: circles that names must keep off.
  init(height: Double, marks: [(x: Double, y: Double, radius: Double)]) {
    self.height = height
    self.marks = marks.map {
      Box(left: $0.x - $0.radius, right: $0.x + $0.radius, bottom: $0.y - $0.radius, top: $0.y + $0.radius)
    }
  }

  /// The first place around mark number `own` that is free, else the one that covers least.
  mutating func place(_ text: String, at own: Int) -> Label {
    let mark = marks[own]
    let (x, y) = ((mark.left + mark.right) / 2, (mark.bottom + mark.top) / 2)
    let (gap, width) = (0.006, letterWidth * Double(text.count))
    let reach = (mark.right - mark.left) / 2 + gap
    let slant = reach * 0.75
    let up = reach + lineHeight / 2
    let candidates: [Label] = [
      Label(x: x + reach, y: y, alignment: .left), Label(x: x - reach, y: y, alignment: .right),
      Label(x: x, y: y + up, alignment: .centre), Label(x: x, y: y - up, alignment: .centre),
      Label(x: x + slant, y: y + slant + gap, alignment: .left),
      Label(x: x - slant, y: y + slant + gap, alignment: .right),
      Label(x: x + slant, y: y - slant - gap, alignment: .left),
      Label(x: x - slant, y: y - slant - gap, alignment: .right),
    ]
    func box(_ label: Label) -> Box {
      let left =
        switch label.alignment {
        case .left: label.x
        case .right: label.x - width
        case .centre: label.x - width / 2
        }
      return Box(left: left, right: left + width, bottom: label.y - lineHeight / 2, top: label.y + lineHeight / 2)
    }
    func cost(_ label: Label) -> Double {
      let own = box(label)
      let inside = own.overlap(Box(left: 0.005, right: 0.995, bottom: 0.005, top: height - 0.005))
      let lost = (own.right - own.left) * (own.top - own.bottom) - inside
      return 10 * lost + placed.reduce(0) { $0 + 3 * own.overlap($1) } + marks.reduce(0) { $0 + own.overlap($1) }
    }
    let costs = candidates.map(cost)
    let best = costs.indices.min { (costs[$0], $0) < (costs[$1], $1) } ?? 0
    placed.append(box(candidates[best]))
    return candidates[best]
  }
}
