import ElnathCore
import Synchronization

/// Masters that are in use, read again from their files where they are not in memory: however many nights a run has, it
/// holds about as many masters as its frames need at a time. Any number of frames may ask at once.
final class MasterShelf: Sendable {
  /// Folder of the files.
  let folder: String
  /// Bytes that may be held beyond what is being asked for.
  let memory: Int
  private let state = Mutex(State())

  init(folder: String, memory: Int) {
    self.folder = folder
    self.memory = memory
  }

  private struct State: Sendable {
    /// Those asked for last at the end.
    var masters: [(name: String, master: Master)] = []
    var flats: [(name: String, flat: FlatField)] = []

    var bytes: Int {
      masters.reduce(0) { $0 + 9 * $1.master.image.pixels.count }
        // The inverse of the response with relative variance and mask.
        + flats.reduce(0) { $0 + 9 * $1.flat.inverse.pixels.count }
    }

    /// A frame needs up to two masters and a flat: those stay.
    mutating func shrink(to memory: Int) {
      while bytes > memory, masters.count > 2 || flats.count > 1 {
        if masters.count > 2 { masters.removeFirst() } else { flats.removeFirst() }
      }
    }
  }

  /// A master as it is.
  func master(_ name: String) throws(PipelineError) -> Master {
    // Who needs the same one waits for it instead of reading it twice.
    try state.withLock { state throws(PipelineError) in
      let place = state.masters.firstIndex { $0.name == name }
      let master = if let place { state.masters.remove(at: place).master } else { try read(name) }
      state.masters.append((name, master))
      state.shrink(to: memory)
      return master
    }
  }

  /// A master flat, ready to be multiplied by.
  func flat(_ name: String) throws(PipelineError) -> FlatField {
    try state.withLock { state throws(PipelineError) in
      let place = state.flats.firstIndex { $0.name == name }
      let flat = if let place { state.flats.remove(at: place).flat } else { FlatField(response: try read(name)) }
      state.flats.append((name, flat))
      state.shrink(to: memory)
      return flat
    }
  }

  /// Puts a master there that has just been written, in the place of an older one of that name.
  func place(_ master: consuming Master, as name: String, isFlat: Bool) {
    if isFlat {
      let flat = FlatField(response: master)
      change { $0.flats = $0.flats.filter { $0.name != name } + [(name, flat)] }
    } else {
      let master = master
      change { $0.masters = $0.masters.filter { $0.name != name } + [(name, master)] }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      state.shrink(to: memory)
    }
  }

  private func read(_ name: String) throws(PipelineError) -> Master { try MasterFile.read(folder + "/" + name) }
}
