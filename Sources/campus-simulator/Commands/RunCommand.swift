import ArgumentParser
import Campus
import Foundation

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Let the devices of a campus directory live a day, or publish an even load.",
    discussion: """
      What is read, by whom and when depends on the seed, the campus and the simulated time alone; so do epochs. A
      second run with the same seed, start and speed sends the same frames again, and a gateway finds them duplicates.
      Readings carry simulated time, `sent` the real clock. Exits with 1 if a frame is left without receipt.

      A scenario has the columns what, target, from, to, value; from and to may be empty:
        absent    unit, group, course or person   probability, from 0 to 1, of staying away
        late      unit, group, course or person   minutes they come later
        guests    place       cards of people not enrolled at each of its meetings
        downhill  place       share of the scale, from 0 to 1, that votes there lose a day
        dead      device or place   no reading is taken: site/device, or all devices of a place
        offline   device or place   readings are taken and sent when it is over
        clock     device or place   year-ahead, in-1970, slow or never-set; all the time
      """)

  @OptionGroup(title: "Campus") var campus: CampusOptions
  @OptionGroup(title: "Broker") var broker: BrokerOptions
  @OptionGroup(title: "Time") var time: TimeOptions
  @OptionGroup(title: "Load") var load: LoadOptions
  @OptionGroup(title: "Misbehaviour") var misbehaviour: MisbehaviourOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    try time.check()
    guard load.rate == nil || (time.days == nil && campus.scenario == nil) else {
      throw ValidationError("--days and --scenario belong to a life: leave out --rate")
    }
    try load.check()
    try misbehaviour.check()
    guard (1...65_535).contains(broker.port) else { throw ValidationError("--port is from 1 to 65535") }
    guard load.rate != nil || (load.frames == nil && load.readings == nil) else {
      throw ValidationError("--frames and --readings belong to a load: give --rate")
    }
    if let devices = campus.devices, devices < 1 { throw ValidationError("--devices is at least 1") }
    guard output.ledger != nil || !output.ledgerTransmissions else {
      throw ValidationError("--ledger-transmissions needs --ledger")
    }
  }

  func run() throws {
    let plan = try RunPlan(self)
    let runner = Runner(plan: plan, showsProgress: output.progress)
    let summary = try runner.run()
    print(output.json ? summary.json : summary.text)
    if summary.counts.waiting > 0 || summary.counts.libraryErrors > 0 { throw ExitCode(1) }
  }
}

struct CampusOptions: ParsableArguments {
  @Option(name: .customLong("campus"), help: "The campus directory.")
  var directory: String
  @Option(help: "The keys of its `mac` devices, as `campus-simulator keys` writes them.")
  var keys: String
  @Option(help: "Of what chance decides. Without it, the clock; it is then printed.")
  var seed: UInt64?
  @Option(help: "Use so many devices. More than the directory has only with --rate.")
  var devices: Int?
  @Option(help: "The campus's time zone.") var timeZone = "Asia/Shanghai"
  @Option(help: "What goes wrong by design: a CSV file, as the discussion above has it.")
  var scenario: String?
}

struct BrokerOptions: ParsableArguments {
  @Option(help: "Where the broker listens.") var host = "127.0.0.1"
  @Option(help: "TCP port.") var port: Int32
  @Option(help: "User name for the broker.") var username: String?
  @Option(help: "File whose first line is the password.") var passwordFile: String?
  @Option(help: "MQTT connections. Without it one a device up to 64 devices, else 4.")
  var connections: Int?
}

struct TimeOptions: ParsableArguments {
  @Option(help: "Simulated seconds a real second.") var speed = 1.0
  @Option(help: "Simulated time at the beginning, ISO 8601 with offset. Without it the first busy morning.")
  var start: String?
  @Option(help: "Real seconds to generate for. Without it until SIGINT or SIGTERM.") var seconds: Double?
  @Option(help: "Simulated days to live, from the first busy day's midnight or --start. Full outboxes hold time up.")
  var days: Double?
  @Option(help: "Real seconds to wait for receipts after that.") var drainSeconds = 30.0

  func check() throws {
    guard days == nil || seconds == nil else { throw ValidationError("--days or --seconds, not both") }
    if let days, !(days > 0 && days <= 400) { throw ValidationError("--days is over 0, at most 400") }
    guard speed > 0, speed <= 100_000 else { throw ValidationError("--speed is over 0, at most 100000") }
    if let seconds, !(seconds > 0 && seconds < 1e9) { throw ValidationError("--seconds is over 0") }
    guard drainSeconds >= 0, drainSeconds < 1e9 else { throw ValidationError("--drain-seconds is 0 or more") }
  }
}

struct LoadOptions: ParsableArguments {
  @Option(help: "Frames a second of all devices together, evenly; ignores the timetable.") var rate: Double?
  @Option(help: "Stop after so many frames.") var frames: Int?
  @Option(help: "Readings a frame, 1 to 64.") var readings: Int?

  func check() throws {
    if let rate, !(rate > 0 && rate <= 10_000_000) { throw ValidationError("--rate is over 0") }
    if let frames, frames < 1 { throw ValidationError("--frames is at least 1") }
    if let readings, !(1...64).contains(readings) { throw ValidationError("--readings is from 1 to 64") }
  }
}

struct MisbehaviourOptions: ParsableArguments {
  @Option(help: "Probability that a frame is sent twice.") var duplicates = 0.0
  @Option(help: "Probability that a frame leaves after its successor.") var reorder = 0.0
  @Option(help: "Devices with wrong clocks: in turn a year ahead, in 1970, 20 minutes slow, never set.")
  var badClocks = 0
  @Option(help: "Probability a device and simulated hour (with --rate: real hour times --speed) of a reboot.")
  var reboots = 0.0
  @Option(help: "Probability that a receipt is lost.") var lostReceipts = 0.0
  @Option(help: "Probability that a forgery goes with a frame.") var forged = 0.0
  @Option(help: "Probability a connection and second that it is cut.") var dropConnection = 0.0

  func check() throws {
    for (name, value) in [
      ("duplicates", duplicates), ("reorder", reorder), ("reboots", reboots),
      ("lost-receipts", lostReceipts), ("forged", forged), ("drop-connection", dropConnection),
    ] where !(0...1).contains(value) {
      throw ValidationError("--\(name) is a probability, from 0 to 1")
    }
    guard badClocks >= 0 else { throw ValidationError("--bad-clocks is a number of devices") }
  }

  var misbehaviour: Misbehaviour {
    Misbehaviour(
      duplicates: duplicates, reorder: reorder, reboots: reboots, lostReceipts: lostReceipts,
      forged: forged, dropConnection: dropConnection, badClocks: badClocks)
  }
}

struct OutputOptions: ParsableArguments {
  @Option(help: "Write what was really done here, NDJSON, for `prove`.") var ledger: String?
  @Flag(help: "Put every transmission into the ledger too.") var ledgerTransmissions = false
  @Flag(help: "One live line a second on standard error.") var progress = false
  @Flag(help: "Print the summary as JSON.") var json = false
}
