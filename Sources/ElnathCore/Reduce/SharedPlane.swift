/// A plane of pixels that several threads fill, each its own part, and that becomes an array without being copied: a
/// master's planes are so large that to copy them costs as much as to combine a frame.
final class SharedPlane<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// Valid until `take`: the elements of an array that nobody else has, and that is left alone, stay where they are.
  private(set) var pixels: UnsafeMutableBufferPointer<Element>
  private var storage: [Element]

  init(count: Int, repeating value: Element) {
    storage = Array(repeating: value, count: count)
    pixels = storage.withUnsafeMutableBufferPointer { $0 }
  }

  /// The filled plane, when nobody writes any more; to be called once.
  func take() -> [Element] {
    defer {
      storage = []
      pixels = UnsafeMutableBufferPointer(start: nil, count: 0)
    }
    return storage
  }
}
