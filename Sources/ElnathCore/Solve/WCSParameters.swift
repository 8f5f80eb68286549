import CWCS
import Synchronization

/// WCSLIB's coordinate system of two celestial axes. Its C structures are used here alone.
final class WCSParameters: Sendable {
  /// Of the two axes, the one with the longitude.
  private let longitude: Int
  /// True where pixels are distorted before they are projected (SIP, TPV and the like).
  let isDistorted: Bool
  /// Set up once; a transformation leaves notes of its errors in it, so one at a time.
  private let parameters: Mutex<UnsafeMutablePointer<wcsprm>>

  /// The parser and the set-up share global state.
  private static let library = Mutex(())

  /// Why WCSLIB cannot use a header.
  enum Fault: Error {
    case notParsed, notCelestial
    /// Status of `wcsset`.
    case refused(Int32)
  }

  /// - Parameter records: cards of 80 bytes each, with keywords of celestial axes 1 and 2 and finite numbers only: odd
  ///   headers overrun WCSLIB's buffers (astropy issue 20349).
  static func parsed(_ records: [UInt8]) -> Result<WCSParameters, Fault> {
    library.withLock { _ in
      var header = records.map { CChar(bitPattern: $0) }
      header.append(0)
      var (rejected, count): (Int32, Int32) = (0, 0)
      var found: UnsafeMutablePointer<wcsprm>?
      let status = header.withUnsafeMutableBufferPointer {
        wcspih($0.baseAddress, Int32(records.count / 80), WCSHDR_all, 0, &rejected, &count, &found)
      }
      guard status == 0, count >= 1, let wcs = found, wcs.pointee.naxis == 2 else {
        if found != nil { wcsvfree(&count, &found) }
        return .failure(.notParsed)
      }
      let outcome = wcsset(wcs)
      guard outcome == 0, wcs.pointee.lng >= 0, wcs.pointee.lat >= 0 else {
        wcsvfree(&count, &found)
        return .failure(outcome == 0 ? .notCelestial : .refused(outcome))
      }
      let lin = wcs.pointee.lin
      return .success(
        WCSParameters(
          wcs, longitude: Int(wcs.pointee.lng), isDistorted: lin.dispre != nil || lin.disseq != nil))
    }
  }

  private init(_ wcs: sending UnsafeMutablePointer<wcsprm>, longitude: Int, isDistorted: Bool) {
    self.longitude = longitude
    self.isDistorted = isDistorted
    parameters = Mutex(wcs)
  }

  deinit {
    parameters.withLock { wcs in
      var count: Int32 = 1
      var found: UnsafeMutablePointer<wcsprm>? = wcs
      wcsvfree(&count, &found)
    }
  }

  /// Longitude and latitude, degrees, of places in FITS pixels; nil where the projection has none.
  func celestial(_ pixels: [(x: Double, y: Double)]) -> [(longitude: Double, latitude: Double)?] {
    let n = pixels.count
    guard n > 0 else { return [] }
    var pixel = pixels.flatMap { [$0.x, $0.y] }
    var scratch = WCSScratch(n)
    var world = [Double](repeating: .nan, count: 2 * n)
    let status = parameters.withLock {
      wcsp2s($0, Int32(n), 2, &pixel, &scratch.plane, &scratch.phi, &scratch.theta, &world, &scratch.status)
    }
    let longitude = longitude
    return (0..<n).map { i in
      guard scratch.isValid(i, status) else { return nil }
      let (along, up) = (world[2 * i + longitude], world[2 * i + 1 - longitude])
      return along.isFinite && up.isFinite ? (along, up) : nil
    }
  }

  /// Places in FITS pixels of longitudes and latitudes in degrees; nil where the projection has none.
  func pixels(_ places: [(longitude: Double, latitude: Double)]) -> [(x: Double, y: Double)?] {
    let n = places.count
    guard n > 0 else { return [] }
    var world = [Double](repeating: 0, count: 2 * n)
    for (i, place) in places.enumerated() {
      world[2 * i + longitude] = place.longitude
      world[2 * i + 1 - longitude] = place.latitude
    }
    var scratch = WCSScratch(n)
    var pixel = [Double](repeating: .nan, count: 2 * n)
    let status = parameters.withLock {
      wcss2p($0, Int32(n), 2, &world, &scratch.phi, &scratch.theta, &scratch.plane, &pixel, &scratch.status)
    }
    return (0..<n).map { i in
      guard scratch.isValid(i, status), pixel[2 * i].isFinite, pixel[2 * i + 1].isFinite else { return nil }
      return (pixel[2 * i], pixel[2 * i + 1])
    }
  }
}

/// What WCSLIB wants beside the coordinates.
private struct WCSScratch {
  var plane: [Double]
  var phi: [Double]
  var theta: [Double]
  var status: [Int32]

  init(_ count: Int) {
    plane = Array(repeating: 0, count: 2 * count)
    phi = Array(repeating: 0, count: count)
    theta = phi
    status = Array(repeating: 0, count: count)
  }

  /// Status 8 and 9: some of the places are not valid, and `status` tells which. Any other: nothing was done.
  func isValid(_ index: Int, _ outcome: Int32) -> Bool {
    (outcome == 0 || outcome == 8 || outcome == 9) && status[index] == 0
  }
}
