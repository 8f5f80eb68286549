import ElnathCore
import ElnathFITS
import ElnathPipeline
import FoundationEssentials
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Bias masters of 22 and 88 frames of 4096 x 4112 from files, written masters included; the files are made once and
/// stay in the temporary folder.
func masterBenchmarks() throws -> [Benchmark] {
  let (width, height) = (4096, 4112)
  let folder = FileManager.default.temporaryDirectory.path + "/elnath-benchmark-masters"
  try FileManager.default.createDirectory(atPath: folder + "/bias", withIntermediateDirectories: true)
  let package = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
  // Normal values of a table, begun elsewhere in each frame: quick to make, and no two frames alike.
  var random = SeededGenerator(seed: 4)
  let table = (0..<(1 << 20)).map { _ in UInt16(max(0, (1000 + 6 * random.normal()).rounded())) }
  func card(_ key: String, _ value: HeaderValue) -> HeaderCard { HeaderCard(key, value) }
  for number in 0...88 {
    let path = folder + (number == 0 ? "/light.fits" : "/bias/\(number).fits")
    if FileManager.default.fileExists(atPath: path) { continue }
    var place = Int(random.next() % UInt64(table.count))
    var pixels = [UInt16](repeating: 0, count: width * height)
    for i in pixels.indices {
      pixels[i] = table[place & (table.count - 1)]
      place &+= i % 4096 == 0 ? 1 + Int(random.next() % 65_536) : 1
    }
    let cards = [
      card("IMAGETYP", .text(number == 0 ? "object" : "bias")), card("EXPTIME", .real(number == 0 ? 60 : 0)),
      card("DATE-OBS", .text("2020-01-19T04:\(10 + number / 60):\(10 + number % 50)")), card("FILTER", .text("R")),
    ]
    try FITSWriter.write([FITSHDU(width: width, height: height, pixels: .uint16(pixels), cards: cards)], to: path)
  }
  func project(_ count: Int) throws -> Project {
    let names = (1...count).map { "\"bias/\($0).fits\"" }.joined(separator: ", ")
    let text = """
      version = 1
      [input]
      lights = ["light.fits"]
      biases = [\(names)]
      camera = "generic"
      gain = 1.3
      read_noise = 7.3
      saturation = 60000
      """
    let path = "\(folder)/\(count).toml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try Project(file: path)
  }
  return try [22, 88].map { count in
    let project = try project(count)
    return Benchmark(name: "masters: bias of \(count) files", unit: "values", count: count * width * height) {
      var quiet = Logger(label: "elnath")
      quiet.logLevel = .critical
      let output = "\(folder)/out\(count)"
      try? FileManager.default.removeItem(atPath: output)
      let workspace = try Workspace(
        project, options: .init(output: output, jobs: 2, catalogs: package + "/catalogs", plots: package + "/plots"),
        log: quiet)
      _ = try await workspace.masters()
      var usage = rusage()
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      print("peak memory so far: \(usage.ru_maxrss / 1024) MiB")
    }
  }
}
