#if canImport(Glibc)
  import CMalloc
#endif

/// How the process handles memory that it no longer needs.
public enum FreedMemory {
  /// Keeps freed memory for the next frame instead of giving it back to the system: a frame's planes are allocated anew
  /// for every frame, and having the system clear their pages each time costs as much as the reduction itself. To be
  /// called once, on the main thread and before any other starts: a thread that has memory of its own already keeps to it,
  /// and large planes are then handed back all the same.
  public static func keep() {
    #if canImport(Glibc)
      // One arena without separate mappings is what lets planes of any size be used again.
      mallopt(M_ARENA_MAX, 1)
      mallopt(M_MMAP_MAX, 0)
      mallopt(M_TRIM_THRESHOLD, Int32.max)
    #endif
  }
}
