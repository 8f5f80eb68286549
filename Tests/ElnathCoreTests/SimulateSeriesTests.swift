// Simulated series as a whole: their order, their times, what goes wrong in them.
import Testing

@testable import ElnathCore

@Suite struct SimulateSeriesTests {
  @Test("Frames have the same bytes in any order and in several tasks at once")
  func order() async {
    let simulation = SimulationPreset.quick.simulation(seed: 42)
    let forward = [0, 7, 12].map { simulation.light($0) }
    let again = SimulationPreset.quick.simulation(seed: 42)
    let backward = [12, 7, 0].map { again.light($0) }.reversed()
    #expect(forward == Array(backward))
    await withTaskGroup(of: (Int, PixelGrid<UInt16>).self) { group in
      for (i, index) in [0, 7, 12].enumerated() { group.addTask { (i, simulation.light(index)) } }
      for await (i, frame) in group { #expect(frame == forward[i]) }
    }
    #expect(simulation.bias(0) != simulation.bias(1))
    #expect(SimulationPreset.quick.simulation(seed: 43).light(0) != forward[0])
  }

  @Test("A night keeps its span; a longer series goes on the next night at the same sidereal time")
  func times() {
    let night = SimulationPreset.clear.simulation().night
    #expect(night.lights == 120 && night.lightsPerNight == 120 && night.cadence == 150)
    #expect(night.start(of: 0).calendar == (2020, 1, 19))
    #expect(night.start(of: 0).milliseconds == (2 * 60 + 20) * 60_000)
    #expect(abs(night.hours(of: 119) - (119 * 150 + 30) / 3600.0) < 1e-9)  // rounding
    let long = SimulationPreset.clear.simulation(lights: 500).night
    #expect(long.cadence == 75 && long.lightsPerNight == 240)
    let next = long.start(of: 240)
    #expect(next.calendar == (2020, 1, 20))
    #expect(abs(next.jdUTC - long.start(of: 0).jdUTC - 86_164.0905 / 86_400) < 1e-8)  // milliseconds
    let simulation = SimulationPreset.clear.simulation(lights: 500)
    #expect((0..<500).allSatisfy { simulation.conditions($0).airmass < 1.6 })
  }

  @Test("Seconds past midnight belong to the next day")
  func instants() {
    let late = Night.Instant(day: 2_458_867.5, seconds: 86_399.9997)
    #expect(late.day == 2_458_868.5 && late.milliseconds == 0)
    #expect(Night.Instant(day: 2_458_867.5, seconds: -1).milliseconds == 86_399_000)
    #expect(Night.Instant(day: 2_458_867.5, seconds: -1).day == 2_458_866.5)
  }

  @Test("The targets of every preset stay on the frame, with room for their sky", arguments: SimulationPreset.allCases)
  func targetsStay(preset: SimulationPreset) {
    let simulation = preset.simulation()
    let names = preset == .quick || preset == .line ? ["HH 30", "LkHa 358"] : ["HH 30", "LkHa 358", "MHO 4"]
    for index in 0..<simulation.night.lights {
      for star in simulation.stars(in: index) where names.contains(simulation.sky.stars[star.star].name) {
        // The annulus of a star of FWHM 3 px ends at 20 to 25 px.
        #expect(star.place.x > 25 && star.place.x < Double(simulation.camera.width) - 26)
        #expect(star.place.y > 25 && star.place.y < Double(simulation.camera.height) - 26)
      }
    }
  }

  @Test("The field drifts by tens of pixels and turns")
  func drift() {
    let simulation = SimulationPreset.demo.simulation()
    let centre = PixelPoint(x: 511.5, y: 511.5)
    let first = simulation.conditions(0).transform
    let last = simulation.conditions(119).transform
    #expect(first(centre).distance(to: last(centre)) > 30)
    #expect(abs(first.scale - 1) < 1e-12)  // a rotation keeps lengths
    let turned = (last.b - first.b) * 180 / .pi
    #expect(abs(turned - 0.12) < 1e-6)  // sine against angle
  }

  @Test("Every mishap says what is to be expected of the frame and why")
  func mishaps() {
    let simulation = SimulationPreset.demo.simulation()
    var seen: [Mishap.Expected: Int] = [:]
    for index in 0..<simulation.night.lights {
      let conditions = simulation.conditions(index)
      seen[conditions.expected, default: 0] += 1
      guard let mishap = conditions.mishap else {
        #expect(conditions.expected == .used)
        continue
      }
      #expect(!mishap.reason.isEmpty)
      #expect(mishap.causes.isEmpty == (mishap.expected == .used))
      if case .cloud(let magnitudes) = mishap, magnitudes < 0.3 { #expect(conditions.expected == .used) }
    }
    #expect(seen[.rejected, default: 0] >= 2 && seen[.flagged, default: 0] >= 3)
    #expect(seen[.used, default: 0] >= 110)
    #expect(SimulationPreset.clear.simulation().night.mishaps.isEmpty)
  }

  @Test("A closed sky has no stars, a trail doubles the length of images but not their light")
  func badFrames() throws {
    let simulation = SimulationPreset.quick.simulation(seed: 6)
    func index(_ matches: (Mishap) -> Bool) throws -> Int {
      try #require(simulation.night.mishaps.first { matches($0.value) }?.key)
    }
    let dark = simulation.expectedLight(try index { $0 == .noLight })
    let row = dark.cropped(to: PixelRectangle(x: 0, y: 0, width: dark.width, height: 1)).pixels
    for y in [10, 200, 500] {
      #expect(dark.cropped(to: PixelRectangle(x: 0, y: y, width: dark.width, height: 1)).pixels == row)
    }
    let trailed = try index { if case .trailed = $0 { true } else { false } }
    let star = try #require(
      simulation.stars(in: trailed).filter {
        $0.place.x > 40 && $0.place.y > 40 && $0.place.x < 470 && $0.place.y < 470
      }.max { $0.flux < $1.flux })
    let image = simulation.expectedLight(trailed)
    let sky = simulation.conditions(trailed).sky
    let (x0, y0) = (Int(star.place.x.rounded()), Int(star.place.y.rounded()))
    var (sum, xx, yy) = (0.0, 0.0, 0.0)
    for y in y0 - 12...y0 + 12 {
      for x in x0 - 12...x0 + 12 {
        let value = Double(image[x, y]) - sky
        sum += value
        xx += value * (Double(x) - star.place.x) * (Double(x) - star.place.x)
        yy += value * (Double(y) - star.place.y) * (Double(y) - star.place.y)
      }
    }
    // A line of 14 px has a second moment of 14^2/12 = 16 px^2 along itself, more than twice that of the seeing.
    #expect(xx / sum > 1.5 * yy / sum)
    // The brightest star of the field outshines its neighbours; the box loses some wings.
    #expect(abs(sum / (star.flux * star.scintillation) - 1) < 0.03)
  }
}
