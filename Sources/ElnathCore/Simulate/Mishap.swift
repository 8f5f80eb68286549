/// What can go wrong with a single frame of a simulated night.
public enum Mishap: Sendable, Equatable {
  /// An even veil of cloud that dims every star by so many magnitudes.
  case cloud(Double)
  /// A cloud whose edge crosses the frame: magnitudes at the centre, and how many more at the right edge than at the left.
  case cloudEdge(Double, slope: Double)
  /// Nothing gets through.
  case noLight
  /// Seeing or focus worse by this factor.
  case blurred(Double)
  /// Wind pushed the telescope along a line of so many pixels, at an angle in radians from x.
  case trailed(Double, angle: Double)
  /// A satellite crossed the frame: where the line cuts the left and the right edge, as fractions of the height, and
  /// its brightness in electrons per pixel on the line.
  case satellite(left: Double, right: Double, brightness: Double)

  /// What a photometric pipeline has to say about the frame, at the mildest.
  public enum Expected: String, Sendable, CaseIterable {
    /// A good frame: its measurements must count (a warning is no harm).
    case used
    /// It must not pass in silence: flagged, unused or rejected.
    case flagged
    /// Its measurements must not count: unused or rejected.
    case rejected
  }

  /// Cloud magnitudes from which a frame deserves a flag, and from which it is worthless.
  static let thinCloud = 0.3
  static let opaqueCloud = 3.25

  public var expected: Expected {
    switch self {
    case .cloud(let magnitudes):
      magnitudes < Self.thinCloud ? .used : magnitudes < Self.opaqueCloud ? .flagged : .rejected
    case .satellite: .used
    case .cloudEdge, .blurred, .trailed: .flagged
    case .noLight: .rejected
    }
  }

  /// One sentence for people.
  public var reason: String {
    switch self {
    case .cloud(let magnitudes): "cloud of \(Self.tenths(magnitudes)) mag"
    case .cloudEdge(let magnitudes, let slope):
      "cloud of \(Self.tenths(magnitudes)) mag that differs by \(Self.tenths(slope)) mag across the frame"
    case .noLight: "no starlight through the cloud"
    case .blurred(let factor): "images \(Self.tenths(factor)) times as wide as in the frames around it"
    case .trailed(let pixels, _): "trailed by wind over \(Self.tenths(pixels)) px"
    case .satellite: "a satellite crosses the frame; stars away from its trail are good"
    }
  }

  /// The frame flags of which at least one should name the cause; empty for a frame that is good.
  public var causes: QualityFlags {
    switch self {
    case .cloud(let magnitudes):
      magnitudes < Self.thinCloud ? [] : [.transparency, .fewStars, .notRegistered, .zeroPointError]
    case .cloudEdge: [.patchyCloud, .transparency]
    case .noLight: [.notRegistered, .fewStars]
    case .blurred: [.seeing]
    case .trailed: [.elongation, .seeing, .notRegistered]
    case .satellite: []
    }
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 100).rounded())
    let cents = tenths % 100
    return "\(tenths / 100).\(cents < 10 ? "0" : "")\(cents)"
  }
}
