import ElnathCore
import ElnathFITS
import FoundationEssentials

/// Reading and writing of frames of 4096 x 4112.
func fitsBenchmarks() throws -> [Benchmark] {
  let (width, height) = (4096, 4112)
  let folder = FileManager.default.temporaryDirectory.path
  let integers = folder + "/elnath-benchmark-uint16.fits"
  let reals = folder + "/elnath-benchmark-float.fits"
  let pixels = (0..<(width * height)).map { UInt16(truncatingIfNeeded: 1000 &+ $0 &* 2_654_435_761 >> 24) }
  let real = FITSHDU(name: "", width: width, height: height, pixels: .float(pixels.map { Float($0) }), cards: [])
  try FITSWriter.write(
    [FITSHDU(name: "", width: width, height: height, pixels: .uint16(pixels), cards: [])], to: integers)
  try FITSWriter.write([real], to: reals)
  // Each read outwards in.
  let quarter = PixelGrid(width: width / 2, height: height / 2, repeating: Float(1))
  let block = PixelRectangle(x: 0, y: 0, width: width / 2, height: height / 2)
  let outputs = (0..<4).map { k in
    let (right, upper) = (k % 2, k / 2)
    let piece = ReadoutPiece(
      unit: k, source: block, x: right * width / 2, y: upper * height / 2, flipsX: right == 1, flipsY: upper == 1)
    return (piece: piece, image: quarter)
  }
  let unsummed = folder + "/elnath-benchmark-unsummed.fits"
  try writeWithoutSum(integers, to: unsummed)
  return [
    Benchmark(name: "fits: read uint16 without DATASUM", unit: "pixels", count: width * height) {
      _ = try FITSFile.readImage(path: unsummed)
    },
    Benchmark(name: "fits: read uint16", unit: "pixels", count: width * height) {
      _ = try FITSFile.readImage(path: integers)
    },
    Benchmark(name: "fits: read float", unit: "pixels", count: width * height) {
      _ = try FITSFile.readImage(path: reals)
    },
    Benchmark(name: "fits: put a frame of four outputs together", unit: "pixels", count: width * height) {
      _ = PixelGrid(width: width, height: height, pieces: outputs)
    },
    Benchmark(name: "fits: write float", unit: "pixels", count: width * height) {
      try FITSWriter.write([real], to: reals)
    },
  ]
}

/// A copy of a file in which DATASUM is a comment, as most cameras leave it out.
private func writeWithoutSum(_ path: String, to copy: String) throws {
  var bytes = try Data(contentsOf: URL(filePath: path))
  if let place = bytes.prefix(2880).firstRange(of: Data("DATASUM =".utf8)) {
    bytes.replaceSubrange(place, with: Data("COMMENT  ".utf8))
  }
  try bytes.write(to: URL(filePath: copy))
}
