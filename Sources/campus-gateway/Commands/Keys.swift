import ArgumentParser
import Campus
import Foundation
import ReadingLog

struct Keys: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, import, rotate and revoke device keys.",
    subcommands: [New.self, Import.self, Rotate.self, Revoke.self])

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key for a device and print it; earlier keys of the device are revoked.")
    @OptionGroup var common: CommonOptions
    @Argument var site: String
    @Argument var device: String

    func run() throws { try Keys.make(common, site, device, keepOld: false) }
  }

  struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a new key and print it; the present one stays valid beside it until revoked with --old.")
    @OptionGroup var common: CommonOptions
    @Argument var site: String
    @Argument var device: String

    func run() throws { try Keys.make(common, site, device, keepOld: true) }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Revoke the keys of a device, at once.")
    @OptionGroup var common: CommonOptions
    @Argument var site: String
    @Argument var device: String
    @Flag(help: "Only the old one, after a rotation.") var old = false

    func run() throws {
      let response = try Gateway.perform(
        .revokeKeys(site: site, device: device, keepNewest: old), common.load())
      let count = response.count ?? 0
      if common.json { try Console.printJSON(["revoked": count]) } else { Console.print("revoked \(count)") }
      if count == 0 { throw Refusal.notGood("\(site)/\(device) has no \(old ? "old" : "live") key") }
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Import keys from a CSV file with the columns site, device, key (64 hexadecimal digits) and, if wanted, kid.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The CSV file.") var file: String

    func run() throws {
      let configuration = try common.load()
      guard let data = FileManager.default.contents(atPath: file) else {
        throw Refusal.cannotRun("\(file): cannot be read")
      }
      var table = CSVTable(Array(data), required: ["site", "device", "key"], optional: ["kid"])
      var keys: [ControlRequest.NewKey] = []
      var faults: [String] = []
      var lines: [String: Int] = [:]
      while table.next() {
        let (site, device, key) = (table.text(0), table.text(1), table.text(2))
        let kid = table.isEmpty(3) ? nil : table.text(3)
        if !Device.isTopicName(site) || !Device.isTopicName(device) {
          faults.append("\(file):\(table.line): \(site)/\(device) is no device name (1 to 64 of A-Z a-z 0-9 . _ -)")
        } else if Hex.bytes(key)?.count != 32 {
          faults.append("\(file):\(table.line): the key of \(site)/\(device) is not 64 hexadecimal digits")
        } else if let kid, Hex.bytes(kid) == nil {
          faults.append("\(file):\(table.line): the kid of \(site)/\(device) is not hexadecimal")
        } else if let first = lines.updateValue(table.line, forKey: "\(site)/\(device)") {
          // The later key would revoke the earlier one.
          faults.append("\(file):\(table.line): \(site)/\(device) has a key on line \(first) already: one key a device")
        } else {
          keys.append(.init(site: site, device: device, key: key, kid: kid))
        }
      }
      faults = table.faults.map { "\(file):\($0.line): \($0.problem.message)" } + faults
      guard faults.isEmpty else {
        for fault in faults { Console.error(fault) }
        throw Refusal.notGood("\(faults.count) faults; no key was imported")
      }
      let count = try importKeys(keys, configuration)
      noteUnknown(keys, configuration)
      if common.json { try Console.printJSON(["imported": count]) } else { Console.print("imported \(count) keys") }
      if count == 0 { throw Refusal.notGood("\(file) holds no key: there is no line below its head") }
    }

    /// Devices shown; the rest is only counted.
    private static let shown = 10

    private func noteUnknown(_ keys: [ControlRequest.NewKey], _ configuration: Configuration) {
      guard let campus = Campus.load(directory: configuration.campus.directory).campus else { return }
      let unknown = keys.filter { campus.device(site: $0.site, device: $0.device) == nil }
      for key in unknown.prefix(Import.shown) { Console.error(Keys.unknownNote(key.site, key.device)) }
      if unknown.count > Import.shown { Console.error("note: and \(unknown.count - Import.shown) more") }
    }

    private func importKeys(_ keys: [ControlRequest.NewKey], _ configuration: Configuration) throws -> Int {
      var bar = ProgressBar(Wording("importing keys", "正在导入密钥"))
      let interruption = Interruption()
      var (count, sent) = (0, 0)
      var isLast = false
      do {
        try Gateway.perform(configuration) {
          guard !isLast else { return nil }
          // What is imported is put in force, also where the rest is left.
          let end = interruption.isAsked ? sent : min(keys.count, sent + Keys.keysAtOnce)
          isLast = end == keys.count || interruption.isAsked
          defer { sent = end }
          // Once at least: a file without rows still makes store and master key.
          return .addKeys(Array(keys[sent..<end]), keepOld: false, inForce: isLast)
        } _: { response in
          count += response.count ?? 0
          bar.update(Int64(count), of: Int64(keys.count))
        }
      } catch {
        if count > 0 { Console.error(left(count, of: keys.count)) }
        throw error
      }
      bar.finish()
      if count < keys.count { throw Refusal.notGood("interrupted: \(left(count, of: keys.count))") }
      return count
    }

    private func left(_ count: Int, of all: Int) -> String {
      "\(count) of \(all) keys are imported; import the file again for the rest, a key that is there already stays as it is"
    }
  }

  /// Keys handed over at a time: a gateway that runs goes on taking messages in between.
  private static let keysAtOnce = 1_000

  private static func unknownNote(_ site: String, _ device: String) -> String {
    "note: \(site)/\(device) is not in devices.csv; it is rejected until it is"
  }

  private static func make(
    _ common: CommonOptions, _ site: String, _ device: String, keepOld: Bool
  ) throws {
    guard Device.isTopicName(site), Device.isTopicName(device) else {
      throw Refusal.usage("site and device are 1 to 64 of A-Z a-z 0-9 . _ -, not starting with a dot")
    }
    var generator = SystemRandomNumberGenerator()
    let key = Hex.string((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    let kid = Hex.string((0..<4).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    _ = try Gateway.perform(
      .addKeys([.init(site: site, device: device, key: key, kid: kid)], keepOld: keepOld, inForce: true), common.load())
    let campus = Campus.load(directory: try common.load().campus.directory).campus
    if let campus, campus.device(site: site, device: device) == nil {
      Console.error(unknownNote(site, device))
    }
    if common.json {
      try Console.printJSON(["site": site, "device": device, "key": key, "kid": kid])
    } else {
      Console.print("site,device,key,kid")
      Console.print(CSV.line([site, device, key, kid]))
    }
  }
}
