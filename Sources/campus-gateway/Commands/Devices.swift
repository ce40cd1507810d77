import ArgumentParser
import Campus
import ReadingLog

struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List devices.", subcommands: [List.self, Silent.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every device: place, keys, presence, when last heard, missing frames.")
    @OptionGroup var common: CommonOptions
    func run() throws { try Devices.show(common, try Devices.reports(common)) }
  }

  struct Silent: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Devices of the campus not heard for a while; exit 1 if there are any.")
    @OptionGroup var common: CommonOptions
    @Option(help: "Minutes without a reading.") var minutes = 60

    /// A hundred years.
    private static let longest = 52_560_000

    func validate() throws {
      guard (0...Silent.longest).contains(minutes) else {
        throw ValidationError("--minutes is a number from 0 to \(Silent.longest)")
      }
    }

    func run() throws {
      let limit = unixNow() - Int64(minutes) * 60_000
      let silent = try Devices.reports(common).filter { ($0.lastReceived ?? .min) < limit }
      try Devices.show(common, silent)
      if !silent.isEmpty { throw ExitCode(1) }
    }
  }

  private struct Line: Encodable {
    var site, device: String
    var place: String?
    var auth: String?
    var online: Bool?
    var keys, boots, missing: Int64
    var last_received: Int64?
  }

  /// Devices of the campus directory; those only the store knows are history.
  private static func reports(_ common: CommonOptions) throws -> [DeviceReport] {
    let configuration = try common.load()
    let known = try LogStore.openReadOnly(configuration.store.path).deviceReports()
    let (campus, faults) = Campus.load(directory: configuration.campus.directory)
    guard let campus else { throw CampusFaults(faults: faults) }
    var byName: [Device.Name: DeviceReport] = [:]
    for report in known { byName[Device.Name(site: report.site, device: report.device)] = report }
    return campus.devices.map { device in
      byName[device.name]
        ?? DeviceReport(site: device.site, device: device.device, place: device.placeID)
    }
  }

  private static func show(_ common: CommonOptions, _ reports: [DeviceReport]) throws {
    if common.json {
      try Console.printJSON(
        reports.map {
          Line(
            site: $0.site, device: $0.device, place: $0.place, online: $0.isOnline, keys: $0.keys, boots: $0.boots,
            missing: $0.missing, last_received: $0.lastReceived)
        })
      return
    }
    let now = unixNow()
    Console.printTable(
      ["DEVICE", "PLACE", "STATE", "KEYS", "MISSING", "LAST HEARD"],
      reports.map {
        [
          "\($0.site)/\($0.device)", $0.place ?? "-",
          $0.isOnline.map { $0 ? "online" : "offline" } ?? "-", "\($0.keys)", "\($0.missing)",
          $0.lastReceived == nil ? "never" : TimeText.ago($0.lastReceived, now: now),
        ]
      })
  }
}
