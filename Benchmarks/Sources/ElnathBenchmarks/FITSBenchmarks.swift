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
  return [
    Benchmark(name: "fits: read uint16", unit: "pixels", count: width * height) {
      _ = try FITSFile.readImage(path: integers)
    },
    Benchmark(name: "fits: read float", unit: "pixels", count: width * height) {
      _ = try FITSFile.readImage(path: reals)
    },
    Benchmark(name: "fits: write float", unit: "pixels", count: width * height) {
      try FITSWriter.write([real], to: reals)
    },
  ]
}
