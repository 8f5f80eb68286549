import ElnathCore
import ElnathFITS

/// What headers, profile and project each say of a number of the camera, before it is decided who is believed.
struct StatedCamera: Sendable, Equatable {
  struct Value: Sendable, Equatable {
    var header: Double?
    var profile: Double?
    var project: Double?
  }

  var gain = Value()
  var readNoise = Value()

  /// - Parameters:
  ///   - light: of which the header is read again, for itself alone.
  ///   - folder: of the project.
  init(_ camera: CameraProfile, project: InputSettings, light: ScannedFile, folder: ProjectFolder) {
    gain = Value(profile: camera.gain.value, project: project.gain)
    readNoise = Value(profile: camera.readNoise.value, project: project.readNoise)
    var silentProfile = camera
    silentProfile.gain.value = nil
    silentProfile.readNoise.value = nil
    var silentProject = project
    silentProject.gain = nil
    silentProject.readNoise = nil
    let seen = ReadHeader(light.path, folder: folder)
      .decoded(by: HeaderDecoder(profile: silentProfile, project: silentProject), listed: .light).observation
    if case .header = seen.gain?.origin { gain.header = seen.gain?.value }
    if case .header = seen.readNoise?.origin { readNoise.header = seen.readNoise?.value }
  }
}
