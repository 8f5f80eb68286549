// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

// Unoptimised kernels are some 80 times slower, which would make tests on real-size images unusable.
let optimisedInDebug: [SwiftSetting] = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "elnath",
  products: [
    .executable(name: "elnath", targets: ["ElnathCLI"]),
    .library(name: "ElnathKit", targets: ["ElnathFITS", "ElnathCore", "ElnathPipeline"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CCFITSIO", pkgConfig: "cfitsio", providers: [.apt(["libcfitsio-dev"])]),
    .systemLibrary(name: "CERFA", pkgConfig: "erfa", providers: [.apt(["liberfa-dev"])]),
    .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
    .systemLibrary(name: "CWCS", pkgConfig: "wcslib", providers: [.apt(["wcslib-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CLibCSV", providers: [.apt(["libcsv-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CPrefetch"),
    .target(name: "ElnathFITS", dependencies: ["CCFITSIO"], swiftSettings: optimisedInDebug),
    .target(
      name: "ElnathCore", dependencies: ["CERFA", "CFFTW", "CPrefetch", "CWCS"], swiftSettings: optimisedInDebug),
    .target(
      name: "ElnathPipeline",
      dependencies: [
        "ElnathFITS", "ElnathCore", "CLibCSV", "CMalloc", "CPNG", "TOMLKit",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "ElnathCLI",
      dependencies: [
        "ElnathPipeline", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .target(
      name: "ElnathTestSupport", dependencies: ["ElnathCore"], path: "Tests/ElnathTestSupport",
      swiftSettings: optimisedInDebug),
    .testTarget(
      name: "ElnathFITSTests", dependencies: ["ElnathFITS", "ElnathTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ElnathCoreTests", dependencies: ["ElnathCore", "ElnathTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ElnathPipelineTests", dependencies: ["ElnathPipeline", "ElnathFITS", "ElnathTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ElnathCLITests",
      dependencies: [
        "ElnathCLI", "ElnathPipeline", "ElnathFITS", "ElnathTestSupport",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict),
  ]
)
