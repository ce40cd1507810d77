// swift-tools-version: 6.2
import PackageDescription

// The hot path touches one class a message many times: its exclusivity checks cost 3 % there. Debug builds and
// tests keep them.
let hotPath: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

// Targets in the order of the data's path: a target may import only what stands above it.
let package = Package(
  name: "campus-gateway",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "campus-gateway", targets: ["campus-gateway"]),
    .executable(name: "campus-simulator", targets: ["campus-simulator"]),
    // For the packages in Benchmarks/ and Tests/Fuzz/.
    .library(name: "CampusDevice", targets: ["CampusDevice"]),
    .library(name: "DeviceProtocol", targets: ["DeviceProtocol"]),
    .library(name: "Ingest", targets: ["Campus", "ReadingLog", "Ingest"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0"),
    // What Hummingbird speaks in.
    .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.24.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(
      name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    // What Swift's Glibc module leaves out: eventfd, TCP_CORK, flock; and a look at a TLS connection.
    .target(name: "CPlatform", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    // The device's side, in C99: what a firmware engineer takes away.
    .target(
      name: "CampusDevice", path: "firmware-protocol",
      sources: ["src"], publicHeadersPath: "include"),

    .target(name: "DeviceProtocol", dependencies: ["COpenSSL"], swiftSettings: hotPath),
    .target(name: "Campus"),
    .target(
      name: "ReadingLog",
      dependencies: [
        "DeviceProtocol", "Campus", "COpenSSL",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ], swiftSettings: hotPath),
    .target(
      name: "Ingest",
      dependencies: [
        "DeviceProtocol", "Campus", "ReadingLog", "CMosquitto", "CPlatform",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: hotPath),
    .target(
      name: "Aggregation",
      dependencies: [
        "DeviceProtocol", "Campus", "ReadingLog", "CPlatform",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], exclude: ["DESIGN.md"], swiftSettings: hotPath),
    .target(
      name: "Diagnosis",
      dependencies: [
        "Campus", "DeviceProtocol", "COpenSSL", "Yams",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    // The page's files as bytes of the program.
    .target(
      name: "OperationsPage",
      exclude: [
        "api.js", "chart.js", "classes.js", "device.js", "devices.js", "dom.js",
        "format.js", "held.js", "icons.js", "index.html", "live.js", "narrow.css",
        "now.js", "openapi.json", "page.css", "page.js", "quarantine.js", "satisfaction.js",
        "spiral.js", "tables.js", "views.css", "warning.js", "warnings.js", "words-names.js",
        "words-views.js", "words.js",
      ]),
    .target(
      name: "Operations",
      dependencies: [
        "Campus", "DeviceProtocol", "ReadingLog", "Ingest", "Aggregation", "Diagnosis", "OperationsPage",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .executableTarget(
      name: "campus-gateway",
      dependencies: [
        "Campus", "DeviceProtocol", "ReadingLog", "Ingest", "Aggregation", "Diagnosis", "Operations", "CMosquitto",
        "CPlatform", "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    .executableTarget(
      name: "campus-simulator",
      dependencies: [
        "CampusDevice", "Campus", "CMosquitto", "CPlatform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "DeviceProtocolTests", dependencies: ["DeviceProtocol"]),
    .testTarget(name: "SimulatorTests", dependencies: ["campus-simulator", "Campus", "CampusDevice"]),
    // What the aggregates must be, computed once more: on purpose without any target of this package.
    .executableTarget(
      name: "campus-truth", dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Tests/Truth"),
    .testTarget(name: "TruthTests", dependencies: ["campus-truth"]),
    .testTarget(name: "CampusTests", dependencies: ["Campus"]),
    .testTarget(
      name: "ReadingLogTests",
      dependencies: ["ReadingLog", "DeviceProtocol", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(
      name: "IngestTests",
      dependencies: [
        "Ingest", "ReadingLog", "DeviceProtocol", "Campus", "CPlatform",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "AggregationTests",
      dependencies: [
        "Aggregation", "ReadingLog", "DeviceProtocol", "Campus", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "DiagnosisTests", dependencies: ["Diagnosis", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(
      name: "OperationsTests",
      dependencies: [
        "Operations", "Campus", "DeviceProtocol", "Diagnosis", "Ingest", "ReadingLog",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "CoreMetrics", package: "swift-metrics"),
      ]),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "campus-gateway", "Aggregation", "Campus", "CampusDevice", "DeviceProtocol", "Diagnosis", "ReadingLog", "Ingest",
        "CMosquitto", "CPlatform", .product(name: "GRDB", package: "GRDB.swift"),
        // Run beside the gateway, not imported.
        "campus-simulator", "campus-truth",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
