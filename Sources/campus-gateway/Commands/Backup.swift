import ArgumentParser
import Foundation
import ReadingLog

struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a consistent copy of the store while the gateway runs. The master key is not in it: keep it apart.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The file to write; it must not exist.") var file: String

  func run() throws {
    let store = try common.openStore()
    guard !FileManager.default.fileExists(atPath: file) else {
      throw Refusal.cannotRun("\(file) exists: choose another name, or remove it")
    }
    let shows = isatty(2) == 1 && !common.json
    // Written under another name, so that a file with the final name is always whole.
    let partial = file + ".partial"
    do {
      try store.backup(to: partial) { done, total in
        if shows, total > 0 { Console.write("\r\(done * 100 / total) %", to: 2) }
      }
    } catch {
      unlink(partial)
      throw error
    }
    if shows { Console.error("") }
    guard rename(partial, file) == 0 else {
      throw Refusal.cannotRun("cannot rename \(partial): \(String(cString: strerror(errno)))")
    }
    let bytes = (try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber)?.int64Value ?? 0
    if common.json { try Console.printJSON(["bytes": bytes]) } else { Console.print("wrote \(file), \(bytes) bytes") }
  }
}
