// Line emission from two bands: true within its errors, however the frames interleave.
import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("line excess")
struct LineExcessTests {
  static let ratio = 0.08
  static let widths = (line: 8.0, continuum: 120.0)
  static let losses = (
    line: (0..<60).map { 0.3 + 0.1 * cos(Double($0) / 7) }, continuum: (0..<60).map { 0.1 + 0.1 * sin(Double($0) / 5) }
  )
  /// Line over continuum through the mean sky of each band.
  static let throughSky: Double = {
    let difference = losses.line.reduce(0, +) / 60 - losses.continuum.reduce(0, +) / 60
    return ratio * pow(10, -0.4 * difference)
  }()

  /// A target with emission of some equivalent width (nm) in frames that take turns in groups of five.
  static func table(
    seed: UInt64, width: Double, target: Double = 3000, scatter: Double = 0, colours: Bool = false
  ) -> PhotometryTable {
    var random = SeededGenerator(seed: seed, part: 5)
    let q = widths.line / widths.continuum
    // The line's light per nm of continuum: in the narrow band all of it, in the broad one the same.
    var bands = ["R", "Ha"].map { _ in PhotometrySimulation(target: target, comparisons: 14, rates: 3000...20000) }
    for index in bands.indices {
      bands[index].frames = 60
      bands[index].radii = [6]
    }
    bands[0].filter = "R"
    bands[1].filter = "Ha"
    bands[0].losses = losses.continuum
    bands[1].losses = losses.line
    bands[1].exposure = 300
    for member in bands[1].members.indices {
      let colour = 0.3 + 0.05 * Double(member)
      if colours {
        bands[0].members[member].star.colour = colour
        bands[1].members[member].star.colour = colour
      }
      let own = (1 + scatter * random.normal()) * (colours ? 1 + 0.2 * (colour - 0.5) : 1)
      bands[1].members[member].rate *= ratio * (member == 0 ? (colours ? 1 + 0.2 * (0.3 - 0.5) : 1) : own)
    }
    let continuum = bands[0].members[0].rate
    let k = bands[1].members[0].rate / continuum
    bands[0].members[0].rate = continuum * (1 + width / widths.continuum)
    bands[1].members[0].rate = k * continuum * (1 + width / widths.line)
    precondition(abs(q - 1.0 / 15) < 1e-12)
    return interleave(bands[0](seed: 2 * seed), bands[1](seed: 2 * seed + 1))
  }

  /// Five frames of one filter, then five of the other, 1 and 5 minutes apart.
  static func interleave(_ a: PhotometryTable, _ b: PhotometryTable) -> PhotometryTable {
    var table = PhotometryTable(stars: a.stars, frames: [], measurements: [])
    var time = 2_459_000.6
    for block in 0..<(a.frames.count / 5) {
      for source in [a, b] {
        for index in (5 * block)..<(5 * block + 5) {
          var frame = source.frames[index]
          var measured = source.measurements[index]
          time += frame.exposure / 86_400
          frame.jdUTC = time
          frame.frame = table.frames.count + 1
          measured.frame = frame.frame
          table.frames.append(frame)
          table.measurements.append(measured)
        }
      }
    }
    return table
  }

  static func build(_ table: PhotometryTable, _ change: (inout LineExcess) -> Void = { _ in }) -> LightCurves {
    var builder = LightCurveBuilder()
    var excess = LineExcess(line: "Ha", continuum: "R")
    (excess.lineWidth, excess.continuumWidth) = (widths.line, widths.continuum)
    change(&excess)
    builder.excess = excess
    // The same aperture in both bands holds the same part of the light.
    builder.radius = 6
    return builder(table)
  }

  /// Pulls of sigma 1 +- 0.05 and mean 0 +- 0.05, with and without emission, bright and faint, by both pairings. The error
  /// of k is common to a run, so that many short runs are asked.
  @Test(arguments: [
    (0.0, 3000.0, LineExcess.Pairing.interpolate), (4, 3000, .interpolate), (4, 150, .interpolate), (4, 3000, .cycle),
  ])
  func pulls(width: Double, target: Double, pairing: LineExcess.Pairing) throws {
    var (excess, widths) = (Pulls(), Pulls())
    for seed in 1...120 {
      let result = Self.build(Self.table(seed: UInt64(seed), width: width, target: target)) { $0.pairing = pairing }
      let points = try #require(result.excesses["T"])
      // The truth in the scale of each run: what its own k and continuum make of the width.
      for point in points where point.reason.isEmpty {
        widths.add(point.equivalentWidth, truth: 10 * width, variance: pow(point.equivalentWidthError, 2))
        excess.add(point.excess, truth: 0, variance: pow(point.excessError, 2))
      }
    }
    // Points of a run share k, the zero of the scale and the interpolated continuum: some 20 independent ones a run.
    #expect(widths.count >= (pairing == .cycle ? 1400 : 6000))
    #expect(abs(widths.sigma - 1) < 0.05, "\(widths.sigma)")
    #expect(abs(widths.mean) < 0.1, "\(widths.mean)")
    if width == 0 {
      #expect(abs(excess.sigma - 1) < 0.05 && abs(excess.mean) < 0.1, "\(excess.sigma) \(excess.mean)")
    }
  }

  @Test("parent curves stay as they are, and every frame in the line has its row or its reason")
  func parents() throws {
    let table = Self.table(seed: 1, width: 2)
    let result = Self.build(table)
    var plain = LightCurveBuilder()
    plain.radius = 6
    let without = plain(table)
    #expect(result.curves[0].points.elementsEqual(without.curves[0].points) { $0.deltaMagnitude == $1.deltaMagnitude })
    let points = try #require(result.excesses["T"])
    #expect(points.count == 60)
    // The last five frames have no continuum after them.
    #expect(points.filter { !$0.reason.isEmpty }.count == 5 && points.last?.excess.isNaN == true)
    #expect(points.last?.reason == "no R frame on both sides in that night")
    #expect(points.allSatisfy { $0.line > 0 && abs($0.ratio / Self.throughSky - 1) < 0.01 })
    #expect(result.remarks.contains { $0.hasPrefix("Ha/R of ") && $0.contains("constant stars is 0.06") })
  }

  @Test("without widths there is an excess, but no equivalent width")
  func withoutWidths() throws {
    let result = Self.build(Self.table(seed: 1, width: 2)) { ($0.lineWidth, $0.continuumWidth) = (.nan, .nan) }
    let points = try #require(result.excesses["T"])
    #expect(points.allSatisfy { $0.equivalentWidth.isNaN && $0.equivalentWidthError.isNaN })
    #expect(points[0].excess > 5 * points[0].excessError)
    #expect(result.remarks.contains { $0.hasPrefix("the widths of Ha and R are not known") })
    let free = Self.build(Self.table(seed: 1, width: 2)) {
      $0.continuumWidth = .nan
      $0.continuumIsFree = true
    }
    #expect(free.excesses["T"]?.first?.equivalentWidth.isFinite == true)
  }

  @Test("gaps that are too long are not bridged; a missing filter is said")
  func gaps() throws {
    let short = Self.build(Self.table(seed: 1, width: 2)) { $0.longestGap = 10 }
    let points = try #require(short.excesses["T"])
    #expect(points.allSatisfy { !$0.reason.isEmpty })
    #expect(points[0].reason == "26 min between the R frames around it")
    let none = Self.build(Self.table(seed: 1, width: 2)) { $0.line = "SII" }
    #expect(none.excesses["T"]?.isEmpty == true)
    #expect(none.remarks.contains("no excess of T: it needs used points in SII and R"))
  }

  @Test("where stars have colours the ratio is a line in colour")
  func colours() throws {
    let coloured = Self.build(Self.table(seed: 3, width: 2, colours: true))
    let point = try #require(coloured.excesses["T"]?.first)
    // At the target's colour of 0.3 the ratio is 4 per cent less than at 0.5.
    #expect(abs(point.ratio / (Self.throughSky * 0.96) - 1) < 5 * point.ratioError / point.ratio)
    #expect(point.ratioError < 0.004 * point.ratio)
    #expect(coloured.remarks.contains { $0.contains(", by their colours") })
  }

  @Test("the weighted median of few stars, and its error")
  func ratios() throws {
    func point(_ value: Double, _ variance: Double = 1e-8) -> ColourLine.Point {
      ColourLine.Point(colour: .nan, value: value, variance: variance)
    }
    let one = try #require(LineRatio([point(0.1)], colour: .nan))
    #expect(one.value == 0.1 && abs(one.error - 1e-4) < 1e-12 && one.scatter == 0)
    let five = try #require(LineRatio([0.08, 0.1, 0.12, 0.09, 0.11].map { point($0) }, colour: .nan))
    // MAD 0.01.
    #expect(five.value == 0.1 && abs(five.scatter - 0.0148) < 0.001 && abs(five.error - 0.0093) < 0.001)
    #expect(LineRatio([], colour: .nan) == nil)
  }
}
