import CLoad
import Foundation

/// Frames at a rate in slices that follow one another, so that a load may last for hours.
struct LoadStream {
  private let place: Workplace
  private let broker: Broker
  private let gateway: GatewayRun
  private let rate: Int
  private let folder: String
  private let campus: BenchCampus
  /// Frames of each device so far.
  private var rounds = 0
  private var slices = 0
  /// All frames so far, and when the last slice is over, Unix seconds.
  private(set) var frames = 0
  private(set) var end = 0.0

  init(_ place: Workplace, _ broker: Broker, _ gateway: GatewayRun, rate: Int, in folder: String) {
    self.init(place, broker, gateway, BenchCampus(devices: 10_000), rate: rate, in: folder)
  }

  init(
    _ place: Workplace, _ broker: Broker, _ gateway: GatewayRun, _ campus: BenchCampus, rate: Int, in folder: String
  ) {
    self.place = place
    self.broker = broker
    self.gateway = gateway
    self.rate = rate
    self.folder = folder
    self.campus = campus
  }

  /// Starts to publish for so many seconds, at once or when the slice before ends; a slice ends with a whole round of
  /// all devices.
  mutating func begin(seconds: Int, follows: Bool = false) throws -> Child {
    slices += 1
    let wholeRounds = max(1, (rate * seconds + campus.devices - 1) / campus.devices)
    let count = wholeRounds * campus.devices
    let start = follows ? end : load_unix_s() + 2 + Double(count) * 2e-5
    end = start + Double(count) / Double(rate)
    let child = try Child(
      place.program("publish"),
      [
        "-p", "\(broker.port)", "-n", "\(count)", "-d", "\(campus.devices)", "-q",
        "\(rounds + 1)", "-s", "\(rate)", "-b", "\(start)", "-c", campus.argument,
      ], in: folder, named: "publish-\(slices)")
    rounds += wholeRounds
    frames += count
    return child
  }

  /// Waits until a slice is published and every frame stored; gives how many there were and the seconds they took.
  @discardableResult
  func finish(_ publisher: Child) throws -> (count: Int, seconds: Double) {
    let load: Measured = try Workplace.decode(publisher.finish())
    let status = try gateway.wait(forReceived: frames)
    let ended = Double(status.gateway?.lastCommit ?? 0) / 1000
    return (Int(load.count), ended - load.began)
  }

  @discardableResult
  mutating func run(seconds: Int) throws -> (count: Int, seconds: Double) {
    // In two steps: in one, `finish` would see how many frames there were before.
    let publisher = try begin(seconds: seconds)
    return try finish(publisher)
  }
}
