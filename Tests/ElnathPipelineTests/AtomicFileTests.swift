import ElnathTestSupport
import FoundationEssentials
import Testing

@testable import ElnathPipeline

#if canImport(Glibc)
  import Glibc
#endif

/// A folder of its own for each test, gone afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = try TemporaryFolder()
  try body(folder.path)
}

private func failure(_ body: () throws(PipelineError) -> Void) -> PipelineError? {
  do throws(PipelineError) {
    try body()
    return nil
  } catch { return error }
}

@Suite struct AtomicFileTests {
  @Test func filesAreWrittenAndReplacedWhole() throws {
    try withFolder { folder in
      let path = folder + "/a table.csv"
      try AtomicFile.write("first", to: path)
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
      try AtomicFile.write(bytes, to: path)
      #expect(try FileBytes.read(path) == bytes)
      try AtomicFile.write([], to: path)
      #expect(try FileBytes.read(path).isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a table.csv"])
    }
  }

  @Test func filesAreReadableToOthersAsTheUserWants() throws {
    try withFolder { folder in
      try AtomicFile.write("x", to: folder + "/a")
      var status = stat()
      #expect(stat(folder + "/a", &status) == 0)
      let mask = umask(0o077)
      umask(mask)
      #expect(status.st_mode & 0o777 == 0o666 & ~mask)
    }
  }

  @Test func aFailureLeavesTheOldFileAndNothingElse() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/taken", withIntermediateDirectories: false)
      let taken = failure { () throws(PipelineError) in try AtomicFile.write("x", to: folder + "/taken") }
      #expect(taken?.code == .cannotCreate)
      #expect(taken?.description == "\(folder)/taken: cannot be written: is a directory")
      let missing = failure { () throws(PipelineError) in try AtomicFile.write("x", to: folder + "/no/file") }
      #expect(missing?.code == .cannotCreate)
      #expect(missing?.description == "\(folder)/no/file: cannot be written: no such file or folder")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
  func aFolderWithoutPermissionIsNamed() throws {
    try withFolder { folder in
      chmod(folder, 0o500)
      #expect(failure { () throws(PipelineError) in try AtomicFile.write("x", to: folder + "/a") }?.code == .permission)
      chmod(folder, 0o700)
    }
  }

  /// In a process of its own, whose files may not grow beyond 1000 bytes.
  @Test func aFullDiskIsAnErrorAndTheOldFileStays() async {
    await #expect(processExitsWith: .success) {
      try withFolder { folder in
        let path = folder + "/a"
        try AtomicFile.write("old", to: path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let error = failure { () throws(PipelineError) in
          try AtomicFile.write([UInt8](repeating: 0, count: 5000), to: path)
        }
        #expect(error?.code == .inputOutput)
        #expect(try FileBytes.read(path) == Array("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
      }
    }
  }

  @Test func leftoversOfAKilledProgramAreRemoved() throws {
    try withFolder { folder in
      for name in [".elnath-ab12cd.tmp", "a.tmp", ".elnath-x"] { try AtomicFile.write("x", to: folder + "/" + name) }
      AtomicFile.removeLeftovers(in: folder)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [".elnath-x", "a.tmp"])
    }
  }

  @Test func whatIsNoRegularFileIsRefusedAtOnce() throws {
    try withFolder { folder in
      mkfifo(folder + "/pipe", 0o600)
      for (name, message) in [("pipe", "not a regular file"), ("", "is a folder; name a file in it")] {
        let error = failure { () throws(PipelineError) in _ = try FileBytes.read(folder + "/" + name) }
        #expect(error?.code == .badData)
        #expect(error?.message == message)
      }
      #expect(failure { () throws(PipelineError) in _ = try FileBytes.read(folder + "/none") }?.code == .noInput)
      try AtomicFile.write([0x61, 0xE9], to: folder + "/latin1")
      let text = failure { () throws(PipelineError) in _ = try FileBytes.text(of: folder + "/latin1") }
      #expect(text?.message == "not UTF-8 text; save it with that encoding")
    }
  }
}
