#if canImport(Glibc)
  import Glibc
#endif

/// Asks for large pages under a fresh image: most of the time of reading an uncompressed one is the kernel's, which hands
/// out memory page by page. Without effect where the system does not have them.
func adviseLargePages(_ pixels: UnsafeMutableBufferPointer<Float>) {
  #if canImport(Glibc)
    let page = 1 << 21
    guard let base = pixels.baseAddress else { return }
    let start = (UInt(bitPattern: base) + UInt(page - 1)) / UInt(page) * UInt(page)
    let end = UInt(bitPattern: base + pixels.count) / UInt(page) * UInt(page)
    guard start < end, let address = UnsafeMutableRawPointer(bitPattern: start) else { return }
    madvise(address, Int(end - start), MADV_HUGEPAGE)
  #endif
}
