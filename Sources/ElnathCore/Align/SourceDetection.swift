/// Finds the stars of one frame, on its own: background mesh, matched filter, peaks above a threshold, and for each
/// peak a windowed centroid, flux, FWHM and elongation above the local sky.
///
/// A place without data is never a source. A saturated star is one, marked by its mask. Single bright pixels (hot ones,
/// cosmic rays) are told by their sharpness and left out where stars are sampled well enough (FWHM of 1.5 px and more);
/// pieces of satellite trails are left out too.
public struct SourceDetection: Sendable {
  /// Peaks count from this many times the noise of the filtered frame.
  public var threshold: Double
  /// Size of the boxes of the background mesh, px: several stars wide, yet able to follow a nebula.
  public var boxSize: Int
  /// The brightest sources kept, so that a hopeless frame costs no more than a crowded one.
  public var maximumSources: Int

  public init(threshold: Double = 5, boxSize: Int = 64, maximumSources: Int = 20_000) {
    self.threshold = threshold
    self.boxSize = boxSize
    self.maximumSources = maximumSources
  }

  /// FWHM that the filter supposes while no star has been measured, px.
  private static let usualWidth = 3.0

  public func callAsFunction(_ frame: Frame) -> FrameSources { self(FrameReduction(reduced: frame)) }

  /// `image` is what was made of `observation` and others; its variances are those of its pixels.
  public func callAsFunction(_ image: MaskedImage, of observation: Observation) -> FrameSources {
    self(SearchedImage(image), of: observation)
  }

  /// The same of a frame that is not reduced yet, and without reducing more of it than is looked at.
  public func callAsFunction(_ frame: FrameReduction) -> FrameSources {
    self(SearchedImage(frame), of: frame.observation)
  }

  private func callAsFunction(_ image: SearchedImage, of observation: Observation) -> FrameSources {
    let mesh = BackgroundMesh(of: image.image, mask: image.mask, boxSize: boxSize)
    var result = FrameSources(
      observation: observation, width: image.width, height: image.height, sources: [], fwhm: .nan,
      elongation: .nan, sky: mesh.medianLevel, skySigma: mesh.medianSigma)
    guard mesh.medianSigma > 0 else { return result }
    let probe = SourceProbe(image: image, mesh: mesh)
    let cores = SaturatedCore.find(in: image.mask)
    var width = FirstWidth(probe: probe)() ?? Self.usualWidth
    var found = measure(probe, cores: cores, width: width, spikes: &result.spikes)
    for _ in 0..<3 {
      // A filter that is half as broad or twice as broad as the stars loses a fifth of their significance.
      guard let better = Self.filterWidth(for: found), better > 1.6 * width || better < 0.6 * width else { break }
      width = better
      found = measure(probe, cores: cores, width: width, spikes: &result.spikes)
    }
    finish(found, filterWidth: width, into: &result)
    let search = TrailSearch(image: image, mesh: mesh, fwhm: result.fwhm.isFinite ? result.fwhm : width)
    if let boxes = search.boxes() {
      result.trails = search(boxes)
      result.thumbnail = SkyThumbnail(boxes)
    }
    return result
  }

  /// One measured peak before the width of the frame's stars is known.
  struct Measured {
    var position: PixelPoint
    var variance: Double
    var profile: SourceProfile
    var peak: Double
    var mask: PixelMask
    /// Core of the star reaches the saturation level over several pixels: its width says nothing.
    var blown: Bool
    /// False where it must not tell how broad stars are.
    var starLike = true
  }

  private func measure(
    _ probe: SourceProbe, cores: [SaturatedCore], width: Double, spikes: inout [PixelSpike]
  ) -> [Measured] {
    spikes.removeAll()
    let filter = MatchedFilter(sigma: width / SourceProfile.fwhmPerSigma)
    let peaks = filter.peaks(in: probe.image, above: probe.mesh, threshold: threshold)
    let large = cores.filter { $0.broadest >= 3 || $0.pixels >= 6 }
    let largest = large.map { Double(max($0.x1 - $0.x0, $0.y1 - $0.y0) + 1) }.max() ?? 0
    let index = PointIndex(large.map(\.centre), reach: largest + 2 * width)
    var measured: [Measured] = []
    measured.reserveCapacity(peaks.count)
    for (i, peak) in peaks.enumerated() {
      if i + 1 < peaks.count { probe.prefetch(nearX: peaks[i + 1].x, y: peaks[i + 1].y, width: width) }
      var covered = false
      if !large.isEmpty {
        index.forEach(
          near: PixelPoint(x: Double(peak.x), y: Double(peak.y)), radius: largest + 2 * width
        ) { k, d2 in
          let core = large[k]
          let reach = Double(core.broadest) / 2 + 2 * width
          let inBox =
            Double(peak.x) > Double(core.x0) - width && Double(peak.x) < Double(core.x1) + width
            && Double(peak.y) > Double(core.y0) - width && Double(peak.y) < Double(core.y1) + width
          if inBox || d2 < reach * reach { covered = true }
        }
      }
      guard !covered else { continue }
      if let spike = spike(probe, at: peak, width: width) {
        spikes.append(spike)
      } else if let star = star(probe, at: peak, width: width) {
        measured.append(star)
      }
    }
    for core in large {
      // A bleeding column without a star.
      guard core.broadest > 2 || core.y1 - core.y0 < 10 else { continue }
      measured.append(saturatedStar(probe, core, width: width))
    }
    return Self.judged(Self.withoutTrails(measured, width: width))
  }

  private static func withoutTrails(_ found: [Measured], width: Double) -> [Measured] {
    let pieces = found.map { star in
      let shape = star.blown ? nil : star.profile.shape()
      return TrailFragments.Piece(
        position: star.position, elongation: shape?.elongation ?? .nan, cosine: shape?.angleCosine ?? 1,
        sine: shape?.angleSine ?? 0)
    }
    let trail = TrailFragments.find(pieces, fwhm: width)
    return found.indices.filter { !trail[$0] }.map { found[$0] }
  }

  private func spike(_ probe: SourceProbe, at peak: FilteredPeak, width: Double) -> PixelSpike? {
    let place = PixelPoint(x: Double(peak.x), y: Double(peak.y))
    let level = probe.mesh.level(at: place)
    let top = probe.highestPixel(nearX: peak.x, y: peak.y, reach: max(1, Int(width / 2)))
    let sigma = probe.mesh.sigma(at: place)
    guard probe.isSpike(x: top.x, y: top.y, sky: level, sigma: sigma, fwhm: width) else { return nil }
    let value = Double(probe.image.image.pixels[top.y * probe.image.width + top.x])
    return PixelSpike(x: top.x, y: top.y, excess: value - level)
  }

  private func star(_ probe: SourceProbe, at peak: FilteredPeak, width: Double) -> Measured? {
    let place = PixelPoint(x: Double(peak.x), y: Double(peak.y))
    let level = probe.mesh.level(at: place)
    let meshSigma = probe.mesh.sigma(at: place)
    let top = probe.highestPixel(nearX: peak.x, y: peak.y, reach: max(1, Int(width / 2)))
    let ring = SourceProbe.ring(width: width)
    var sky = probe.ringSky(around: place, inner: ring.lowerBound, outer: ring.upperBound, sigma: meshSigma)
    if sky.isNaN { sky = level }
    // On the halo of a bright star its photons add to the noise.
    let sigma = (meshSigma * meshSigma + max(0, sky - level)).squareRoot()
    let centroid = probe.image.centroid(
      around: place, sigma: max(width / SourceProfile.fwhmPerSigma, 1), sky: sky,
      noise: sigma, maximumStep: max(1, 0.5 * width))
    let profile = probe.profile(
      at: centroid.position, sky: sky, sigma: sigma, inner: SourceProfile.innerSigma(fwhm: width))
    // Not a star of its own, but a bump on the slope of a brighter one.
    let skyNoise = (profile.noise - profile.photons).squareRoot()
    guard profile.light.1 > 0.9 * threshold * skyNoise else { return nil }
    return Measured(
      position: centroid.position,
      // A centroid that was refused is known to the pixel of its peak.
      variance: centroid.refused ? max(0.25, width * width / 16) : centroid.variance, profile: profile,
      peak: Double(probe.image.image.pixels[top.y * probe.image.width + top.x]) - sky,
      mask: probe.mask(around: centroid.position, radius: width), blown: false)
  }

  private func saturatedStar(_ probe: SourceProbe, _ core: SaturatedCore, width: Double) -> Measured {
    let broad = Double(core.broadest)
    let centre = core.centre
    let sky = probe.mesh.level(at: centre)
    let sigma = probe.mesh.sigma(at: centre)
    let window = max(width / SourceProfile.fwhmPerSigma, 0.6 * broad, 1)
    let centroid = probe.image.centroid(
      around: centre, sigma: window, sky: sky, noise: sigma, maximumStep: 1 + broad / 2)
    let profile = probe.profile(at: centroid.position, sky: sky, sigma: sigma, inner: window / 2)
    let top = probe.highestPixel(
      nearX: Int(centre.x.rounded()), y: Int(centre.y.rounded()), reach: max(1, core.broadest / 2))
    // What is cut off is unknown, so the place is known to a fraction of the core only.
    let least = centroid.refused ? 0.3 + 0.15 * broad : 0.1 + 0.05 * broad
    return Measured(
      position: centroid.position, variance: max(least * least, centroid.refused ? 0 : centroid.variance),
      profile: profile, peak: Double(probe.image.image.pixels[top.y * probe.image.width + top.x]) - sky,
      mask: probe.mask(around: centroid.position, radius: max(width, broad / 2)).union(.saturated), blown: true)
  }

  /// The width that suits these stars: their FWHM; where they are trailed their length, lest each falls into pieces.
  private static func filterWidth(for found: [Measured]) -> Double? {
    guard let width = typicalWidth(found) else { return nil }
    var elongations = wellMeasured(found).compactMap { $0.profile.shape()?.elongation }
    let elongation = Median.inPlace(&elongations)
    return elongation > 2 ? min(width * elongation.squareRoot(), 60) : width
  }

  /// Median FWHM, as the pixels see it, of the well-measured; nil where there is none.
  private static func typicalWidth(_ found: [Measured]) -> Double? {
    var variances = wellMeasured(found).compactMap { $0.profile.coreVariance.isNaN ? nil : $0.profile.coreVariance }
    guard !variances.isEmpty else { return nil }
    return SourceProfile.fwhmPerSigma * Median.inPlace(&variances).squareRoot()
  }

  /// Unmasked sources of high significance, or of the highest there is.
  private static func wellMeasured(_ found: [Measured]) -> [Measured] {
    let clean = found.filter { $0.mask.isEmpty && !$0.blown && $0.starLike && !isSharp($0, coreVariance: 0) }
    for limit in [30.0, 15, 7] {
      let good = clean.filter { $0.profile.significance >= limit }
      if good.count >= 5 { return good }
    }
    return clean
  }

  /// Light that comes from one or two pixels, or is much sharper than the stars of the frame: a hot spot, a cosmic ray.
  private static func isSharp(_ star: Measured, coreVariance: Double) -> Bool {
    guard !star.blown, star.profile.significance > 10 else { return false }
    // Without a variance the light is either all in the middle or has no middle at all.
    let v = star.profile.coreVariance
    let single = star.profile.light.0 >= star.profile.light.1
    return single || v < max(SourceProfile.leastStarVariance, 0.35 * coreVariance)
  }

  private func finish(_ found: [Measured], filterWidth: Double, into result: inout FrameSources) {
    let width = Self.typicalWidth(found) ?? filterWidth
    let coreSigma = width / SourceProfile.fwhmPerSigma
    let kept = found.filter { !Self.isSharp($0, coreVariance: coreSigma * coreSigma) }
    let good = Self.wellMeasured(kept)
    var ratios: [Double] = []
    for star in good where star.profile.wingVariance > 0 && star.profile.coreVariance > 0 {
      ratios.append((star.profile.wingVariance / star.profile.coreVariance).squareRoot())
    }
    let wings = ratios.isEmpty ? 1 : min(max(Median.inPlace(&ratios), 0.95), 1.4)
    var sources: [Source] = []
    sources.reserveCapacity(kept.count)
    for star in kept {
      let profile = star.profile
      let excess = SourceProfile.excess(wingRatio: wings, inner: profile.inner, coreSigma: coreSigma)
      let seen = SourceProfile.fwhmPerSigma * profile.coreVariance.squareRoot() / excess
      // The pixel's own width taken out; what is left cannot be told from zero below half a pixel.
      let own = SourceProfile.fwhmPerSigma * SourceProfile.fwhmPerSigma * SourceProfile.pixelVariance
      let v = star.blown ? 4 * profile.inner * profile.inner : coreSigma * coreSigma
      sources.append(
        Source(
          position: star.position, positionVariance: star.variance, flux: profile.flux(variance: v),
          fluxError: profile.fluxError(variance: v),
          fwhm: star.blown ? .nan : max(seen * seen - own, 0.25).squareRoot(),
          elongation: star.blown ? .nan : profile.shape()?.elongation ?? .nan, peak: star.peak, mask: star.mask))
    }
    result.sources = Self.unique(sources, within: 0.5 * width, limit: maximumSources)
    let shape = TypicalShape(of: result.sources)
    result.fwhm = shape.fwhm
    result.elongation = shape.elongation
  }

  /// Brightest first; of two that ended on the same place the fainter goes.
  private static func unique(_ sources: [Source], within distance: Double, limit: Int) -> [Source] {
    let sorted = sources.sorted {
      ($0.flux, $1.position.y, $1.position.x) > ($1.flux, $0.position.y, $0.position.x)
    }
    let index = PointIndex(sorted.map(\.position), reach: distance)
    var kept: [Source] = []
    for (i, source) in sorted.enumerated() where kept.count < limit {
      var brighter = false
      index.forEach(near: source.position, radius: distance) { j, _ in if j < i { brighter = true } }
      if !brighter { kept.append(source) }
    }
    return kept
  }
}
