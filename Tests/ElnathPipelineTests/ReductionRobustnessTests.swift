// What must not reach a reduced frame: particles in calibration frames, damaged overscan columns.
import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

@Suite("reduction of damaged frames") struct ReductionRobustnessTests {
  /// A night of five bias frames; with `hits`, each of them has one particle of 8000 ADU at a place of its own.
  private func master(hits: Bool, settings: String = "") async throws -> PlainFITS {
    let simulation = SmallDetector.night(SmallDetector.camera(outputs: 1), lights: 1, seed: 8, stars: false)
    let folder = try TestFolder()
    let path = try await folder.write(simulation, settings: settings)
    if hits {
      for (number, file) in SimulatedFile.all(of: simulation).filter({ $0.kind == .bias }).enumerated() {
        try folder.change(file.path) { $0.set(Self.place(number).x, Self.place(number).y, $0[0, 0] + 8000) }
      }
    }
    return try await ReducedNight(project: path).master("bias")
  }

  private static func place(_ number: Int) -> (x: Int, y: Int) { (30 + 31 * number, 20 + 17 * number) }

  @Test("Five frames with one particle each give a clean master, which a plain clip at 3 sigma cannot")
  func particles() async throws {
    let clean = try await master(hits: false)
    let hit = try await master(hits: true)
    let plain = try await master(hits: true, settings: "[reduce]\ncombine = \"sigma\"\nreject_limit = 3.0\n")
    let (before, after, clipped) = (try clean.image, try hit.image, try plain.image)
    let variance = try clean.variance
    for number in 0..<5 {
      let (x, y) = Self.place(number)
      // One value of five is missing, and the place of the missing one: five standard errors of the mean of the others.
      #expect(abs(after[x, y] - before[x, y]) < 5 * variance[x, y].squareRoot())
      #expect(try hit.mask[x, y] == 0)
      #expect(clipped[x, y] - before[x, y] > 1000)
    }
    // Elsewhere nothing has changed, but for the rounding of sums in another order.
    let changed = before.values.indices.filter { abs(before.values[$0] - after.values[$0]) > 1e-5 }
    #expect(changed.count == 5, "\(changed.map { ($0 % 192, $0 / 192, after.values[$0] - before.values[$0]) })")
  }

  /// Reduces the night with the last three overscan columns of each output at zero, or as they are.
  private func night(outputs: Int, damaged: Bool, overscan: String? = nil) async throws -> ReducedNight {
    let simulation = SmallDetector.night(SmallDetector.camera(outputs: outputs), lights: 2, seed: 9)
    let folder = try TestFolder()
    let path = try await folder.write(simulation)
    if let overscan {
      let text = try FileBytes.text(of: path).replacing("[input]", with: "[input]\noverscan = \"\(overscan)\"")
      try AtomicFile.write(text, to: path)
    }
    for file in SimulatedFile.all(of: simulation) where damaged {
      try folder.change(file.path) { raw in
        for y in 0..<raw.height {
          for k in 1...3 {
            raw.set(raw.width - k, y, 0)
            if outputs == 4 { raw.set(k - 1, y, 0) }
          }
        }
      }
    }
    return try await ReducedNight(project: path)
  }

  @Test("The last columns of an overscan at zero change nothing", arguments: [1, 4])
  func damagedOverscan(outputs: Int) async throws {
    let sound = try await night(outputs: outputs, damaged: false)
    let damaged = try await night(outputs: outputs, damaged: true)
    for (one, other) in zip(sound.lights, damaged.lights) {
      let (before, after) = (try one.image, try other.image)
      let (mask, variance) = (try one.mask, try one.variance)
      let changes = before.values.indices.filter { mask.values[$0] == 0 }.map {
        abs(after.values[$0] - before.values[$0]) / variance.values[$0].squareRoot()
      }
      // Three of 48 columns no longer take part: the level moves by some 7/sqrt(48 x 80) x sqrt(3/45) = 0.03 electrons,
      // by some times that at the ends of a line; a pixel has a noise of 10.
      #expect(Median.of(changes) < 0.01, "\(Median.of(changes))")
      // Where a value stood at the limit of rejection in a master, it may change sides.
      #expect(changes.filter { $0 > 0.03 }.count < 10, "\(changes.filter { $0 > 0.03 })")
    }
  }

  @Test("Damaged columns are left out as if they were not stated")
  func damagedColumnsAreLeftOut() async throws {
    let found = try await night(outputs: 1, damaged: true)
    let stated = try await night(outputs: 1, damaged: true, overscan: "[193:237,1:160]")
    for (one, other) in zip(found.lights, stated.lights) {
      #expect(try one.image.values == other.image.values)
      #expect(try one.variance.values == other.variance.values)
    }
  }
}
