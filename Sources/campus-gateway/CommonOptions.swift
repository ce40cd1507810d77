import ArgumentParser
import CPlatform
import Campus
import Foundation
import ReadingLog

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(help: "The configuration file.")
  var config = "config/gateway.yaml"

  @Flag(help: "Print JSON.")
  var json = false

  /// The configuration, or every fault in it and exit 3. `forRunning`: with what a gateway would not start with.
  func load(forRunning: Bool = false) throws -> Configuration {
    let (configuration, faults) = Configuration.load(
      path: config, environment: ProcessInfo.processInfo.environment, forRunning: forRunning)
    guard let configuration, faults.isEmpty else {
      for fault in faults {
        Console.error(fault.description)
        if Console.isChinese { Console.error("    \(fault.messageZh)") }
      }
      throw Refusal.cannotRun("\(faults.count) fault\(faults.count == 1 ? "" : "s") in the configuration; nothing was done")
    }
    return configuration
  }

  /// The store for reading, beside a running gateway or without one.
  func openStore() throws -> LogStore { try LogStore.openReadOnly(load().store.path) }
}

/// Unix milliseconds.
func unixNow() -> Int64 { platform_unix_ns() / 1_000_000 }

extension Configuration {
  /// Where store, lock and control socket stand.
  var dataFolder: String {
    let folder = (store.path as NSString).deletingLastPathComponent
    return folder.isEmpty ? "." : folder
  }
}
