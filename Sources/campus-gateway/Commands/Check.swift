import ArgumentParser
import Campus
import Diagnosis
import Foundation

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Check configuration, campus directory and standards; every fault as file:line: message, exit 1 if any.")

  @OptionGroup var common: CommonOptions

  private struct Fault: Encodable {
    var place: String
    var message: String
    var message_zh: String
  }

  func run() throws {
    var faults: [Fault] = []
    let (configuration, configurationFaults) = Configuration.load(
      path: common.config, environment: ProcessInfo.processInfo.environment, forRunning: true)
    for fault in configurationFaults {
      let place: String =
        switch fault.source {
        case .file(let name, let line): "\(name):\(line)"
        case .environment(let variable): variable
        }
      faults.append(Fault(place: place, message: fault.message, message_zh: fault.messageZh))
    }
    var campus: Campus?
    // A fault elsewhere in the configuration must not hide those of the campus.
    let directory = configuration?.campus.directory ?? Configuration().campus.directory
    if configuration != nil || FileManager.default.fileExists(atPath: directory) {
      let loaded = Campus.load(directory: directory)
      campus = loaded.campus
      for fault in loaded.faults {
        faults.append(
          Fault(place: "\(fault.file):\(fault.line)", message: fault.message, message_zh: fault.messageZh))
      }
    }
    let standardCount = check(standardsOf: configuration ?? Configuration(), &faults)
    if common.json {
      try Console.printJSON(faults)
    } else if faults.isEmpty, let campus {
      if Console.isChinese {
        Console.print(
          "正常：设备 \(campus.devices.count)，场所 \(campus.places.count)，人员 \(campus.people.count)，"
            + "课次 \(campus.sessions.count)，质量标准 \(standardCount)")
        return
      }
      Console.print(
        "good: \(campus.devices.count) devices, \(campus.places.count) places, \(campus.people.count) people, "
          + "\(campus.sessions.count) meetings, \(standardCount) standards")
    } else {
      for fault in faults {
        Console.print("\(fault.place): \(fault.message)")
        if Console.isChinese { Console.print("    \(fault.message_zh)") }
      }
      Console.print(
        Console.isChinese ? "共 \(faults.count) 处错误" : "\(faults.count) fault\(faults.count == 1 ? "" : "s")")
    }
    if !faults.isEmpty { throw ExitCode(1) }
  }

  /// How many there are, where they are good.
  private func check(standardsOf configuration: Configuration, _ faults: inout [Fault]) -> Int {
    // Without an embedded core they are another machine's, and need not be here.
    let isNeeded = configuration.diagnosis.embedded && !configuration.hasNoStandards
    guard isNeeded || FileManager.default.fileExists(atPath: configuration.diagnosis.standards) else { return 0 }
    let loaded = Standards.load(path: configuration.diagnosis.standards)
    for fault in loaded.faults {
      faults.append(Fault(place: "\(fault.file):\(fault.line)", message: fault.message, message_zh: fault.messageZh))
    }
    return loaded.standards?.all.count ?? 0
  }
}
