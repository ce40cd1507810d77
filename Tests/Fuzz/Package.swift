// swift-tools-version: 6.2
import PackageDescription

// Built with --sanitize=fuzzer: libFuzzer brings main, so no target may have one.
let withoutMain: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]
let decoders: [Target.Dependency] = [
  "Invariants", .product(name: "DeviceProtocol", package: "campus-gateway"),
]

let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "campus-gateway", path: "../..")],
  targets: [
    .target(
      name: "Invariants", dependencies: [.product(name: "DeviceProtocol", package: "campus-gateway")]),
    .executableTarget(
      name: "fuzz-frame",
      dependencies: decoders + [.product(name: "CampusDevice", package: "campus-gateway")],
      swiftSettings: withoutMain),
    .executableTarget(name: "fuzz-json", dependencies: decoders, swiftSettings: withoutMain),
    .executableTarget(name: "fuzz-topic", dependencies: decoders, swiftSettings: withoutMain),
  ],
  swiftLanguageModes: [.v6]
)
