import ElnathCore

extension Workspace {
  /// Judges every frame of a measured series.
  public func flag(_ table: PhotometryTable) throws -> PhotometryTable {
    let stage = try FlagStage(
      configuration.flag, rows: try userVerdictRows(), frames: table.frames, saturation: saturationElectrons())
    var judged = try stage(table)
    judged.frames = judged.frames.map(\.asWritten)
    tellVerdicts(judged.frames)
    return judged
  }

  /// The user's file of verdicts: columns frames, action and, if there is one, reason.
  private func userVerdictRows() throws(PipelineError) -> [UserVerdicts.Row] {
    guard let file = configuration.flag.verdicts else { return [] }
    let reader = try CSVReader(path: ProjectFolder(project.folder).absolute(file))
    let (frames, action) = (try reader.column("frames"), try reader.column("action"))
    let reason = reader.optionalColumn("reason")
    var rows: [UserVerdicts.Row] = []
    try reader.forEachRow { row throws(PipelineError) in
      var because = ""
      if let reason { because = try row.text(reason) }
      rows.append(UserVerdicts.Row(frames: try row.text(frames), action: try row.text(action), reason: because))
    }
    return rows
  }

  /// Electrons at which a pixel saturates, for each light; NaN where not known. Where the zero level is known only from
  /// the frames themselves it counts as part of them, which makes the limit on the sky a few per cent milder.
  private func saturationElectrons() -> [Double] {
    lights.map { light in
      guard let saturation = light.observation.saturation, let gain = light.observation.gain else { return .nan }
      return (saturation.value - (light.observation.pedestal?.value ?? 0)) * gain.value
    }
  }
}
