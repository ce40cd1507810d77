import Foundation
import ReadingLog
import Testing

extension EndToEnd {
  /// The vectors shared with the C library, or those of the file that `CAMPUS_VECTORS` names, each through a broker.
  @Suite(.serialized) struct VectorTests {
    private let vectors: Vectors

    init() throws {
      let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("firmware-protocol/vectors/device-v1.json").path
      let path = ProcessInfo.processInfo.environment["CAMPUS_VECTORS"] ?? shared
      vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func everyVectorEndsAsItSays() throws {
      let key = try #require(Hex.bytes(vectors.good[0].key))
      let deployment = try Deployment(firstKey: key)
      try deployment.start()
      let client = try deployment.client()
      var count = 0
      var last = try deployment.audit()
      func outcome(_ vector: Vectors.Message) throws -> String {
        #expect(vector.key == vectors.good[0].key && vector.topic == deployment.devices[0].topic("up"))
        try client.publish(vector.topic, try #require(Hex.bytes(vector.message)))
        try client.flush()
        count += 1
        try deployment.waitForMessages(count)
        let now = try deployment.audit()
        defer { last = now }
        #expect(now.balanced)
        let moved = [
          "stored": now.stored - last.stored, "duplicate": now.duplicate - last.duplicate,
          "quarantined": now.quarantined - last.quarantined, "rejected": now.rejected - last.rejected,
        ].filter { $0.value != 0 }
        return moved.count == 1 && moved.values.first == 1 ? moved.keys.first ?? "" : "\(moved)"
      }

      var seen: Set<ExportedLine.Frame> = []
      var expected: [(reading: [Vectors.Value], frame: ExportedLine.Frame, index: Int)] = []
      for vector in vectors.good {
        let frame = try #require(vector.frame)
        let identity = ExportedLine.Frame(
          device: deployment.devices[0].name, epoch: try frame[1].number, seq: try frame[2].number)
        let wanted = seen.contains(identity) ? "duplicate" : "stored"
        #expect(try outcome(vector) == wanted, "\(vector.name)")
        guard seen.insert(identity).inserted else { continue }
        for (index, reading) in try frame[5].array.enumerated() {
          expected.append((try reading.array, identity, index))
        }
      }
      for vector in vectors.bad { #expect(try outcome(vector) == vector.expect, "\(vector.name)") }

      let held: [HeldLine] = try deployment.command("quarantine", "list", "--json").expectGood().decoded()
      #expect(held.count == vectors.bad.count { $0.expect == "quarantined" })
      #expect(held.allSatisfy { $0.state == "held" && !$0.reason.isEmpty && !$0.explanation.isEmpty })
      let lines = try deployment.export()
      #expect(lines.count == expected.count)
      for (line, wanted) in zip(lines, expected) {
        #expect(line.frame == wanted.frame && line.index == wanted.index)
        try expect(line, is: wanted.reading)
      }
      print("\(vectors.good.count) good and \(vectors.bad.count) bad vectors")
    }

    /// Every field of an exported reading against the vector's; times only where no clock was corrected.
    private func expect(_ line: ExportedLine, is reading: [Vectors.Value]) throws {
      if line.timeQuality == "device" { #expect(line.eventTime == Int64(try reading[1].number)) }
      #expect(line.place == "room-1")
      switch try reading[0].number {
      case 1:
        #expect(line.kind == "checkin" && line.subject?.count == 32)
        let method = reading.count > 3 ? ["card", "nfc", "qr", "face", "pin"][try reading[3].number] : nil
        #expect(line.method == method)
      case 2:
        #expect(line.kind == "passage" && line.subject?.count == 32)
        #expect(try line.direction == ["in", "out", "unknown"][reading[3].number])
        #expect(try line.granted == reading[4].truth)
      case 3:
        #expect(line.kind == "response")
        #expect(try line.item == reading[2].number)
        #expect(try line.score == reading[3].number)
        #expect(try line.ballot == (reading.count > 4 ? reading[4].text : nil))
      case 4:
        #expect(line.kind == "status")
        let fields = try reading[2].members
        let status = ExportedLine.Status(
          batteryMv: try fields["1"]?.number, rssiDbm: try fields["2"]?.number,
          backlog: try fields["3"]?.number, temperatureDc: try fields["4"]?.number,
          dropped: try fields["6"]?.number, firmware: try fields["5"]?.text)
        #expect(line.status == status)
      default:
        #expect(line.kind == "incident")
        #expect(try line.category == reading[2].number)
        #expect(try line.text == (reading.count > 3 ? reading[3].text : nil))
      }
    }
  }
}

/// A file of vectors.
struct Vectors: Decodable {
  struct Message: Decodable {
    var name, topic, key, message: String
    var expect: String?
    var frame: [Value]?
  }
  struct WrongType: Error { var value: Value }

  enum Value: Decodable, Sendable {
    case number(Int)
    case text(String)
    case truth(Bool)
    case array([Value])
    case members([String: Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Bool.self) {
        self = .truth(value)
      } else if let value = try? container.decode(Int.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .text(value)
      } else if let value = try? container.decode([Value].self) {
        self = .array(value)
      } else {
        self = .members(try container.decode([String: Value].self))
      }
    }

    var number: Int {
      get throws {
        guard case .number(let value) = self else { throw WrongType(value: self) }
        return value
      }
    }
    var text: String {
      get throws {
        guard case .text(let value) = self else { throw WrongType(value: self) }
        return value
      }
    }
    var truth: Bool {
      get throws {
        guard case .truth(let value) = self else { throw WrongType(value: self) }
        return value
      }
    }
    var array: [Value] {
      get throws {
        guard case .array(let value) = self else { throw WrongType(value: self) }
        return value
      }
    }
    var members: [String: Value] {
      get throws {
        guard case .members(let value) = self else { throw WrongType(value: self) }
        return value
      }
    }
  }

  var good: [Message]
  var bad: [Message]
}
