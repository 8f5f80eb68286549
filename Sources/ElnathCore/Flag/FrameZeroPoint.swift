#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much light one frame got. NaN where there is no value.
struct FrameZeroPoint: Sendable {
  /// Light lost, mag, with an arbitrary zero common to the frames of a component; NaN where no star rises above
  /// the noise.
  var loss = Double.nan
  var variance = Double.nan
  /// The same from photons and the stars' own jitter alone, without what a disagreement of the stars adds.
  var formalVariance = Double.nan
  /// 10^(-0.4 loss), which may be 0 or negative where no light came through, and its error.
  var flux = Double.nan
  var fluxError = Double.nan
  /// Stars that entered, stars that could be measured, and stars that were to be measured.
  var comparisons = 0
  var valid = 0
  var ensemble = 0
  /// Rms of the residuals of the stars, mag.
  var rms = Double.nan
  var agreement = StarAgreement()
  /// Height of a plane through the residuals from one end of the stars to the other, mag, and over its error.
  var plane = Double.nan
  var planeSignificance = Double.nan
  /// Frames of different components share no stars.
  var component = 0
}

/// The zero points of the measured frames of one filter, and the magnitudes of their stars.
struct RunZeroPoints {
  let stars: ZeroPointStars
  /// In the order of `stars.frames`.
  private(set) var frames: [FrameZeroPoint]
  /// Mean magnitude of each star in the system of the losses; NaN where unknown.
  private(set) var means: [Double]

  /// Below this expected signal to noise the logarithm of a flux is biased by more than 0.5 per cent.
  private static let leastSignal = 10.0
  /// One magnitude in natural logarithms of flux.
  private static let magnitude = 2.5 / log(10.0)

  init(_ stars: ZeroPointStars, table: PhotometryTable) {
    self.stars = stars
    let count = stars.frames.count
    frames = Array(repeating: FrameZeroPoint(), count: count)
    means = Array(repeating: .nan, count: stars.stars.count)
    guard !stars.isEmpty else { return }
    let light = LightGuess(stars)
    let problem = Self.problem(stars, light)
    let solution = Ensemble(floor: Ensemble.selectionFloor).solve(problem)
    means = solution.means
    let scale = Median.of(stars.stars.indices.map { Self.flux(means[$0]) / light.rates[$0] })
    let rates = stars.stars.indices.map { star in
      means[star].isNaN ? light.rates[star] * (scale.isNaN ? 1 : scale) : Self.flux(means[star])
    }
    let positions = stars.stars.map { table.stars[$0].position }
    for frame in 0..<count {
      frames[frame].valid = stars.count(on: frame)
      frames[frame].ensemble = stars.stars.count
      if solution.counts[frame] >= min(3, stars.stars.count) && solution.zeroPoints[frame].isFinite {
        frames[frame].take(solution, problem, frame)
        frames[frame].agreement = StarAgreement(solution, problem, frame: frame, positions: positions)
      } else {
        frames[frame].component = component(frame, solution, problem)
        sumLight(frame, rates: rates, jitter: solution.jitter)
      }
    }
    var planes = frames.map(\.agreement.plane)
    let shifts = stars.frames.map { PixelPoint(x: table.frames[$0].shiftX, y: table.frames[$0].shiftY) }
    for segment in Set(stars.frames.map { table.frames[$0].segment }).sorted() {
      let members = planes.indices.filter { table.frames[stars.frames[$0]].segment == segment }
      var part = members.map { planes[$0] }
      FieldPlane.removeDrift(&part, shifts: members.map { shifts[$0] })
      for (member, plane) in zip(members, part) { planes[member] = plane }
    }
    for frame in 0..<count {
      guard let plane = planes[frame] else { continue }
      (frames[frame].plane, frames[frame].planeSignificance) = plane.height(over: positions)
    }
  }

  static func flux(_ magnitude: Double) -> Double { pow(10, -0.4 * magnitude) }

  /// Stars whose expected flux stands clear of the noise, by magnitudes. The expected flux decides, not the measured one:
  /// so no star enters because noise has raised it.
  private static func problem(_ stars: ZeroPointStars, _ light: LightGuess) -> EnsembleProblem {
    let frames = stars.frames.count
    var problem = EnsembleProblem(
      stars: stars.stars.count, frames: frames,
      magnitudes: Array(repeating: .nan, count: stars.stars.count * frames),
      variances: Array(repeating: .nan, count: stars.stars.count * frames))
    for star in stars.stars.indices {
      for frame in 0..<frames {
        let rate = stars.rate(star, frame)
        let expected = light.rates[star] * light.transmissions[frame]
        guard rate > 0 && expected > 0 else { continue }
        let relative = stars.variance(star, frame, expected: expected) / (expected * expected)
        guard relative * leastSignal * leastSignal <= 1 else { continue }
        problem.magnitudes[star * frames + frame] = -2.5 * log10(rate)
        problem.variances[star * frames + frame] = magnitude * magnitude * relative
      }
    }
    return problem
  }

  /// A frame that is not part of the solution belongs to where its brightest star does.
  private func component(_ frame: Int, _ solution: EnsembleSolution, _ problem: EnsembleProblem) -> Int {
    if solution.components[frame] >= 0 { return solution.components[frame] }
    let seen = stars.stars.indices.filter { !stars.rate($0, frame).isNaN && !solution.means[$0].isNaN }
    guard let brightest = seen.min(by: { solution.means[$0] < solution.means[$1] }) else { return 0 }
    let home = (0..<problem.frames).first { !problem.magnitudes[brightest * problem.frames + $0].isNaN }
    return home.map { solution.components[$0] } ?? 0
  }

  /// The light of a frame whose stars drown in noise: the robust weighted mean of flux over mean flux, which negative
  /// fluxes enter like positive ones.
  private mutating func sumLight(_ frame: Int, rates: [Double], jitter: [Double]) {
    let present = stars.stars.indices.filter { !stars.rate($0, frame).isNaN && rates[$0] > 0 }
    guard !present.isEmpty else { return }
    var flux = LightGuess.transmission(stars, frame: frame, rates: rates, guess: 0)
    var error = Double.nan
    for _ in 0..<8 {
      var sum = 0.0
      var weight = 0.0
      for star in present {
        let own = jitter[star].isNaN ? Ensemble.selectionFloor * Ensemble.selectionFloor : jitter[star]
        let expected = rates[star] * max(flux, 0)
        let variance =
          stars.variance(star, frame, expected: expected) + own / (Self.magnitude * Self.magnitude) * expected
          * expected
        guard variance > 0 else { continue }
        let z = abs(stars.rate(star, frame) - rates[star] * flux) / variance.squareRoot()
        let w = min(1, 2.5 / max(z, 1e-9)) / variance
        sum += w * rates[star] * stars.rate(star, frame)
        weight += w * rates[star] * rates[star]
      }
      guard weight > 0 else { return }
      flux = sum / weight
      error = (1 / weight).squareRoot()
    }
    frames[frame].flux = flux
    frames[frame].fluxError = error
    frames[frame].comparisons = present.count
    guard flux > 2 * error else { return }
    frames[frame].loss = -2.5 * log10(flux)
    frames[frame].variance = Self.magnitude * Self.magnitude * error * error / (flux * flux)
    frames[frame].formalVariance = frames[frame].variance
  }
}

extension FrameZeroPoint {
  fileprivate mutating func take(_ solution: EnsembleSolution, _ problem: EnsembleProblem, _ frame: Int) {
    loss = solution.zeroPoints[frame]
    variance = solution.zeroPointVariances[frame]
    let weights = (0..<problem.stars).map { star in
      1 / (problem.variances[star * problem.frames + frame] + solution.jitter[star])
    }
    formalVariance = 1 / weights.reduce(0) { $1.isNaN ? $0 : $0 + $1 }
    flux = RunZeroPoints.flux(loss)
    fluxError = flux * 0.4 * log(10.0) * variance.squareRoot()
    comparisons = solution.counts[frame]
    rms = solution.frameRMS[frame]
    component = solution.components[frame]
  }
}

/// Fluxes of stars and transmissions of frames from medians alone, good to a few per cent.
private struct LightGuess {
  /// e-/s of each star at transmission 1.
  var rates: [Double]
  var transmissions: [Double]

  init(_ stars: ZeroPointStars) {
    let frames = stars.frames.indices
    transmissions = Array(repeating: 1, count: stars.frames.count)
    rates = stars.stars.indices.map { star in Median.percentile(frames.map { stars.rate(star, $0) }, 0.75) }
    for _ in 0..<6 {
      for frame in frames {
        let guess = Self.transmission(stars, frame: frame, rates: rates, guess: transmissions[frame])
        transmissions[frame] = guess.isNaN ? 0 : guess
      }
      let top = Median.percentile(transmissions, 0.75)
      if top > 0 { for frame in frames { transmissions[frame] /= top } }
      for star in stars.stars.indices {
        let seen = frames.compactMap { frame -> (value: Double, weight: Double)? in
          let t = transmissions[frame]
          guard t > 0, !stars.rate(star, frame).isNaN else { return nil }
          let variance = stars.variance(star, frame, expected: rates[star] * t)
          return (stars.rate(star, frame) / t, t * t / (variance + 0.0009 * rates[star] * rates[star] * t * t))
        }
        let middle = WeightedMedian.of(seen)
        if middle > 0 { rates[star] = middle }
      }
    }
  }

  /// The weighted median of flux over mean flux. Three per cent are added to every error, so that the brightest star
  /// alone does not decide.
  static func transmission(_ stars: ZeroPointStars, frame: Int, rates: [Double], guess: Double) -> Double {
    WeightedMedian.of(
      stars.stars.indices.compactMap { star in
        guard rates[star] > 0, !stars.rate(star, frame).isNaN else { return nil }
        let light = max(guess, 0)
        let variance = stars.variance(star, frame, expected: rates[star] * light) / (rates[star] * rates[star])
        return (stars.rate(star, frame) / rates[star], 1 / (variance + 0.0009 * light * light + 1e-12))
      })
  }
}
