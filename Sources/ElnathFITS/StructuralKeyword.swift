/// Keywords that describe the bytes of a header-data unit, not what was observed.
enum StructuralKeyword {
  static let commentary: Set<String> = ["COMMENT", "HISTORY", ""]

  private static let names: Set<String> = [
    "SIMPLE", "XTENSION", "BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "GROUPS", "EXTEND", "EXTNAME", "EXTVER", "EXTLEVEL",
    "INHERIT", "BSCALE", "BZERO", "BLANK", "CHECKSUM", "DATASUM", "ZHECKSUM", "ZDATASUM", "CONTINUE", "END",
  ]

  static func describesData(_ key: String) -> Bool {
    names.contains(key) || isNumbered(key, "NAXIS")
  }

  private static let table: Set<String> = [
    "XTENSION", "BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "TFIELDS", "THEAP", "ZIMAGE", "ZSIMPLE", "ZTENSION", "ZEXTEND",
    "ZBLOCKED", "ZPCOUNT", "ZGCOUNT", "ZCMPTYPE", "ZBITPIX", "ZNAXIS", "ZMASKCMP", "ZQUANTIZ", "ZDITHER0", "ZSCALE",
    "ZZERO", "ZBLANK", "ZHECKSUM", "ZDATASUM",
  ]
  private static let numberedTable = [
    "NAXIS", "TTYPE", "TFORM", "TUNIT", "TDISP", "TNULL", "TSCAL", "TZERO", "TDIM", "ZNAXIS", "ZTILE", "ZNAME", "ZVAL",
  ]

  /// True for what describes the table that holds a tile-compressed image, and not the image.
  static func describesCompression(_ key: String) -> Bool {
    table.contains(key) || numberedTable.contains { isNumbered(key, $0) }
  }

  /// True for `stem` followed by a number.
  static func isNumbered(_ key: String, _ stem: String) -> Bool {
    guard key.hasPrefix(stem) else { return false }
    let number = key.utf8.dropFirst(stem.utf8.count)
    return !number.isEmpty && number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
