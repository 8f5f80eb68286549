import ElnathCore
import ElnathFITS

/// A raw frame whose pixels stay in its file.
struct FileFrame: RawPixels {
  let observation: Observation
  let reader: RowReader

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
    do throws(FITSError) {
      let pixels = try reader.pixels(
        columns: rectangle.x..<(rectangle.x + rectangle.width), rows: rectangle.y..<(rectangle.y + rectangle.height))
      return PixelGrid(width: rectangle.width, height: rectangle.height, pixels: pixels)
    } catch {
      throw StageError(.unreadable, error.message)
    }
  }
}
