#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Names of files as text. To the system a name is any bytes; what of them is not UTF-8 stands in text as `\xE9`, so
/// that tables and messages stay readable and the file can still be opened by that text.
public enum FileName {
  /// The text for a name, or a path, of these bytes.
  public static func text(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      // The longest whole character, of at most four bytes.
      let whole = (1...4).last { $0 <= rest.count && isCharacter(rest.prefix($0)) }
      if let whole {
        text += String(decoding: rest.prefix(whole), as: UTF8.self)
        rest = rest.dropFirst(whole)
      } else {
        let digits = String(first, radix: 16, uppercase: true)
        text += "\\x" + (digits.count < 2 ? "0" : "") + digits
        rest = rest.dropFirst()
      }
    }
    return text
  }

  private static func isCharacter(_ bytes: ArraySlice<UInt8>) -> Bool {
    String(validating: bytes, as: UTF8.self)?.unicodeScalars.count == 1
  }

  /// The path by which the system knows a file: that of the text itself where there is such a file, else that with the
  /// bytes for which `\xE9` stands. Ends in a zero.
  public static func systemPath(_ text: String) -> [CChar] {
    let literal = text.utf8CString
    guard text.contains("\\x") else { return Array(literal) }
    var status = stat()
    guard lstat(text, &status) != 0 else { return Array(literal) }
    var bytes: [CChar] = []
    var rest = literal[...]
    while let first = rest.first {
      let code = rest.dropFirst(2).prefix(2).map { UInt8(bitPattern: $0) }
      if first == 0x5C, rest.dropFirst().first == 0x78, code.count == 2,
        let byte = UInt8(String(decoding: code, as: UTF8.self), radix: 16), byte >= 0x80
      {
        bytes.append(CChar(bitPattern: byte))
        rest = rest.dropFirst(4)
      } else {
        bytes.append(first)
        rest = rest.dropFirst()
      }
    }
    return bytes
  }

  /// The names in a folder but `.` and `..`, in the order of their bytes; nil where it cannot be read.
  public static func names(inFolder path: String) -> [String]? {
    guard let folder = opendir(systemPath(path)) else { return nil }
    defer { closedir(folder) }
    var names: [[UInt8]] = []
    while let entry = readdir(folder) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
    }
    return names.filter { $0 != [0x2E] && $0 != [0x2E, 0x2E] }
      .sorted { $0.lexicographicallyPrecedes($1) }.map { text($0) }
  }
}
