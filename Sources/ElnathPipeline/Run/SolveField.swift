import ElnathCore
import ElnathFITS
import FoundationEssentials
import Subprocess

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// astrometry.net's program solve-field, where this machine has it.
struct SolveFieldProgram: Sendable {
  let executable: String
  /// Seconds beyond twice the limit that it is told, which counts the time of the search alone, before it is ended.
  var grace = 30.0

  /// Looks in these folders, by default those of PATH; nil where there is none.
  init?(folders: String = Self.pathOfEnvironment) {
    let found = folders.split(separator: ":").map { String($0) + "/solve-field" }.first {
      $0.hasPrefix("/") && access($0, X_OK) == 0
    }
    guard let found else { return nil }
    executable = found
  }

  static var pathOfEnvironment: String { getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin" }

  /// The coordinate system that it finds for an image; nil where it finds none. All its files lie in a folder of its own
  /// below `scratch`, which is removed. No shell is involved.
  func callAsFunction(
    _ image: PixelGrid<Float>, hint: FieldHint?, settings: SolveSettings, scratch: String
  ) async throws(PipelineError) -> SkyProjection? {
    let folder = scratch + "/.solve-field-\(getpid())"
    try OutputFolder.create(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do throws(FITSError) {
      let unit = FITSHDU(
        width: image.width, height: image.height, pixels: .float(image.pixels.map { $0.isNaN ? 0 : $0 }), cards: [])
      try FITSWriter.write([unit], to: folder + "/frame.fits")
    } catch {
      throw FileFault.writing(error, folder + "/frame.fits")
    }
    let limit = Int(settings.timeLimit.rounded(.up))
    var arguments = [
      "--no-plots", "--overwrite", "--dir", folder, "--cpulimit", "\(limit)", "--crpix-center", "--new-fits", "none",
      "--tweak-order", "\(max(settings.order, 1))", "--uniformize", "10",
    ]
    if let hint {
      arguments += [
        "--scale-units", "arcsecperpix", "--scale-low", "\(hint.scale.lowerBound)", "--scale-high",
        "\(hint.scale.upperBound)", "--ra", "\(hint.centre.rightAscension)", "--dec", "\(hint.centre.declination)",
        "--radius", "\(hint.radius + 1)",
      ]
    }
    // More than two thousand pixels a side hold more than enough stars when they are added up two by two.
    if max(image.width, image.height) > 2000 { arguments += ["--downsample", "2"] }
    arguments.append(folder + "/frame.fits")
    try await run(arguments, limit: 2 * settings.timeLimit + grace, in: folder)
    // Its exit status is 0 whether it has solved the field or not.
    guard FileManager.default.fileExists(atPath: folder + "/frame.solved") else { return nil }
    do throws(FITSError) {
      var reading = HeaderReading(try HeaderFile.read(folder + "/frame.wcs"))
      return reading.projection(trim: PixelRectangle(x: 0, y: 0, width: image.width, height: image.height))
    } catch {
      throw PipelineError(.internalFault, executable, "wrote a result that cannot be read: \(error.message)")
    }
  }

  private func run(_ arguments: [String], limit: Double, in folder: String) async throws(PipelineError) {
    let executable = executable
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          var environment: [Environment.Key: String] = ["LC_ALL": "C.UTF-8", "HOME": folder, "TMPDIR": folder]
          environment["PATH"] = ProjectFolder.split(executable).folder + ":/usr/bin:/bin"
          _ = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments), environment: .custom(environment),
            workingDirectory: FilePath(folder), output: .discarded, error: .discarded)
        }
        group.addTask {
          try await Task.sleep(for: .seconds(limit))
        }
        try await group.next()
        group.cancelAll()
      }
    } catch is CancellationError {
      throw PipelineError(.internalFault, executable, "was stopped")
    } catch {
      throw PipelineError(.internalFault, executable, "could not be run: \(error)", underlying: error)
    }
  }
}
