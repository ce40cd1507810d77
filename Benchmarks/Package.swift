// swift-tools-version: 6.2
import PackageDescription

let mosquitto: [LinkerSetting] = [.linkedLibrary("mosquitto")]
let sqlite: [LinkerSetting] = [.linkedLibrary("sqlite3")]

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "campus-gateway", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    // What the programs below share: frames of many devices, clocks, a table of fixed rows.
    .target(name: "CLoad", dependencies: [.product(name: "CampusDevice", package: "campus-gateway")]),
    // The load.
    .executableTarget(name: "publish", dependencies: ["CLoad"]),
    // What the gateway is measured against.
    .executableTarget(name: "discard", dependencies: ["CLoad"], linkerSettings: mosquitto),
    .executableTarget(name: "bare-lane", dependencies: ["CLoad"], linkerSettings: mosquitto + sqlite),
    .executableTarget(name: "bare-insert", dependencies: ["CLoad"], linkerSettings: sqlite),
    .executableTarget(name: "sync-loop", dependencies: ["CLoad"]),
    // What stands in the stores after a run.
    .executableTarget(name: "store-look", dependencies: ["CLoad"], linkerSettings: sqlite),
    // The gateway's pipeline without a broker.
    .executableTarget(
      name: "pipeline", dependencies: ["CLoad", .product(name: "Ingest", package: "campus-gateway")]),
    // Starts them all and writes RESULTS.md.
    .executableTarget(
      name: "bench",
      dependencies: [
        "CLoad", "publish", "discard", "bare-lane", "bare-insert", "sync-loop", "store-look", "pipeline",
        .product(name: "campus-gateway", package: "campus-gateway"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
