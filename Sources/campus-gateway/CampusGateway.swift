import ArgumentParser
import CPlatform
import Foundation

/// The ingestion gateway of a campus network: takes readings over MQTT, acknowledges what is durable, and accounts
/// for every message.
struct CampusGateway: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campus-gateway",
    abstract: "Takes readings of campus devices over MQTT; acknowledged means durable, every message is accounted for.",
    discussion: """
      Exit status: 0 good, 1 the thing asked about is not good, 2 wrong usage, 3 cannot run.
      """,
    subcommands: [
      Run.self, Check.self, Status.self, AuditCommand.self, Export.self, Devices.self, Keys.self,
      Quarantine.self, Rejections.self, Gaps.self, Aggregates.self, OutboxCommand.self, Warnings.self, Rankings.self,
      DiagnosisCommand.self, Backup.self, Doctor.self,
    ])
}

@main
enum Main {
  static func main() async {
    // A reader that goes away (export | head) ends the command quietly.
    signal(SIGPIPE, SIG_IGN)
    platform_bound_memory()
    // Store and backups hold personal data: nobody but owner and group reads them.
    umask(0o027)
    do {
      var command = try CampusGateway.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let refusal as Refusal {
      Console.error(refusal.description)
      exit(refusal.status)
    } catch let code as ExitCode {
      exit(code.rawValue)
    } catch {
      let code = CampusGateway.exitCode(for: error)
      if code == .success || code == .validationFailure {
        let text = CampusGateway.fullMessage(for: error)
        if code == .success { Console.print(text) } else { Console.error(text) }
        exit(code == .success ? 0 : 2)
      }
      Console.error("\(error)")
      exit(3)
    }
  }
}

/// Why a command ends early: what it says, and the exit status.
struct Refusal: Error, CustomStringConvertible {
  var description: String
  var status: Int32

  static func cannotRun(_ text: String) -> Refusal { Refusal(description: text, status: 3) }
  static func notGood(_ text: String) -> Refusal { Refusal(description: text, status: 1) }
  static func usage(_ text: String) -> Refusal { Refusal(description: text, status: 2) }
}
