import ElnathCore
import Testing

@Suite("overscan: the zero level whatever is wrong with its columns")
struct OverscanTests {
  static let columns = 24
  static let lines = 200
  static let width = 60
  static let slope = 0.02
  /// ADU.
  static let noise = 3.0
  static let section = PixelRectangle(x: width, y: 0, width: columns, height: lines)
  static let area = PixelRectangle(x: 0, y: 0, width: width, height: lines)
  /// The mean of the columns that are left is good to 3 ADU / sqrt(16 x 200) = 0.05 ADU, a line through them to twice
  /// that at its ends; five times as much is allowed.
  static let tolerance = 0.5

  static func level(_ line: Int) -> Double { 1000 + slope * Double(line) }

  /// Whole ADU: an image of 400 ADU and the overscan beside it.
  static func raw(seed: UInt64) -> PixelGrid<Float> {
    var random = SeededGenerator(seed: seed)
    var adu = PixelGrid<Float>(width: width + columns, height: lines, repeating: 0)
    for y in 0..<lines {
      for x in 0..<(width + columns) {
        adu.set(x, y, Float((level(y) + (x < width ? 400 : 0) + noise * random.normal()).rounded()))
      }
    }
    return adu
  }

  enum Damage: CaseIterable {
    case zero, full, missing, light, faint

    /// `k`: 0 for the column next to the edge that is damaged.
    func value(_ good: Float, _ k: Int) -> Float {
      switch self {
      case .zero: 0
      case .full: 65535
      case .missing: .nan
      case .light: good + 300 / Float(1 << min(k, 20))
      case .faint: good + 4
      }
    }
  }

  @Test("damaged columns at either end change nothing", arguments: Damage.allCases, [1, 3, 8])
  func damagedColumns(_ damage: Damage, _ count: Int) throws {
    let good = Self.raw(seed: 3)
    let whole = try #require(Overscan()(good, section: Self.section, for: Self.area))
    #expect(whole.damaged == 0)
    for atEnd in [false, true] {
      var adu = good
      for k in 0..<count {
        let x = Self.width + (atEnd ? Self.columns - 1 - k : k)
        for y in 0..<Self.lines { adu.set(x, y, damage.value(adu[x, y], k)) }
      }
      for method in Overscan.Method.allCases {
        let level = try #require(Overscan(method: method)(adu, section: Self.section, for: Self.area))
        // Light that falls off by half from column to column is soon gone.
        let expected = damage == .light ? min(count, 7) : count
        #expect(level.damaged >= min(expected, count) && level.damaged <= count + 1)
        #expect(abs(level.middle - Self.level(Self.lines / 2)) < Self.tolerance)
        #expect(abs(level.sigma / Self.noise - 1) < (method == .median ? 0.2 : 0.08))
        guard method == .fit else { continue }
        for y in [0, 99, 199] {
          #expect(abs(Double(level.values[y]) - Self.level(y)) < Self.tolerance)
          #expect(abs(level.values[y] - whole.values[y]) < 0.25)
        }
        #expect(abs(level.drift - Self.slope * 199) < 2 * Self.tolerance)
      }
    }
  }

  @Test("light that trails behind one bright star moves neither its rows nor the drift")
  func trailingStar() throws {
    var adu = Self.raw(seed: 4)
    for y in 90..<100 { for x in 60..<70 { adu.set(x, y, adu[x, y] + 2000 / Float(x - 59)) } }
    let level = try #require(Overscan()(adu, section: Self.section, for: Self.area))
    for y in [0, 95, 199] { #expect(abs(Double(level.values[y]) - Self.level(y)) < Self.tolerance) }
  }

  @Test("charge that trails into every column draws the level by less than a median of all")
  func slowTrail() throws {
    var adu = Self.raw(seed: 10)
    var trail: Float = 17
    for x in 60..<84 {
      for y in 0..<200 { adu.set(x, y, adu[x, y] + trail) }
      // Half is left after four columns.
      trail *= 0.8409
    }
    let level = try #require(Overscan()(adu, section: Self.section, for: Self.area))
    // The densest half are the last 13 columns, within 2.2 ADU; so the last 17 count, where 1.8 ADU are left on the
    // average. The median of all columns has 2.3, the mean 4.4; the noise is 0.05.
    #expect(level.middle - Self.level(100) < 2)
  }

  @Test("a section shorter than the frame serves all of it")
  func shortSection() throws {
    let part = PixelRectangle(x: 62, y: 40, width: 20, height: 100)
    let level = try #require(Overscan()(Self.raw(seed: 5), section: part, for: Self.area))
    #expect(level.values.count == Self.lines)
    #expect(level.values[..<40].allSatisfy { $0 == level.values[40] })
    #expect(level.values[140...].allSatisfy { $0 == level.values[139] })
    #expect(abs(level.middle - Self.level(90)) < Self.tolerance)
    #expect(abs(level.drift - Self.slope * 99) < 2 * Self.tolerance)
  }

  @Test("a section beside a low frame still gives a level for each row")
  func lowFrame() throws {
    // 24 columns and 20 rows: its longer side runs across the readout.
    let section = PixelRectangle(x: 60, y: 0, width: 24, height: 20)
    let area = PixelRectangle(x: 0, y: 0, width: 60, height: 20)
    let adu = Self.raw(seed: 6).cropped(to: PixelRectangle(x: 0, y: 0, width: 84, height: 20))
    let level = try #require(Overscan()(adu, section: section, for: area))
    #expect(level.alongRows && level.values.count == 20)
    let above = try #require(
      Overscan()(
        adu, section: PixelRectangle(x: 0, y: 10, width: 12, height: 10),
        for: PixelRectangle(x: 0, y: 0, width: 60, height: 10)))
    #expect(!above.alongRows && above.values.count == 84)
  }

  @Test("a section in the corner gives one level")
  func corner() throws {
    let area = PixelRectangle(x: 0, y: 0, width: 60, height: 150)
    let corner = PixelRectangle(x: 60, y: 150, width: 24, height: 50)
    for method in Overscan.Method.allCases {
      let level = try #require(Overscan(order: 2, method: method)(Self.raw(seed: 7), section: corner, for: area))
      #expect(Set(level.values).count == 1)
      #expect(abs(level.middle - Self.level(175)) < 2 * Self.tolerance)
    }
  }

  @Test("medians of rows follow a jump that no line can")
  func jump() throws {
    var adu = Self.raw(seed: 8)
    for y in 120..<200 { for x in 0..<84 { adu.set(x, y, adu[x, y] + 40) } }
    let level = try #require(Overscan(method: .rows)(adu, section: Self.section, for: Self.area))
    // The median of 24 pixels is good to 1.25 x 3 / sqrt 24 = 0.77 ADU.
    var squares = 0.0
    for y in 0..<200 {
      let error = Double(level.values[y]) - Self.level(y) - (y < 120 ? 0 : 40)
      #expect(abs(error) < 4)
      squares += error * error
    }
    let ratio = squares / 200 / level.variance
    // Chi-square of 200: 10 per cent; the variance of a median of 24 whole numbers to 10 more.
    #expect(ratio > 0.7 && ratio < 1.3)
  }

  @Test("a drift of many times the noise is followed")
  func steepDrift() throws {
    var adu = Self.raw(seed: 9)
    for y in 0..<200 { for x in 0..<84 { adu.set(x, y, adu[x, y] + Float(y)) } }
    let level = try #require(Overscan()(adu, section: Self.section, for: Self.area))
    #expect(abs(level.drift - 199 * (1 + Self.slope)) < 2 * Self.tolerance)
    #expect(abs(level.sigma / Self.noise - 1) < 0.08)
  }

  @Test("a constant section, and one without values")
  func extremes() throws {
    var adu = PixelGrid<Float>(width: 84, height: 200, repeating: 500)
    let level = try #require(Overscan()(adu, section: Self.section))
    #expect(level.values.allSatisfy { $0 == 500 } && level.sigma == 0 && abs(level.drift) < 1e-9)
    adu = PixelGrid(width: 84, height: 200, repeating: .nan)
    for method in Overscan.Method.allCases { #expect(Overscan(method: method)(adu, section: Self.section) == nil) }
    #expect(Overscan()(adu, section: PixelRectangle(x: 80, y: 0, width: 5, height: 10)) == nil)
  }
}
