import ElnathCore
import ElnathFITS

extension Workspace {
  /// Which calibration frames serve which lights, as far as headers tell.
  public var calibrationPlan: CalibrationPlan {
    CalibrationPlan(scan.observations, settings: configuration.reduce)
  }

  /// The masters of this project, made or found up to date in `masters/`, with `masters.csv` and `calibration.csv`.
  ///
  /// Where no master can be made of a group, what it would have served takes the next best one.
  public func masters() async throws -> MasterLibrary {
    try checkDetector()
    let badPixels = try badPixels()
    let plan = calibrationPlan
    var workshop = try MasterWorkshop(self, plan: plan)
    var assignment = plan.assignment(for: lights)
    while let next = assignment.needed.first(where: { !workshop.isDone($0) }) {
      guard let preparation = assignment.preparations[next] else { break }
      try await workshop.make(next, preparation)
      if workshop.failed.contains(next) { assignment = plan.assignment(for: lights, without: workshop.failed) }
    }
    try workshop.finish()
    var remarks = CalibrationRemarks(plan, assignment, lights: lights, without: workshop.failed)
    let records = workshop.records.sorted { $0.key < $1.key }.map(\.value)
    remarks.warnings.insert(contentsOf: records.flatMap(\.remarks), at: 0)
    let library = MasterLibrary(
      plan: plan, assignment: assignment, lights: lights, records: records, remarks: remarks, made: workshop.made,
      badPixels: badPixels, shelf: workshop.shelf)
    try writeTable("masters.csv", MasterColumns.all, rows: records)
    try writeBadPixels(library)
    try writeTable("calibration.csv", CalibrationColumns.all, rows: CalibrationRow.rows(of: lights, library))
    for warning in remarks.warnings { log.warning("\(warning)") }
    for note in remarks.notes { log.info("\(note)") }
    return library
  }

  /// The user's masks of bad pixels, those of one size in one; whatever is not 0 is bad. A mask may have the size of the
  /// raw or of the trimmed frames.
  private func badPixels() throws(PipelineError) -> [PixelSize: PixelGrid<PixelMask>] {
    let sizes = lights.filter { $0.error == nil }.map(\.observation)
    guard let usual = sizes.first else { return [:] }
    var masks: [PixelSize: PixelGrid<PixelMask>] = [:]
    for path in scan.badPixelMaps {
      let image: FITSImage
      do {
        image = try FITSFile.readImage(path: path).image
      } catch {
        throw PipelineError(.badData, path, "cannot be used as a mask of bad pixels: \(error.message)")
      }
      let grid = PixelGrid(
        width: image.width, height: image.height, pixels: image.pixels.map { $0 == 0 ? PixelMask() : PixelMask.bad })
      let light = sizes.first { $0.width == grid.width && $0.height == grid.height }
      let mask = light.map { grid.cropped(to: $0.trim) } ?? grid
      let size = PixelSize(width: mask.width, height: mask.height)
      guard sizes.contains(where: { ReadoutFormat($0).size == size }) else {
        throw PipelineError(
          .badData, path,
          "has \(image.width)x\(image.height) px, the light frames \(usual.width)x\(usual.height) "
            + "(trimmed \(usual.trim.width)x\(usual.trim.height)); give a mask of one of these sizes")
      }
      masks[size] = masks[size].map { $0.union(mask) } ?? mask
    }
    return masks
  }
}

/// Makes masters one after another and writes them; what is up to date is left as it is.
private struct MasterWorkshop {
  let shelf: MasterShelf
  private(set) var records: [Int: MasterRecord] = [:]
  private(set) var failed: Set<Int> = []
  private(set) var made: Set<String> = []
  private let plan: CalibrationPlan
  private let builder: MasterBuilder
  private let old: MasterKeys
  private let oldRecords: [String: MasterRecord]
  private var new = MasterKeys()
  private var keys: [Int: String] = [:]

  init(_ workspace: Workspace, plan: CalibrationPlan) throws {
    self.plan = plan
    var builder = MasterBuilder(
      workspace.configuration.reduce, runner: workspace.runner, memory: min(workspace.masterMemory, 1 << 30),
      scratch: workspace.output)
    builder.ledger = workspace.inputLedger
    self.builder = builder
    let folder = workspace.output + "/masters"
    try OutputFolder.create(folder)
    shelf = MasterShelf(folder: folder, memory: workspace.masterMemory)
    old = MasterKeys(folder: folder)
    let saved = try? TableReader.masters(CSVReader(path: workspace.output + "/masters.csv"))
    oldRecords = Dictionary((saved ?? []).map { ($0.fileName, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func isDone(_ number: Int) -> Bool { keys[number] != nil }

  /// The masters that go in must be done.
  mutating func make(_ number: Int, _ preparation: CalibrationAssignment.Preparation) async throws {
    let group = plan.groups[number]
    let key = MasterKeys.key(of: group, settings: builder.settings, calibration: ingredients(preparation))
    keys[number] = key
    if let record = oldRecords[group.fileName], old.holds(group.fileName, key: key, in: shelf.folder) {
      records[number] = record
      new.entries[group.fileName] = old.entries[group.fileName]
      return
    }
    let (master, record) = try await builder(group, calibration: calibration(preparation))
    records[number] = record
    guard let master else {
      failed.insert(number)
      return
    }
    let path = shelf.folder + "/" + group.fileName
    try MasterFile.write(master, record, to: path)
    new.entries[group.fileName] = MasterKeys.Entry(key: key, hash: try ContentHash(path: path).text)
    made.insert(group.fileName)
    shelf.place(master, as: group.fileName, isFlat: group.kind == .flat)
  }

  private func ingredients(_ preparation: CalibrationAssignment.Preparation) -> [String] {
    let bias = preparation.bias.flatMap { keys[$0] } ?? ""
    let darks = preparation.darks.sorted { $0.key < $1.key }
    return ["\(preparation.isZeroLevelKnown) \(bias)"]
      + darks.map { "\($0.key) \($0.value.scale) \(keys[$0.value.group] ?? "")" }
  }

  private func calibration(
    _ preparation: CalibrationAssignment.Preparation
  ) throws(PipelineError) -> MasterBuilder.Calibration {
    var calibration = MasterBuilder.Calibration(isZeroLevelKnown: preparation.isZeroLevelKnown)
    if let bias = preparation.bias {
      calibration.bias = try shelf.master(plan.groups[bias].fileName)
      calibration.readNoise = records[bias]?.readNoise
    }
    for (exposure, dark) in preparation.darks {
      calibration.darks[exposure] = (try shelf.master(plan.groups[dark.group].fileName), dark.scale)
    }
    return calibration
  }

  /// Masters of other settings or frames go, unless somebody else put them there.
  func finish() throws(PipelineError) {
    for (name, entry) in old.entries where new.entries[name] == nil {
      let path = shelf.folder + "/" + name
      if (try? ContentHash(path: path).text) == entry.hash { AtomicFile.remove(path) }
    }
    try new.write(to: shelf.folder)
  }
}
