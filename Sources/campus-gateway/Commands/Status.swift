import ArgumentParser
import Operations
import ReadingLog

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counters, lag, devices heard, oldest unacknowledged message, cursors; exit 1 if no gateway runs or intake stands still, 3 if it runs and this user may not ask it.")

  @OptionGroup var common: CommonOptions
  @Flag(help: "Go on, with rates: each second anew on a terminal, otherwise a line a second.") var watch = false

  func validate() throws {
    if watch, common.json { throw ValidationError("--watch is for people: use status --json, or /events") }
  }

  func run() throws {
    let configuration = try common.load()
    let store = try LogStore.openReadOnly(configuration.store.path)
    if watch { return try StatusWatch(store, folder: configuration.dataFolder).run() }
    let now = try StatusSnapshot(store, folder: configuration.dataFolder)
    if common.json {
      try Console.printJSON(StatusReport(now.running, now.summary, now.outbox, now.campus, isRunning: now.isClosed))
    } else {
      for line in now.lines { Console.print(line) }
    }
    if now.isClosed {
      let socket = "\(configuration.dataFolder)/\(ControlSocket.name)"
      throw Refusal.cannotRun(ControlSocket.Closed(path: socket).description)
    }
    if now.running?.online != true { throw ExitCode(1) }
  }
}
