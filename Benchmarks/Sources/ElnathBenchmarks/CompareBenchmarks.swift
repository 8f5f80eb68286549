import ElnathCore

/// Two frames of 2048 x 2048, one moved by a fraction of a pixel: the whole comparison, and what one image takes.
func compareBenchmarks() -> [Benchmark] {
  let (width, height) = (2048, 2048)
  let simulation = SimulatedFrames(width: width, height: height, stars: 500)
  let frames = [0, 1].map { simulation.frame($0) }
  let compared = frames.map { ComparedFrame(image: $0.image, observation: $0.observation) }
  let pixels = frames[0].width * frames[0].height
  let channels = [0, 1, 0].map { k in
    ColourChannel(image: frames[k].image.image, sky: frames[k].image.image.sampledMedian, noise: 10)
  }
  return [
    Benchmark(name: "compare: two frames, shift, difference, stars", unit: "pixels", count: pixels) {
      _ = FrameComparison()(compared[0], compared[1])
    },
    Benchmark(name: "compare: a frame and itself", unit: "pixels", count: pixels) {
      _ = FrameComparison()(compared[0], compared[0])
    },
    Benchmark(name: "compare: noise measured from the pixels", unit: "pixels", count: pixels) {
      _ = ComparedFrame(
        pixels: frames[0].image.image, mask: nil, observation: frames[0].observation, gain: 1, saturation: nil)
    },
    Benchmark(name: "compare: three images into a picture (rgb)", unit: "pixels", count: pixels) {
      _ = AsinhComposite()(channels)
    },
  ]
}
