import ArgumentParser
import Glibc

struct BrokerBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker", abstract: "Messages a second and CPU a message behind mosquitto, against two subscribers.")
  static let title = "The whole gateway behind mosquitto"
  static let devices = 500

  @OptionGroup var options: Options

  func run() throws { try options.measure { try [BrokerBench.section($0, options)] } }

  /// One subscriber's figures over all runs.
  struct Figures {
    var name: String
    var finished = Samples()
    var published = Samples()
    var cpu = Samples()
  }

  static func section(_ place: Workplace, _ options: Options) throws -> Section {
    var all = [
      Figures(name: "libmosquitto's own loop, discards everything"), Figures(name: "**the gateway**"),
      Figures(name: "bare lane in C, one fixed row a message"),
    ]
    for run in 1...options.runs {
      for index in all.indices {
        let folder = try place.fresh()
        let broker = try Broker(in: folder)
        let (load, subscriber) =
          switch index {
          case 0: try plain(place, "discard", [], broker, options.frames, in: folder)
          case 1: try gateway(place, broker, options.frames, devices: devices, in: folder)
          default: try plain(place, "bare-lane", ["\(folder)/bare.sqlite"], broker, options.frames, in: folder)
          }
        try broker.stop()
        try place.discard(folder)
        all[index].published.add(load.perSecond)
        // From the load's start, so that a subscriber is not the faster for a late first message.
        all[index].finished.add(subscriber.count / (subscriber.ended - load.began))
        all[index].cpu.add(subscriber.cpuMicroseconds)
      }
      let rates = all.map { Samples.text($0.finished.values[run - 1], 0) }
      print("broker, run \(run) of \(options.runs): \(rates) messages/s")
    }
    let gateway = all[1]
    return Section(
      title: title,
      about:
        "\(Samples.text(Double(options.frames), 0)) authenticated one-reading frames of \(devices) devices at QoS 1, at most 2,000 unacknowledged at the publisher; broker and publisher share the cores. In each pair of columns: the figure, and the gateway's ratio to it.",
      header: [
        "subscriber", "messages/s until the last was handled", "gateway ÷ it", "messages/s at the publisher",
        "gateway ÷ it", "CPU µs a message", "gateway ÷ it",
      ],
      rows: all.map { figures in
        func ratio(_ samples: KeyPath<Figures, Samples>) -> String {
          figures.name == gateway.name ? "" : (gateway[keyPath: samples] / figures[keyPath: samples]).text(digits: 2)
        }
        return [
          figures.name, figures.finished.text(digits: 0), ratio(\.finished), figures.published.text(digits: 0),
          ratio(\.published), figures.cpu.text(digits: 1), ratio(\.cpu),
        ]
      }, runs: options.runs)
  }

  static func publish(
    _ place: Workplace, _ broker: Broker, frames: Int, devices: Int, in folder: String, more: [String] = []
  ) throws -> Measured {
    try place.run("publish", ["-p", "\(broker.port)", "-n", "\(frames)", "-d", "\(devices)"] + more, in: folder)
  }

  private static func plain(
    _ place: Workplace, _ name: String, _ arguments: [String], _ broker: Broker, _ frames: Int, in folder: String
  ) throws -> (load: Measured, subscriber: Measured) {
    let subscriber = try Child(place.program(name), ["\(broker.port)", "\(frames)"] + arguments, in: folder)
    try subscriber.wait("it was subscribed") { subscriber.output.contains("ready") }
    let load = try publish(place, broker, frames: frames, devices: devices, in: folder)
    return (load, try Workplace.decode(subscriber.finish()))
  }

  static func gateway(
    _ place: Workplace, _ broker: Broker, _ frames: Int, devices: Int, warmUp: Int = 0, in folder: String
  ) throws -> (load: Measured, subscriber: Measured) {
    let gateway = try GatewayRun(place, devices: devices, port: broker.port, in: folder)
    if warmUp > 0 {
      _ = try publish(place, broker, frames: warmUp, devices: devices, in: folder)
      _ = try gateway.wait(forReceived: warmUp)
      try gateway.waitUntilSettled()
    }
    let before = gateway.child.cpu
    let load = try publish(
      place, broker, frames: frames, devices: devices, in: folder, more: ["-q", "\(warmUp / devices + 1)"])
    let status = try gateway.wait(forReceived: warmUp + frames)
    let spent = gateway.child.cpu - before
    guard let running = status.gateway else { throw Failure("the gateway has ended: \(gateway.child.log)") }
    try gateway.stop()
    return (
      load,
      Measured(count: Double(frames), began: load.began, ended: Double(running.lastCommit) / 1000, cpu: spent)
    )
  }
}
