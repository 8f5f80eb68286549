#if canImport(Glibc)
  import Glibc
#endif

/// Keeps a second program out of a folder for products as long as this value lives. The system lets go of the lock of a
/// program that has ended, however it ended, and nothing is left in the folder.
final class OutputLock: Sendable {
  private let descriptor: Int32

  /// Throws where another program holds the folder. A file system without locks is used without one.
  init(folder: String) throws(PipelineError) {
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
    close(descriptor)
    throw PipelineError(
      .cannotCreate, folder, "another elnath is at work in this folder; wait for it, or choose another with -o DIR")
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }
}
