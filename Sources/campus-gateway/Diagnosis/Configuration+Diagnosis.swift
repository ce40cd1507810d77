import Diagnosis
import Foundation

extension Configuration {
  /// The diagnosis core's own store, beside the readings'.
  var diagnosisStore: String { "\(dataFolder)/diagnosis.sqlite" }

  /// The key batches are signed with; nil: no secret is configured.
  func webhookKey() throws -> WebhookKey? {
    guard let file = diagnosis.secretFile else { return nil }
    let secret: String
    do {
      secret = try String(contentsOfFile: file, encoding: .utf8)
    } catch {
      throw Refusal.cannotRun("diagnosis.secret_file \(file) cannot be read: \(error.localizedDescription)")
    }
    do {
      return try WebhookKey(secret: secret)
    } catch {
      throw Refusal.cannotRun("diagnosis.secret_file \(file): \(error)")
    }
  }

  /// Whether the shipped standards are simply not there: a gateway that runs elsewhere then warns of nothing.
  var hasNoStandards: Bool {
    diagnosis.standards == Diagnosis().standards && !FileManager.default.fileExists(atPath: diagnosis.standards)
  }

  /// Reads the standards; every fault of the file, where there is one.
  func loadStandards() throws -> Standards {
    if hasNoStandards { return Standards() }
    let (standards, faults) = Standards.load(path: diagnosis.standards)
    guard let standards else { throw StandardsFaults(faults: faults) }
    return standards
  }
}

struct StandardsFaults: Error, CustomStringConvertible {
  var faults: [StandardsFault]

  var description: String {
    var lines = faults.map { Console.isChinese ? "\($0)\n    \($0.messageZh)" : $0.description }
    lines.append("\(faults.count) fault\(faults.count == 1 ? "" : "s") in the standards")
    return lines.joined(separator: "\n")
  }
}
