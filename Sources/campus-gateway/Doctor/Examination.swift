import Foundation
import Ingest

/// A look at a whole deployment: every group of checks in turn, and what they mean together.
struct Examination {
  let configuration: Configuration
  let isQuick: Bool
  /// Unix milliseconds.
  let now: Int64
  private(set) var evidence = Evidence()
  private(set) var findings: [Finding] = []

  init(_ configuration: Configuration, isQuick: Bool, now: Int64) {
    self.configuration = configuration
    self.isQuick = isQuick
    self.now = now
  }

  var isGood: Bool { !findings.contains { $0.isBad } }

  /// `report` is told of each group as it is done.
  mutating func run(_ report: ([Finding]) -> Void) {
    let broker = brokerFindings()
    take(broker, report)
    var store = StoreChecks(
      path: configuration.store.path, keyFile: configuration.campus.keyFile, isQuick: isQuick, now: now)
    store.run()
    let disk = DiskChecks.findings(folder: configuration.dataFolder, growth: store.growth, &evidence)
    take(disk, report)
    evidence.brokenStore = store.findings.first { $0.level == .fault }?.what
    take(store.findings + diagnosisStore, report)
    take(FileChecks.findings(configuration), report)
    take(MachineChecks.findings(configuration), report)
    take(CampusChecks.findings(configuration, now: now), report)
    var running = RunningChecks(configuration, now: now)
    running.run()
    take(running.findings, report)
  }

  private mutating func take(_ more: [Finding], _ report: ([Finding]) -> Void) {
    findings += more
    report(more)
  }

  private mutating func brokerFindings() -> [Finding] {
    let options: BrokerOptions
    do { options = try configuration.brokerOptions() } catch {
      // The files' own check names the file.
      return [
        .fault(
          "broker.login", Wording("\(error)", "\(error)"), why: Wording("the gateway does not start", "网关无法启动"),
          mend: Wording("put the password file there, readable by the gateway's user alone", "放置密码文件，且仅网关用户可读"))
      ]
    }
    let reach = TCPReach(host: options.host, port: options.port, milliseconds: 5_000)
    if let problem = reach.problem {
      return [
        .fault(
          "broker.reach",
          Wording(
            "the broker at \(options.host):\(options.port) cannot be reached: \(problem)",
            "无法连接消息服务器 \(options.host):\(options.port)：\(problem)"),
          why: Wording("no message is taken", "收不到任何消息"),
          mend: Wording("is it running? mqtt.host, mqtt.port, firewall", "是否在运行？检查 mqtt.host、mqtt.port 与防火墙"))
      ]
    }
    var findings = [
      Finding.ok(
        "broker.reach", Wording("the broker at \(options.host):\(options.port) answers", "消息服务器 \(options.host):\(options.port) 可连接"))
    ]
    findings += TransportChecks.findings(options, reach, now: now)
    var trial = BrokerTrial(options)
    trial.run()
    findings += trial.findings(&evidence)
    let broker = reach.isHere ? RunningMosquitto.listening(on: Int(options.port)) : nil
    findings += settingsFindings(options, reach, broker)
    // Where the gateway may do everything, nothing is kept from it.
    if trial.problem == nil, !trial.lowersQoS, trial.publishesAnywhere != true { findings += AccessList.findings(options, broker) }
    return findings
  }

  private mutating func settingsFindings(_ options: BrokerOptions, _ reach: TCPReach, _ broker: RunningMosquitto?) -> [Finding] {
    guard reach.isHere else {
      return [RunningMosquitto.unseen("it is on another machine", "它在另一台机器上")]
    }
    guard let broker else {
      return [
        RunningMosquitto.unseen(
          "no mosquitto with port \(options.port) is seen on this machine", "本机未见监听 \(options.port) 端口的 mosquitto")
      ]
    }
    return broker.findings(port: Int(options.port), &evidence)
  }

  /// The embedded core's store is beside the readings'; it is small.
  private var diagnosisStore: [Finding] {
    let file = configuration.diagnosisStore
    guard FileManager.default.fileExists(atPath: file) else { return [] }
    do {
      let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber
      let bytes = DiskChecks.bytes(size?.int64Value ?? 0)
      return [.ok("store.diagnosis", Wording("warnings take \(bytes) (\(file))", "预警数据占 \(bytes)（\(file)）"))]
    } catch {
      return []
    }
  }
}
