import ElnathCore

extension Workspace {
  /// Writes what masters and user mark as bad: `masters/bad_pixels*.fits` and `bad_pixels.csv`. Nothing new is written
  /// where no master was made and the user names no pixels.
  func writeBadPixels(_ library: MasterLibrary) throws {
    let table = "\(output)/bad_pixels.csv"
    let maps = library.badPixelSources
    if library.made.isEmpty, maps.allSatisfy({ $0.user == nil }), (try? CSVReader(path: table)) != nil { return }
    var records: [BadPixelRecord] = []
    for source in maps {
      var map = BadPixelMap(width: source.size.width, height: source.size.height)
      for record in source.masters {
        if record.kind == .flat {
          map.add(try library.flat(record))
        } else {
          map.add(try library.master(record))
        }
      }
      if let user = source.user { map.add(user: user) }
      let name = maps.count > 1 ? "bad_pixels_\(source.size).fits" : "bad_pixels.fits"
      let record = BadPixelRecord(map, fileName: name, masters: source.masters.map(\.fileName))
      try BadPixelFile.write(map, record, to: "\(output)/masters/\(name)")
      log.info("\(record.summary)")
      records.append(record)
    }
    try writeTable("bad_pixels.csv", BadPixelColumns.all, rows: records)
  }
}

extension MasterLibrary {
  /// What tells of the bad pixels of one size of frames.
  struct BadPixelSource {
    var size: PixelSize
    var masters: [MasterRecord]
    var user: PixelGrid<PixelMask>?
  }

  /// By size; only sizes of which anything tells.
  var badPixelSources: [BadPixelSource] {
    let usable = records.filter { $0.frames > 0 }
    let sizes = Set(usable.map(\.size)).union(userMasks.keys)
    return sizes.sorted { ($0.width, $0.height) < ($1.width, $1.height) }.map { size in
      BadPixelSource(size: size, masters: usable.filter { $0.size == size }, user: userMasks[size])
    }
  }
}
