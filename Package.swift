// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

// Unoptimised kernels are some 80 times slower, which would make tests on real-size images unusable.
let optimisedInDebug: [SwiftSetting] = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "elnath",
  targets: [
    .systemLibrary(name: "CCFITSIO", pkgConfig: "cfitsio", providers: [.apt(["libcfitsio-dev"])]),
    .systemLibrary(name: "CERFA", pkgConfig: "erfa", providers: [.apt(["liberfa-dev"])]),
    .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
    .target(name: "ElnathFITS", dependencies: ["CCFITSIO"], swiftSettings: optimisedInDebug),
    .target(name: "ElnathCore", dependencies: ["CERFA", "CFFTW"], swiftSettings: optimisedInDebug),
    .target(
      name: "ElnathTestSupport", dependencies: ["ElnathCore"], path: "Tests/ElnathTestSupport",
      swiftSettings: optimisedInDebug),
    .testTarget(
      name: "ElnathFITSTests", dependencies: ["ElnathFITS", "ElnathTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ElnathCoreTests", dependencies: ["ElnathCore", "ElnathTestSupport"],
      swiftSettings: strict),
  ]
)
