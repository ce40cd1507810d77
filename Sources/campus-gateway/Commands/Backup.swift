import ArgumentParser
import Diagnosis
import Foundation
import ReadingLog

struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write consistent copies of store and warnings while the gateway runs. The master key is not in them: keep it apart.",
    discussion: """
      FILE holds the readings. Where there is a diagnosis core's store in the data folder, its copy stands beside it, \
      with “diagnosis” before the extension: day.sqlite and day.diagnosis.sqlite.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The file to write; it must not exist.") var file: String

  private struct Report: Encodable {
    var bytes: Int64
    var diagnosis_file: String?
    var diagnosis_bytes: Int64?
  }

  func run() throws {
    let configuration = try common.load()
    guard !file.isEmpty, !file.hasSuffix("/") else { throw Refusal.usage("FILE is the name of a file, not “\(file)”") }
    let folder = (file as NSString).deletingLastPathComponent
    guard access(folder.isEmpty ? "." : folder, W_OK) == 0 else {
      throw Refusal.cannotRun("nothing can be written to \(folder.isEmpty ? "." : folder): \(String(cString: strerror(errno)))")
    }
    let store = try LogStore.openReadOnly(configuration.store.path)
    let hasCore = FileManager.default.fileExists(atPath: configuration.diagnosisStore)
    let second = hasCore ? Backup.diagnosisFile(beside: file) : nil
    for name in [file, second].compactMap({ $0 }) where FileManager.default.fileExists(atPath: name) {
      throw Refusal.cannotRun("\(name) exists: choose another name, or remove it")
    }
    // The core's copy is the later one: it may know more than the readings' copy has to tell it, never less.
    let copied = try copy(to: file, Wording("readings", "读数")) { try store.backup(to: $0, progress: $1) }
    var report = Report(bytes: copied)
    if let second {
      let core = try DiagnosisCore.openReadOnly(configuration.diagnosisStore)
      report.diagnosis_bytes = try copy(to: second, Wording("warnings", "预警")) { try core.backup(to: $0, progress: $1) }
      report.diagnosis_file = second
    }
    if common.json { return try Console.printJSON(report) }
    for (name, bytes) in [(file, report.bytes), (second ?? "", report.diagnosis_bytes ?? 0)] where !name.isEmpty {
      Console.print(Console.isChinese ? "已写入 wrote \(name)，\(bytes) 字节" : "wrote \(name), \(bytes) bytes")
    }
  }

  /// `day.sqlite` becomes `day.diagnosis.sqlite`.
  static func diagnosisFile(beside file: String) -> String {
    let path = file as NSString
    let base = path.deletingPathExtension
    return path.pathExtension.isEmpty ? "\(file).diagnosis" : "\(base).diagnosis.\(path.pathExtension)"
  }

  /// Gives the bytes written.
  private func copy(
    to file: String, _ label: Wording, _ write: (String, @escaping (Int, Int) -> Void) throws -> Void
  ) throws -> Int64 {
    // Written under another name, so that a file with the final name is always whole.
    let partial = file + ".partial"
    var bar = ProgressBar(label)
    do {
      try write(partial) { done, total in bar.update(Int64(done), of: Int64(total)) }
    } catch {
      unlink(partial)
      throw error
    }
    bar.finish()
    guard rename(partial, file) == 0 else {
      throw Refusal.cannotRun("cannot rename \(partial): \(String(cString: strerror(errno)))")
    }
    return (try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber)?.int64Value ?? 0
  }
}
