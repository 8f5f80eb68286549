/// Files that consist of a header alone: a primary without data, as plate solvers write their results.
public enum HeaderFile {
  /// The bytes of such a file. Cards that describe data are left out.
  public static func bytes(_ cards: [HeaderCard]) -> [UInt8] {
    HeaderRecords.block(
      [
        HeaderCard("SIMPLE", .logical(true)), HeaderCard("BITPIX", .integer(8)), HeaderCard("NAXIS", .integer(0)),
      ] + cards.filter { !StructuralKeyword.describesData($0.key) })
  }

  /// The header of the primary, whatever data follow.
  public static func read(_ path: String) throws(FITSError) -> FITSHeader {
    guard let unit = try HeaderUnit(at: 0, in: FileBytes(path: path)) else {
      throw FITSError(.empty, file: path, "holds no header")
    }
    return unit.header
  }
}
