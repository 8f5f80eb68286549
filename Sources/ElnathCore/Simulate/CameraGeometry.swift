/// Where the parts of a camera's raw frame lie.
extension Camera {
  public var rawWidth: Int { prescanColumns + width + overscanColumns * (outputs.count > 1 ? 2 : 1) }
  public var rawHeight: Int { height + overscanRows }

  /// The part of the raw frame that sees the sky: one block, whatever the outputs.
  public var trim: PixelRectangle {
    PixelRectangle(x: outputs.count > 1 ? overscanColumns : prescanColumns, y: 0, width: width, height: height)
  }

  /// Nil without overscan columns, and with several outputs, which have one each.
  public var overscan: PixelRectangle? {
    guard outputs.count < 2, overscanColumns > 0 else { return nil }
    return PixelRectangle(x: prescanColumns + width, y: 0, width: overscanColumns, height: height)
  }

  /// The outputs with the parts of the frame that are read through them: one, two halves or four quadrants.
  public var amplifiers: [Amplifier] {
    let outputs = everyOutput
    precondition(
      [1, 2, 4].contains(outputs.count) && width % min(outputs.count, 2) == 0
        && height % max(outputs.count / 2, 1) == 0,
      "1, 2 or 4 outputs, which share the pixels evenly")
    precondition(
      outputs.count == 1 || (prescanColumns == 0 && overscanRows == 0),
      "prescan and overscan rows go with a single output")
    guard outputs.count > 1 else {
      return [
        Amplifier(
          name: outputs[0].name, area: PixelRectangle(x: 0, y: 0, width: width, height: height), overscan: overscan,
          gain: outputs[0].gain, readNoise: outputs[0].readNoise)
      ]
    }
    let (half, tall) = (width / 2, height / (outputs.count / 2))
    return outputs.enumerated().map { number, output in
      let (right, upper) = (number % 2 == 1, number / 2)
      let strip = PixelRectangle(
        x: right ? rawWidth - overscanColumns : 0, y: upper * tall, width: overscanColumns, height: tall)
      return Amplifier(
        name: output.name, area: PixelRectangle(x: right ? half : 0, y: upper * tall, width: half, height: tall),
        overscan: overscanColumns > 0 ? strip : nil, gain: output.gain, readNoise: output.readNoise)
    }
  }

  /// The rows of a column that are read through row `y`, itself included: those on the far side of the output.
  func rowsBehind(_ y: Int, column x: Int) -> Range<Int> {
    outputs.count == 4 && y >= height / 2 ? (height / 2)..<(y + 1) : y..<(outputs.count == 4 ? height / 2 : height)
  }
}

extension Camera {
  /// A block of raw columns that are read through one output and that all see the sky, or all do not.
  struct Piece {
    var output: Int
    /// Of the raw frame.
    var columns: Range<Int>
    /// Of the trimmed frame.
    var rows: Range<Int>
    var sees: Bool
    /// True where the first row is read first.
    var fromBelow: Bool
    /// Of overscan: the column of the trimmed frame that is read just before it, and whether it runs to the left.
    var lastSeen: Int?
    var toTheLeft = false

    /// How many columns of the same overscan are read before this one.
    func order(of x: Int) -> Int { toTheLeft ? columns.upperBound - 1 - x : x - columns.lowerBound }

    func isDamaged(_ x: Int, of camera: Camera) -> Bool {
      lastSeen != nil && order(of: x) >= columns.count - camera.damagedOverscanColumns
    }
  }

  /// The raw frame in pieces, from left to right, lower outputs first.
  var pieces: [Piece] {
    var pieces: [Piece] = []
    for (number, amplifier) in amplifiers.enumerated() {
      let area = amplifier.area
      let seen = (trim.x + area.x)..<(trim.x + area.x + area.width)
      let piece = Piece(
        output: number, columns: seen, rows: area.y..<(area.y + area.height), sees: true, fromBelow: area.y == 0)
      let right = area.x > 0 || outputs.count < 2
      var strip = piece
      strip.sees = false
      strip.lastSeen = outputs.count < 2 ? width - 1 : right ? area.x : area.width - 1
      strip.toTheLeft = !right
      strip.columns = right ? seen.upperBound..<rawWidth : 0..<seen.lowerBound
      let hasStrip = overscanColumns > 0
      if right {
        if prescanColumns > 0 {
          var first = strip
          first.lastSeen = nil
          first.columns = 0..<prescanColumns
          pieces.append(first)
        }
        pieces.append(piece)
        if hasStrip { pieces.append(strip) }
      } else {
        if hasStrip { pieces.append(strip) }
        pieces.append(piece)
      }
    }
    return pieces
  }
}
