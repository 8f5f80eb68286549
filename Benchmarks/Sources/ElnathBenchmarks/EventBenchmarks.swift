import ElnathCore

/// Cosmic rays, bleeding and satellite trails on a large frame, and cosmic rays around the stars that are measured.
func eventBenchmarks() -> [Benchmark] {
  let frames = SimulatedFrames(width: 4096, height: 4112, stars: 1500)
  let frame = frames.frame(0)
  let pixels = frame.width * frame.height
  guard let rays = CosmicRays(fwhm: 3.5) else { preconditionFailure("well sampled") }
  let raw = frames.raw(0)
  let bleed = BleedTrail(saturation: 40_000, gain: 1.3, readNoise: 7)
  let trim = PixelRectangle(x: 0, y: 0, width: raw.width, height: raw.height)
  let run = 1 << 15
  let highest = stride(from: 0, to: raw.pixels.count, by: run).map { first in
    raw.pixels[first..<min(first + run, raw.pixels.count)].max() ?? 0
  }
  let peaks = PixelPeaks(run: run, highest: highest)
  return [
    Benchmark(name: "events: cosmic rays on 4096 x 4112", unit: "pixels", count: pixels) {
      _ = rays.marked(frame.image)
    },
    Benchmark(name: "events: bleeding on 4096 x 4112", unit: "pixels", count: pixels) {
      _ = bleed(raw, trim: trim)
    },
    Benchmark(name: "events: bleeding on 4096 x 4112, peaks known", unit: "pixels", count: pixels) {
      _ = bleed(raw, trim: trim, peaks: peaks)
    },
    Benchmark(name: "events: satellite trails on 4096 x 4112", unit: "pixels", count: pixels) {
      _ = SatelliteTrail.find(in: frame.image, fwhm: 3.5)
    },
    Benchmark(name: "events: background mesh on 4096 x 4112", unit: "pixels", count: pixels) {
      _ = BackgroundMesh(of: frame.image)
    },
  ]
}
