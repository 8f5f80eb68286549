import ElnathCore
import Synchronization

/// The masters of a project as files, and which of them serve which light frame.
public final class MasterLibrary: Sendable {
  public let plan: CalibrationPlan
  public let assignment: CalibrationAssignment
  /// Of every group that serves, and of those that failed, in the order of the plan.
  public let records: [MasterRecord]
  /// What people should know, frames that were left out among it.
  public let remarks: CalibrationRemarks
  /// File names of the masters that were made just now; the others were up to date.
  public let made: Set<String>
  private let choices: [String: CalibrationAssignment.Choice]
  private let badPixels: [PixelSize: PixelGrid<PixelMask>]
  /// The user's masks of bad pixels.
  var userMasks: [PixelSize: PixelGrid<PixelMask>] { badPixels }
  private let shelf: MasterShelf
  private let marks = Mutex<[MarkedSet: PixelGrid<PixelMask>]>([:])

  /// The masters that mark pixels of a frame, by their numbers.
  private struct MarkedSet: Hashable {
    var size: PixelSize
    var bias: Int?
    var dark: Int?
    var flat: Int?
  }

  init(
    plan: CalibrationPlan, assignment: CalibrationAssignment, lights: [ScannedFile], records: [MasterRecord],
    remarks: CalibrationRemarks, made: Set<String>, badPixels: [PixelSize: PixelGrid<PixelMask>], shelf: MasterShelf
  ) {
    self.plan = plan
    self.assignment = assignment
    self.records = records
    self.remarks = remarks
    self.made = made
    self.badPixels = badPixels
    self.shelf = shelf
    choices = Dictionary(
      zip(lights, assignment.choices).compactMap { light, choice in choice.map { (light.observation.file, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The master of a record that has one, of bias or dark frames.
  func master(_ record: MasterRecord) throws(PipelineError) -> Master { try shelf.master(record.fileName) }

  /// The same of flats.
  func flat(_ record: MasterRecord) throws(PipelineError) -> FlatField { try shelf.flat(record.fileName) }

  /// The masters for a light frame of the project. Throws where their files can no longer be read.
  public func masters(for light: Observation) throws(StageError) -> Masters {
    var masters = Masters(badPixels: badPixels[ReadoutFormat(light).size])
    guard let choice = choices[light.file] else { return masters }
    do throws(PipelineError) {
      if let bias = choice.bias { masters.bias = try shelf.master(plan.groups[bias].fileName) }
      if let dark = choice.dark { masters.darks = [try shelf.master(plan.groups[dark].fileName)] }
      if let flat = choice.flat { masters.flats[light.filter] = try shelf.flat(plan.groups[flat].fileName) }
    } catch {
      throw StageError([], "its calibration cannot be read again: \(error)")
    }
    masters.darksContainBias = !choice.isZeroLevelKnown
    masters.marks = marks(of: masters, for: light, choice)
    return masters
  }

  /// Put together once for all frames that the same masters serve.
  private func marks(
    of masters: Masters, for light: Observation, _ choice: CalibrationAssignment.Choice
  ) -> PixelGrid<PixelMask>? {
    let hasDark = masters.dark(forExposure: light.exposure) != nil
    let set = MarkedSet(
      size: ReadoutFormat(light).size, bias: choice.bias, dark: hasDark ? choice.dark : nil, flat: choice.flat)
    return marks.withLock { marks in
      if let known = marks[set] { return known }
      // Nights follow one another: those of the last are not needed again.
      if marks.count >= 4 { marks.removeAll() }
      let new = masters.marks(of: light)
      marks[set] = new
      return new
    }
  }

  /// File names of the masters for a light frame of the project.
  func names(for light: Observation) -> [String] {
    guard let choice = choices[light.file] else { return [] }
    return [choice.bias, choice.dark, choice.flat].compactMap { $0.map { plan.groups[$0].fileName } }
  }
}
