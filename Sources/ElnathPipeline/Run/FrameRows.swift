import ElnathCore
import ElnathFITS

#if canImport(Glibc)
  import Glibc
#endif

/// Rows of a raw frame that was decoded once: from the frame itself in memory, as numbers or as its file stores them,
/// from its file where that holds the rows as they are, or from a copy on disk.
enum FrameRows: Sendable {
  case held(PixelGrid<Float>)
  case stored(StoredFrame)
  case file(RowReader)
  case copy(FrameCopy)

  /// - Parameters:
  ///   - held: true where all frames fit into memory together.
  ///   - folder: for the copy, where one is needed.
  init(_ raw: RawFrame, path: String, held: Bool, folder: String) throws(PipelineError) {
    if held {
      self = .held(raw.adu)
    } else if let reader = Self.reader(of: raw.adu, path: path) {
      self = .file(reader)
    } else {
      self = .copy(try FrameCopy(raw.adu, folder: folder))
    }
  }

  /// The same of a frame whose pixels may be in its file still.
  init(_ raw: some RawPixels, path: String, held: Bool, folder: String) throws {
    if let frame = raw as? StoredFrame {
      self = .stored(frame)
    } else if let frame = raw as? RawFrame {
      try self.init(frame, path: path, held: held, folder: folder)
    } else if let frame = raw as? FileFrame {
      self = .file(frame.reader)
    } else {
      let whole = PixelRectangle(x: 0, y: 0, width: raw.width, height: raw.height)
      let frame = RawFrame(observation: raw.observation, adu: try raw.pixels(of: whole))
      try self.init(frame, path: path, held: held, folder: folder)
    }
  }

  /// A reader that gives the rows of the grid: a frame that was put together from parts of its file has none.
  private static func reader(of grid: PixelGrid<Float>, path: String) -> RowReader? {
    guard let reader = try? RowReader(path: path), reader.width == grid.width, reader.height == grid.height else {
      return nil
    }
    var isSame = true
    for k in 0...16 {
      let y = (grid.height - 1) * k / 16
      let expected = grid.pixels[(y * grid.width)..<((y + 1) * grid.width)]
      let read: Void? = try? reader.read(rows: y..<(y + 1)) { _, values in
        isSame = isSame && zip(values, expected).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
      }
      guard isSame, read != nil else { return nil }
    }
    return reader
  }

  /// Hands out rows of the raw frame one after another.
  func read(
    rows: Range<Int>, _ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws(PipelineError) {
    switch self {
    case .held(let grid):
      grid.pixels.withUnsafeBufferPointer { pixels in
        for y in rows {
          body(y, UnsafeBufferPointer(rebasing: pixels[(y * grid.width)..<((y + 1) * grid.width)]))
        }
      }
    case .stored(let frame): frame.forEachRow(of: Array(rows), body)
    case .file(let reader):
      do throws(FITSError) {
        try reader.read(rows: rows, body)
      } catch {
        throw PipelineError(
          .inputOutput, reader.path, "can no longer be read (\(error.message)); run again when it can",
          underlying: error)
      }
    case .copy(let copy): try copy.read(rows: rows, body)
    }
  }
}

/// The pixels of a frame in a temporary file without a name, which goes with the value: as 16-bit integers where that
/// loses nothing.
final class FrameCopy: Sendable {
  private let descriptor: Int32
  private let folder: String
  private let width: Int
  private let isWhole: Bool

  init(_ grid: PixelGrid<Float>, folder: String) throws(PipelineError) {
    self.folder = folder
    width = grid.width
    isWhole = grid.pixels.allSatisfy { $0 >= 0 && $0 <= 65_535 && $0 == $0.rounded(.down) }
    var template = Array((folder + "/.elnath-XXXXXX.tmp").utf8CString)
    descriptor = mkstemps(&template, 4)
    guard descriptor >= 0 else { throw FileFault.writing(folder) }
    unlink(template)
    let failure =
      isWhole
      ? Self.write(grid.pixels.map { UInt16($0) }, to: descriptor) : Self.write(grid.pixels, to: descriptor)
    if failure != 0 {
      close(descriptor)
      throw FileFault.writing(folder, failure)
    }
  }

  deinit { close(descriptor) }

  /// The system's error number; 0 for none.
  private static func write<Value>(_ values: [Value], to descriptor: Int32) -> Int32 {
    values.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return count < 0 ? errno : EIO }
        written += count
      }
      return 0
    }
  }

  func read(
    rows: Range<Int>, _ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws(PipelineError) {
    let bytesPerRow = width * (isWhole ? 2 : 4)
    let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesPerRow, alignment: 16)
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: width)
    defer {
      stored.deallocate()
      values.deallocate()
    }
    for y in rows {
      var got = 0
      while got < bytesPerRow {
        let count = pread(descriptor, stored.baseAddress! + got, bytesPerRow - got, off_t(y * bytesPerRow + got))
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          throw PipelineError(.inputOutput, folder, "a temporary file there can no longer be read; check the disk")
        }
        got += count
      }
      if isWhole {
        let integers = stored.baseAddress!.assumingMemoryBound(to: UInt16.self)
        for x in 0..<width { values[x] = Float(integers[x]) }
      } else {
        values.baseAddress!.update(from: stored.baseAddress!.assumingMemoryBound(to: Float.self), count: width)
      }
      body(y, UnsafeBufferPointer(values))
    }
  }
}
