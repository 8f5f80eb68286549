import ElnathCore
import ElnathFITS
import Synchronization

/// What a look at all pixels of the light frames told, kept for a later step of the same run, which then reads no more than
/// it needs. Nothing depends on it but time.
final class LightLooks: Sendable {
  private struct Entry: Sendable {
    let camera: Camera
    let stamp: FileStamp?
    let look: FrameLook
  }

  /// What a look depends on beside the pixels.
  private struct Camera: Sendable, Equatable {
    let trim: PixelRectangle
    let outputs: [Amplifier]
    let detector: BiasDarkFlat.Detector?

    init(_ observation: Observation) {
      trim = observation.trim
      outputs = observation.outputs
      detector = BiasDarkFlat.Detector(observation)
    }
  }

  private let entries = Mutex<[String: Entry]>([:])

  /// Keeps what is seen in a frame as it is prepared.
  func keeping(
    _ light: ScannedFile, _ prepare: () throws(StageError) -> FrameReduction
  ) throws(StageError) -> FrameReduction {
    let stamp = FileStamp(path: light.path)
    let frame = try prepare()
    if let look = frame.look {
      entries.withLock { $0[light.path] = Entry(camera: Camera(light.observation), stamp: stamp, look: look) }
    }
    return frame
  }

  /// Nil for a file that was not looked at, or is another one since.
  func look(of light: ScannedFile) -> FrameLook? {
    guard let entry = entries.withLock({ $0[light.path] }), let stamp = entry.stamp,
      entry.camera == Camera(light.observation), FileStamp(path: light.path) == stamp
    else { return nil }
    return entry.look
  }
}

extension ReduceStage {
  /// One light frame as its file stores it where that holds plain integers, else as `prepared` has it.
  ///
  /// - Parameter look: what an earlier look at the frame told; without one the pixels are compared with their checksum.
  func stored(_ light: ScannedFile, look: FrameLook?) throws(StageError) -> FrameReduction {
    let observation = light.observation
    guard observation.reduction == nil,
      let frame = PixelReader.stored(observation, path: light.path, isChecked: look != nil, ledger)
    else { return try prepared(light) }
    return try prepared(frame, look: look)
  }
}

extension PixelReader {
  /// The whole frame in memory, as its file stores it where that holds plain integers.
  static func held(
    _ observation: Observation, path: String, _ ledger: InputLedger
  ) throws(StageError) -> any RawPixels {
    if let frame = stored(observation, path: path, isChecked: false, ledger) { return frame }
    return try read(observation, path: path)
  }

  /// Nil for a file that does not hold the frame as an uncompressed image of whole ADU or cannot be read, which is for who
  /// reads it otherwise to explain.
  static func stored(
    _ observation: Observation, path: String, isChecked: Bool, _ ledger: InputLedger
  ) -> StoredFrame? {
    guard observation.pieces.isEmpty, let reader = try? RowReader(path: path), let zero = reader.integerZero,
      // As the pixels of the whole image are converted.
      zero == zero.rounded(), abs(zero) < 4_194_304,
      reader.width == observation.width, reader.height == observation.height
    else { return nil }
    func frame(_ integers: [Int16], _ peaks: PixelPeaks?) -> StoredFrame {
      StoredFrame(
        observation: observation, width: reader.width, height: reader.height, integers: integers, zero: Float(zero),
        peaks: peaks)
    }
    if isChecked { return (try? reader.integers()).map { frame($0, nil) } }
    return (try? ledger.checkedIntegers(of: reader)).map {
      frame($0.stored, PixelPeaks(run: FITSImage.run, highest: $0.highest))
    }
  }
}
