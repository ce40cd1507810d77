import ArgumentParser
import CPlatform
import Foundation

/// Takes the command line, gives the exit code: 0 good, 1 the thing failed, 2 usage, 3 cannot run.
@main
enum Main {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try CampusSimulator.parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      failure.tell()
      exit(failure.exitCode)
    } catch let code as ExitCode {
      exit(code.rawValue)
    } catch {
      let text = CampusSimulator.fullMessage(for: error)
      guard CampusSimulator.exitCode(for: error) == .success else {
        standardError(text)
        exit(2)
      }
      print(text)
    }
  }
}

/// The simulated campus.
struct CampusSimulator: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campus-simulator",
    abstract: "A campus of devices that publish over MQTT as the real ones do.",
    discussion: """
      Every simulated device runs the C library of firmware-protocol: its own outbox, key, clock and epoch.
      Exit codes: 0 good, 1 the thing failed, 2 usage, 3 cannot run.
      """,
    subcommands: [GenerateCommand.self, KeysCommand.self, RunCommand.self, ProveCommand.self])
}
