// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "elnath-benchmarks",
  dependencies: [.package(name: "elnath", path: "..")],
  targets: [
    .executableTarget(
      name: "ElnathBenchmarks", dependencies: [.product(name: "ElnathKit", package: "elnath")],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
