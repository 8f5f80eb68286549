/// What the correlation of two images tells of how they lie on each other.
public enum CorrelationAnswer: Sendable, Equatable {
  case proven(Registration)
  /// Why it proves nothing.
  case refused(String)
}
