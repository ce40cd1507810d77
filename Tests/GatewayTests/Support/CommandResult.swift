import Foundation
import Testing

/// What a command said and how it ended.
struct CommandResult {
  struct Failed: Error { var what: String }

  var arguments: [String]
  var status: Int32
  var output: String
  var errors: String

  @discardableResult
  func expectGood() throws -> CommandResult {
    guard status == 0 else { throw Failed(what: "\(arguments) ended with \(status): \(output)\(errors)") }
    return self
  }

  func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    do {
      return try JSONDecoder.snakeCase().decode(type, from: Data(output.utf8))
    } catch {
      throw Failed(what: "\(arguments) printed no \(type): \(output)\(errors): \(error)")
    }
  }

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

extension JSONDecoder {
  static func snakeCase() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}

/// `audit --json`.
struct AuditNumbers: Decodable, Equatable {
  var received, stored, duplicate, quarantined, rejected: Int
  var balanced: Bool
  var rejections: [String: Int]
  var faults: [String]
}

/// One line of `export`; what only some kinds have is optional.
struct ExportedLine: Decodable {
  struct Frame: Hashable {
    var device: String
    var epoch: Int
    var seq: Int
  }
  struct Status: Decodable, Equatable {
    var batteryMv, rssiDbm, backlog, temperatureDc, dropped: Int?
    var firmware: String?
  }

  var site, device, kind, timeQuality: String
  var epoch, seq, index: Int
  var eventTime, receivedTime: Int64
  var place, subject, method, direction, ballot, text: String?
  var granted: Bool?
  var item, score, category: Int?
  var status: Status?

  var frame: Frame { Frame(device: device, epoch: epoch, seq: seq) }
}

/// `quarantine list --json`.
struct HeldLine: Decodable {
  var id: Int
  var topic, reason, explanation, state: String
  var reading: Int
  var epoch, seq: Int?
  var message: String?
}

/// `gaps --json`.
struct GapLine: Decodable {
  var device: String
  var epoch, from, to: Int
  var abandoned: Int64?
}

/// Each of `published` is among the exported frames exactly once, and nothing else is.
func expectExactlyOnce(
  _ published: [ExportedLine.Frame], _ lines: [ExportedLine], sourceLocation: SourceLocation = #_sourceLocation
) {
  var times: [ExportedLine.Frame: Int] = [:]
  for line in lines where line.index == 0 { times[line.frame, default: 0] += 1 }
  let twice = times.filter { $0.value > 1 }
  let wanted = Set(published)
  let lost = wanted.subtracting(times.keys)
  let invented = Set(times.keys).subtracting(wanted)
  #expect(twice.isEmpty, "stored twice: \(twice.prefix(5)) of \(twice.count)", sourceLocation: sourceLocation)
  #expect(lost.isEmpty, "lost: \(lost.prefix(5)) of \(lost.count)", sourceLocation: sourceLocation)
  #expect(invented.isEmpty, "never published: \(invented.prefix(5))", sourceLocation: sourceLocation)
}
