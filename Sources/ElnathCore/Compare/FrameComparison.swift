/// Compares two frames of one field: brings the second onto the first, takes the difference and says whether they are
/// equal within the errors.
public struct FrameComparison: Sendable {
  public var limits: ComparisonLimits
  var memory = FourierImage.usualMemory

  public init(limits: ComparisonLimits = ComparisonLimits()) { self.limits = limits }

  /// What was found, or why nothing could be.
  public enum Outcome: Sendable {
    case compared(FrameDifference)
    /// Why the frames cannot be compared.
    case refused(String)
    /// So many bytes of memory, for moving the second frame by a fraction of a pixel, could not be had.
    case outOfMemory(bytes: Int)
  }

  public func callAsFunction(_ first: ComparedFrame, _ second: ComparedFrame) -> Outcome {
    let stars = SourceDetection()(first.image, of: first.observation)
    let others = SourceDetection()(second.image, of: second.observation)
    let registration = PairRegistration.find(stars, others)
    let isOneSize = first.image.width == second.image.width && first.image.height == second.image.height
    guard registration != nil || isOneSize else {
      return .refused(
        "no stars in common, and \(first.image.width)x\(first.image.height) px against "
          + "\(second.image.width)x\(second.image.height)")
    }
    let placing = FramePlacing(first.image, second.image, memory: memory)
    guard let placed = placing(registration) else {
      return .outOfMemory(bytes: FourierImage.bytes(width: second.image.width, height: second.image.height))
    }
    guard placed.difference.count > 0 else { return .refused("no pixel has a value in both") }
    let residuals = StarDifferences(first: first.image, difference: placed.difference, fwhm: stars.fwhm)(stars.sources)
    return .compared(
      FrameDifference(registration: registration, placed, stars: residuals, limits: limits))
  }
}

/// Finds the place of one frame on another to a fraction of a pixel that no star tells, and the difference there.
struct FramePlacing {
  struct Result {
    var way: FrameMover.Way
    /// From the first frame to the second.
    var transform: SimilarityTransform
    /// What is left to shift at that place; nil where the images have no structure.
    var shift: ResidualShift?
    var difference: DifferenceImage
  }

  private let first: MaskedImage
  private let usable: [Bool]
  private let mover: FrameMover

  init(_ first: MaskedImage, _ second: MaskedImage, memory: @escaping FourierImage.Memory) {
    self.first = first
    usable = FrameMover.usable(first, grown: 2, margin: 2)
    mover = FrameMover(second, ontoWidth: first.width, height: first.height, memory: memory)
  }

  /// Whole pixels are tried where the stars put the frame this close to them, px: what the pixels say is then seen.
  private static let nearlyWhole = 0.05
  /// Shifts are followed until they change by less than this, px.
  private static let converged = 1e-7

  /// The way that leaves the least, whole pixels first: what was not resampled needs no resampling. Nil where memory
  /// does not suffice for the others.
  func callAsFunction(_ registration: PairRegistration?) -> Result? {
    let transform = registration?.transform ?? .identity
    guard registration?.isShift ?? true else { return turned(transform) }
    var best: Result?
    let (x, y) = (transform.tx.rounded(), transform.ty.rounded())
    if abs(transform.tx - x) < Self.nearlyWhole, abs(transform.ty - y) < Self.nearlyWhole {
      let whole = result(mover.whole(dx: Int(x), dy: Int(y)), .whole, Self.shifted(.identity, x, y))
      // Without stars nothing tells a shift from a difference; equal pixels leave nothing to find.
      let rest = whole.shift.map { max(abs($0.dx), abs($0.dy)) } ?? 0
      if registration == nil || rest < 1e-4 && whole.difference.misfit < 1e-2 { return whole }
      best = whole
    }
    var place = Self.shifted(.identity, transform.tx, transform.ty)
    guard let start = mover.fourier(dx: place.tx, dy: place.ty) else { return nil }
    var fine = result(start, .fourier, place)
    for _ in 0..<6 {
      guard let shift = fine.shift, max(abs(shift.dx), abs(shift.dy)) > Self.converged,
        max(abs(shift.dx), abs(shift.dy)) < 1
      else { break }
      place = Self.shifted(place, shift.dx, shift.dy)
      guard let moved = mover.fourier(dx: place.tx, dy: place.ty) else { return nil }
      fine = result(moved, .fourier, place)
    }
    if fine.difference.misfit > 1e-2 {
      let smooth = result(mover.lanczos(place), .lanczos, place)
      if smooth.difference.misfit < fine.difference.misfit { fine = smooth }
    }
    guard let best else { return fine }
    return isPreferred(best, to: fine) ? best : fine
  }

  /// Whole pixels, where moving them by a fraction gains nothing: what is left to shift is no more than its error, or the
  /// difference grows by resampling.
  private func isPreferred(_ whole: Result, to fine: Result) -> Bool {
    if whole.difference.misfit <= fine.difference.misfit { return true }
    guard let rest = whole.shift else { return true }
    let isSmall = abs(rest.dx) < 3 * rest.errorX && abs(rest.dy) < 3 * rest.errorY
    return isSmall && whole.difference.misfit < 1.1 * fine.difference.misfit
  }

  /// Rotated, scaled or mirrored.
  private func turned(_ start: SimilarityTransform) -> Result {
    var found = result(mover.lanczos(start), .lanczos, start)
    for _ in 0..<3 {
      guard let shift = found.shift, max(abs(shift.dx), abs(shift.dy)) > 1e-4,
        max(abs(shift.dx), abs(shift.dy)) < 1
      else { break }
      let moved = found.transform.after(Self.shifted(.identity, shift.dx, shift.dy))
      found = result(mover.lanczos(moved), .lanczos, moved)
    }
    return found
  }

  private func result(_ moved: MovedFrame, _ way: FrameMover.Way, _ transform: SimilarityTransform) -> Result {
    Result(
      way: way, transform: transform, shift: ResidualShift.find(first, usable: usable, against: moved),
      difference: DifferenceImage(first, minus: moved))
  }

  private static func shifted(_ transform: SimilarityTransform, _ dx: Double, _ dy: Double) -> SimilarityTransform {
    var result = transform
    result.tx += dx
    result.ty += dy
    return result
  }
}
