import ElnathCore
import ElnathFITS
import Synchronization

/// A raw frame whose pixels stay in its file.
struct FileFrame: RawPixels {
  let observation: Observation
  let reader: RowReader
  private let known = KnownPixels()

  init(observation: Observation, reader: RowReader) {
    (self.observation, self.reader) = (observation, reader)
  }

  /// The rectangles that were asked for: the overscan is wanted for its level and for its noise, some for several outputs,
  /// and its rows are thousands of small pieces of the file.
  private final class KnownPixels: Sendable {
    private let pieces = Mutex<[(area: PixelRectangle, grid: PixelGrid<Float>)]>([])

    func add(_ grid: PixelGrid<Float>, of area: PixelRectangle) { pieces.withLock { $0.append((area, grid)) } }

    func pixels(of area: PixelRectangle) -> PixelGrid<Float>? {
      for piece in pieces.withLock({ $0 }) where piece.area.intersection(area) == area {
        let (x, y) = (area.x - piece.area.x, area.y - piece.area.y)
        return piece.grid.cropped(to: PixelRectangle(x: x, y: y, width: area.width, height: area.height))
      }
      return nil
    }
  }

  var width: Int { reader.width }
  var height: Int { reader.height }

  func forEachRow(
    of rows: [Int], _ body: (_ y: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws(StageError) {
    do throws(FITSError) {
      try reader.read(rows: rows, body)
    } catch {
      throw StageError(.unreadable, error.message)
    }
  }

  func pixels(of rectangle: PixelRectangle) throws(StageError) -> PixelGrid<Float> {
    if let known = known.pixels(of: rectangle) { return known }
    do throws(FITSError) {
      let pixels = try reader.pixels(
        columns: rectangle.x..<(rectangle.x + rectangle.width), rows: rectangle.y..<(rectangle.y + rectangle.height))
      let grid = PixelGrid(width: rectangle.width, height: rectangle.height, pixels: pixels)
      known.add(grid, of: rectangle)
      return grid
    } catch {
      throw StageError(.unreadable, error.message)
    }
  }
}
