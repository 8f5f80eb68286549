import ElnathCore

/// Detection on a small and on a large frame, the registration of a series, and the correlation of images.
func alignBenchmarks() -> [Benchmark] {
  let frames = SimulatedFrames()
  let small = SimulatedFrames(width: 1024, height: 1024, stars: 300).frame(0)
  let unreduced = SimulatedFrames(width: 4096, height: 4112, stars: 1500).reduction(0)
  let large = unreduced.frame()
  let series = frames.series(12)
  // The same twelve frames over and over: a night of 120 without the time to simulate it.
  let night = (0..<120).map { index in
    var frame = series[index % series.count]
    frame.summary.frame = index + 1
    frame.summary.jdUTC = 2_458_867.6 + Double(index) * 0.0017
    return frame
  }
  let wide = (0..<2).map { CorrelationImage(SimulatedFrames(width: 4096, height: 4112, stars: 1500).frame($0).image) }
  let correlation = FrameCorrelation(reference: wide[0])
  let stars = night.reduce(0) { $0 + ($1.sources?.sources.count ?? 0) }
  return [
    Benchmark(
      name: "align: detection on 1024 x 1024, 300 stars", unit: "pixels", count: small.width * small.height
    ) {
      _ = SourceDetection()(small)
    },
    Benchmark(
      name: "align: detection on 4096 x 4112, 1500 stars", unit: "pixels", count: large.width * large.height
    ) {
      _ = SourceDetection()(large)
    },
    Benchmark(
      name: "align: detection on 4096 x 4112, not reduced yet", unit: "pixels", count: large.width * large.height
    ) {
      _ = SourceDetection()(unreduced)
    },
    Benchmark(name: "align: registration of 120 frames", unit: "sources", count: stars) {
      _ = SeriesAlignment()(night)
    },
    Benchmark(
      name: "align: correlation image of 4096 x 4112", unit: "pixels", count: large.width * large.height
    ) {
      _ = CorrelationImage(large.image)
    },
    Benchmark(name: "align: correlation of a frame of 4096 x 4112", unit: "frames", count: 1) {
      _ = correlation(wide[1])
    },
  ]
}
